//! `#[runnable]` on a function that returns a stream, made of a stream or of a buffered input.

use super::{
    options::Options,
    output, shadowing,
    signature::{is_context, ungrouped},
};
use crate::shared::{
    attributes::Attributes,
    diagnostics::Diagnostics,
    respan::respan,
    step_methods::{self, Work},
};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{FnArg, GenericArgument, ItemFn, PathArguments, ReturnType, Type, TypeParamBound, spanned::Spanned};

/// The items of a stream.
struct Items {
    /// The type of a successful item.
    ty: TokenStream,
    fallible: bool,
    /// Whether the stream has bounds besides `Send`.
    particular: bool,
    span: Span,
}

/// The input of a function.
enum Source {
    /// The chunks of the step before.
    Pieces(Items),
    /// A buffered value of this type.
    Whole(TokenStream),
}

/// Returns whether a function takes or returns a stream.
pub(crate) fn is(function: &ItemFn) -> bool {
    let gives = match &function.sig.output {
        ReturnType::Type(_, ty) => is_stream(ty),
        ReturnType::Default => false,
    };
    gives || inputs(function).any(|(_, ty)| is_stream(ty))
}

/// Returns the parameters except the context.
fn inputs(function: &ItemFn) -> impl Iterator<Item = (&syn::Pat, &Type)> {
    function.sig.inputs.iter().filter_map(|arg| match arg {
        FnArg::Typed(arg) if !is_context(&arg.ty) => Some((&*arg.pat, &*arg.ty)),
        _ => None,
    })
}

fn is_stream(ty: &Type) -> bool {
    bound(ty).is_some()
}

/// Returns the `Stream<..>` in `impl Stream<..> + Send`.
fn bound(ty: &Type) -> Option<&syn::PathSegment> {
    let Type::ImplTrait(bounds) = ungrouped(ty) else { return None };
    bounds.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().filter(|last| last.ident == "Stream"),
        _ => None,
    })
}

fn items(stream_type: &Type, diagnostics: &Diagnostics) -> Option<Items> {
    let stream = bound(stream_type)?;
    let item = match &stream.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(ty) if ty.ident == "Item" => Some(&ty.ty),
            _ => None,
        }),
        _ => None,
    };
    let Some(item) = item else {
        diagnostics
            .error(stream_type.span(), "say what the stream is made of: `impl Stream<Item = catena::Result<String>>`");
        return None;
    };
    let item = ungrouped(item);
    let result = output::result(item);
    let fallible = result.is_some();
    let ty = result.unwrap_or_else(|| output::closed(item));
    Some(Items { ty, fallible, particular: is_particular(stream_type), span: item.span() })
}

/// Returns whether a stream has bounds besides `Send`, such as `Unpin`.
fn is_particular(ty: &Type) -> bool {
    let Type::ImplTrait(bounds) = ungrouped(ty) else { return true };
    bounds.bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            !bound.path.segments.last().is_some_and(|last| last.ident == "Stream" || last.ident == "Send")
        }
        _ => true,
    })
}

impl Source {
    /// Returns the type of the input, and the streams made of an input and of the chunks of the step before.
    fn streams(&self, given: &Items, call: &TokenStream) -> [TokenStream; 3] {
        let generate = if given.fallible { quote!(generate) } else { quote!(generate_sound) };
        let generate = quote!(::catena::__private::#generate(move || #call));
        match self {
            Source::Pieces(items) => {
                let i = &items.ty;
                let read = quote!(::catena::__private::items::<#i, __Up, _>(__chunks, __assembler));
                let read = if items.particular { quote!(::catena::__private::Chunks::new(#read)) } else { read };
                [
                    quote_spanned!(items.span=> ::catena::__private::Gathered<#i>),
                    quote!(let __input = ::catena::__private::items_of::<#i>(__input); #generate),
                    quote!(let __input = #read; #generate),
                ]
            }
            Source::Whole(input) => {
                let then = if given.fallible { quote!(generate_after) } else { quote!(generate_sound_after) };
                [
                    input.clone(),
                    quote!(let __input = __input; #generate),
                    quote!(::catena::__private::#then(::catena::__private::assembled(__chunks, __assembler), move |__input| #call)),
                ]
            }
        }
    }
}

/// Reads the input and the output. Returns `None` if there are errors.
fn read(function: &ItemFn, diagnostics: &Diagnostics) -> Option<(Source, Items)> {
    if let Some(param) = function.sig.generics.type_params().next() {
        diagnostics.error(param.ident.span(), "a step that gives a stream is for one type of items: name it");
    }
    if let Some(asyncness) = &function.sig.asyncness {
        let message = "a function that gives a stream is not async: what it awaits belongs into the stream";
        diagnostics.error(asyncness.span(), message);
    }
    if let Some(receiver) = function.sig.receiver() {
        diagnostics.error(receiver.span(), "`#[runnable]` does not go on methods: put it on a free function");
    }
    let given = match &function.sig.output {
        ReturnType::Type(_, ty) if is_stream(ty) => items(ty, diagnostics),
        _ => {
            let message = "a step that takes a stream gives one, `-> impl Stream<Item = catena::Result<String>>`; for a \
                           single value take the whole, `text: String`";
            diagnostics.error(function.sig.ident.span(), message);
            None
        }
    };
    let mut inputs = inputs(function);
    let input = inputs.next().map(|(_, ty)| ty.clone());
    if let Some((pat, _)) = inputs.next() {
        diagnostics.error(pat.span(), "a step that gives a stream takes one input, and maybe the `&Context`");
    }
    let Some(input) = input else {
        let message = "a step takes an input: give the function a parameter (`_: ()` where there is nothing to take)";
        diagnostics.error(function.sig.paren_token.span.join(), message);
        return None;
    };
    drop(inputs);
    let source = if is_stream(&input) {
        let taken = items(&input, diagnostics)?;
        if !taken.fallible {
            let message =
                "what goes wrong before this step comes through the stream: its items are `catena::Result<..>`";
            diagnostics.error(taken.span, message);
        }
        Source::Pieces(taken)
    } else {
        if let Type::Reference(reference) = ungrouped(&input) {
            let message = "the stream outlives the call, and so owns what it is made from: take the input by value";
            diagnostics.error(reference.and_token.span, message);
        }
        Source::Whole(output::closed(&input))
    };
    Some((source, given?)).filter(|_| diagnostics.is_empty())
}

pub(crate) fn expand(options: &Options, mut function: ItemFn, diagnostics: &Diagnostics) -> Option<TokenStream> {
    let (source, given) = read(&function, diagnostics)?;
    let Attributes { cfg, mut docs, others: attributes } = Attributes::take(&mut function);
    super::docs::streaming(&mut docs, matches!(source, Source::Pieces(_)), true);
    let name = function.sig.ident.clone();
    let vis = function.vis.clone();
    let inner_vis = if matches!(vis, syn::Visibility::Inherited) { quote!(pub(self)) } else { quote!(#vis) };
    let title = name.to_string();
    let takes = if matches!(source, Source::Pieces(_)) { "Pieces" } else { "Whole" };
    let node = options.streaming_node(&title, "Generator", takes, "Pieces");
    let doc = format!("The function behind the step `{name}`, to be called directly.");
    let hiding = shadowing::hiding(&function);
    let arguments = function.sig.inputs.iter().map(|arg| match arg {
        FnArg::Typed(arg) if is_context(&arg.ty) => quote!(__cx),
        _ => quote!(__input),
    });
    let call = quote!(#name::function(#(#arguments),*));
    function.sig.ident = format_ident!("function", span = name.span());
    let (sig, block) = (&function.sig, &function.block);
    let o = &given.ty;
    let assembler = quote!(<#o as ::catena::__private::Gather>::Assembler);
    let [input, from_input, from_chunks] = source.streams(&given, &call);
    let streams = streams(&input, &from_input, &from_chunks);
    let called = quote! {
        ::catena::__private::assembled(
            { #from_input },
            ::catena::__private::Runnable::<#input>::assembler(self),
        )
        .await
    };
    let started = step_methods::start(
        &input,
        &Work::Waits(quote!({
            let (__input, __cx) = (__input, __cx);
            #called
        })),
    );
    let observed =
        step_methods::methods(&[&quote!(Self::Output)], &input, &step_methods::json(&input, &quote!(__input)));
    let runnable = quote! {
        #[automatically_derived]
        impl ::catena::__private::Runnable<#input> for #name
        where
            #o: ::catena::__private::Gather,
        {
            type Output = <Self::Assembler as ::catena::__private::Assemble>::Output;
            type Chunk = #o;
            type Assembler = #assembler;
            #[inline]
            fn assembler(&self) -> Self::Assembler {
                #[allow(unused_imports)]
                use ::catena::__private::probe::*;
                let __copier = (&::catena::__private::Probe::<#o>::new()).__copier();
                ::catena::__private::Assemble::copying(<#o as ::catena::__private::Gather>::assembler(), __copier)
            }
            #observed
            #started
            #streams
        }
    };
    // All at the type of the item, so that an error in it is reported once.
    let runnable = respan(runnable, given.span);
    Some(quote! {
        #(#cfg)*
        #(#docs)*
        #[allow(deprecated, non_camel_case_types)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #name;
        #(#cfg)*
        const _: () = {
            #hiding
            // A stream owns what it is made of: by value is how the function has to take it.
            #[allow(dead_code, deprecated, clippy::needless_pass_by_value)]
            impl #name {
                #[doc = #doc]
                #(#attributes)*
                #inner_vis #sig #block
            }
        };
        #(#cfg)*
        #[allow(deprecated, non_camel_case_types, missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
        const _: () = {
            #[automatically_derived]
            impl ::catena::__private::Step for #name {
                const NODE: ::catena::__private::Node = #node;
            }
            #runnable
        };
    })
}

/// Generates the stream methods of the step, in its run if there are observers.
fn streams(input: &TokenStream, from_input: &TokenStream, from_chunks: &TokenStream) -> TokenStream {
    quote! {
        #[inline]
        fn call_stream<'__a>(
            &'__a self,
            __input: #input,
            __cx: &'__a ::catena::__private::Context,
        ) -> ::catena::__private::Chunks<'__a, Self::Chunk>
        where
            #input: '__a,
        {
            if __cx.is_observed() {
                return ::catena::__private::Chunks::generate(async move |__out| {
                    let __run = ::catena::__private::Running::begin(self, &__input, __cx);
                    #[allow(unused_variables)]
                    let __cx = ::catena::__private::Running::context(&__run, __cx);
                    let __chunks = ::catena::__private::Piped::chunks({ #from_input });
                    ::catena::__private::Running::forward(&__run, __chunks, ::catena::__private::Runnable::<#input>::assembler(self), &__out).await
                });
            }
            ::catena::__private::Piped::chunks(::catena::__private::Runnable::stream_unobserved(self, __input, __cx))
        }
        #[inline]
        #[allow(unused_variables)]
        fn stream_unobserved<'__a>(
            &'__a self,
            __input: #input,
            __cx: &'__a ::catena::__private::Context,
        ) -> impl ::catena::__private::Piped<'__a, Self::Chunk>
        where
            #input: '__a,
        {
            #from_input
        }
        fn transform<'__a, __Up>(
            &'__a self,
            __chunks: ::catena::__private::Chunks<'__a, __Up::Chunk>,
            __assembler: __Up,
            __cx: &'__a ::catena::__private::Context,
        ) -> ::catena::__private::Chunks<'__a, Self::Chunk>
        where
            __Up: ::catena::__private::Assemble<Output = #input>,
            #input: '__a,
        {
            if __cx.is_observed() {
                return ::catena::__private::Chunks::generate(async move |__out| {
                    // The run begins with the first chunk, not before the step that produces it.
                    let __chunks = __chunks.begun().await;
                    let __run = ::catena::__private::Running::begin_stream::<#input, Self>(self, __cx);
                    #[allow(unused_variables)]
                    let __cx = ::catena::__private::Running::context(&__run, __cx);
                    let __chunks = ::catena::__private::Piped::chunks({ #from_chunks });
                    ::catena::__private::Running::forward(&__run, __chunks, ::catena::__private::Runnable::<#input>::assembler(self), &__out).await
                });
            }
            ::catena::__private::Piped::chunks(
                ::catena::__private::Runnable::<#input>::transform_unobserved(self, __chunks, __assembler, __cx)
            )
        }
        #[inline]
        #[allow(unused_variables)]
        fn transform_unobserved<'__a, __Up>(
            &'__a self,
            __chunks: impl ::catena::__private::Piped<'__a, __Up::Chunk>,
            __assembler: __Up,
            __cx: &'__a ::catena::__private::Context,
        ) -> impl ::catena::__private::Piped<'__a, Self::Chunk>
        where
            __Up: ::catena::__private::Assemble<Output = #input>,
            #input: '__a,
        {
            #from_chunks
        }
    }
}
