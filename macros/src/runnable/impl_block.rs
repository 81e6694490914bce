//! `#[runnable]` on an `impl Runnable<In> for T` block: missing items are filled in.

use super::{options::Options, signature::mentions};
use crate::{
    drawing::{self, Page},
    shared::{
        diagnostics::Diagnostics,
        step_methods::{self, Work},
    },
};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    FnArg, GenericArgument, GenericParam, Generics, ImplItem, ItemImpl, PathArguments, Type, WherePredicate,
    spanned::Spanned,
};

pub(crate) fn expand(options: &Options, mut block: ItemImpl, diagnostics: &Diagnostics) -> TokenStream {
    let Some(input) = input(&block) else {
        let span = block.trait_.as_ref().map_or_else(|| block.self_ty.span(), |(path, _)| path.span());
        diagnostics.error(span, "`#[runnable]` goes on an `impl Runnable<In> for Type` block");
        return block.into_token_stream();
    };
    let title = name(&block.self_ty);
    let mut docs = std::mem::take(&mut block.attrs);
    Page::in_rustdoc(&format!("{title}-{}", quote!(#input)), &mut docs, || {
        drawing::of_impl(options.name.as_deref().unwrap_or(&title), &block)
    });
    block.attrs = docs;
    let has = |name: &str| has_in(&block, name);
    if !has("call") && !has("call_ref") {
        let message = "write `call` (or `call_ref`, for a step that only looks at its input)";
        diagnostics.error(block.self_ty.span(), message);
    }
    if !has("Output") {
        diagnostics.error(block.self_ty.span(), "write the `type Output` of the step");
    }
    let (no_output, no_call) = (!has("Output"), !has("call") && !has("call_ref"));
    let stream = ["Chunk", "Assembler", "assembler", "call_stream"];
    let missing: Vec<String> = stream.iter().filter(|name| !has(name)).map(|name| format!("`{name}`")).collect();
    let whole = missing.len() == stream.len();
    if !whole && !missing.is_empty() {
        let message = format!("a step that streams writes all of its stream: {} is missing", missing.join(", "));
        diagnostics.error(block.self_ty.span(), message);
    }
    observe(&mut block);
    let transform = has_in(&block, "transform");
    let only_call_ref = !has_in(&block, "call") && has_in(&block, "call_ref");
    if no_output {
        block.items.push(syn::parse_quote!(
            type Output = ();
        ));
    }
    if no_call {
        block.items.push(syn::parse_quote! {
            async fn call<'__a>(
                &'__a self,
                _: #input,
                _: &'__a ::catena::__private::Context,
            ) -> ::catena::__private::Result<Self::Output> {
                ::core::unreachable!()
            }
        });
    }
    if only_call_ref {
        block.items.push(syn::parse_quote! {
            async fn call<'__a>(
                &'__a self,
                __input: #input,
                __cx: &'__a ::catena::__private::Context,
            ) -> ::catena::__private::Result<Self::Output> {
                ::catena::__private::Runnable::call_ref(self, &__input, __cx).await
            }
        });
    }
    if has_in(&block, "call_ref") && !has_in(&block, "start_ref") {
        block.items.push(ImplItem::Verbatim(lent(&quote!(#input), !block.generics.params.is_empty())));
    }
    if whole {
        let (once, transformed) = (whole_once(&quote!(#input)), whole_transform(&quote!(#input)));
        block.items.push(ImplItem::Verbatim(once));
        if !transform {
            block.items.push(ImplItem::Verbatim(transformed));
        }
    }
    outlive(&mut block, &input);
    share(&mut block);
    let generics = of_type(&block);
    let (params, _, bounds) = generics.split_for_impl();
    let ty = &block.self_ty;
    let takes = if transform { "Pieces" } else { "Whole" };
    let gives = if whole { "Whole" } else { "Pieces" };
    let node = options.streaming_node(&name(ty), "Function", takes, gives);
    quote! {
        #block
        #[automatically_derived]
        impl #params ::catena::__private::Step for #ty #bounds {
            const NODE: ::catena::__private::Node = #node;
        }
    }
}

fn has_in(block: &ItemImpl, name: &str) -> bool {
    block.items.iter().any(|item| match item {
        ImplItem::Fn(function) => function.sig.ident == name,
        ImplItem::Type(ty) => ty.ident == name,
        _ => false,
    })
}

/// Puts the bodies of `call` and `call_ref` into the run of the step, if they are written as `async fn`.
fn observe(block: &mut ItemImpl) {
    for item in &mut block.items {
        let ImplItem::Fn(function) = item else { continue };
        let by_ref = function.sig.ident == "call_ref";
        if function.sig.asyncness.is_none() || !(by_ref || function.sig.ident == "call") {
            continue;
        }
        // Only the body sees the patterns of the user.
        let mut patterns = Vec::new();
        for (argument, name) in function.sig.inputs.iter_mut().skip(1).zip(["__input", "__cx"]) {
            if let FnArg::Typed(argument) = argument {
                let name = Ident::new(name, Span::mixed_site());
                let pattern = std::mem::replace(&mut *argument.pat, syn::parse_quote!(#name));
                patterns.push((pattern, name));
            }
        }
        let [(input, given), (cx, context)] = &patterns[..] else { continue };
        let looked_at = if by_ref { quote!(#given) } else { quote!(&#given) };
        let work = &function.block.stmts;
        let work = quote! {
            let (#input, #cx) = (#given, #context);
            #(#work)*
        };
        let body = step_methods::run(&looked_at, &quote!(#context), &work);
        function.block = syn::parse_quote!({ #body });
    }
}

/// Generates `start_ref` of a step that has `call_ref`.
fn lent(input: &TokenStream, parameters: bool) -> TokenStream {
    let by_ref = quote!(::catena::__private::Runnable::call_ref(self, __input, __cx));
    step_methods::started_ref(input, parameters, &Work::Future(TokenStream::new(), by_ref, Span::call_site()))
}

/// Returns the generics of the type itself. A `Step` has none of the input alone.
fn of_type(block: &ItemImpl) -> Generics {
    let mut generics = block.generics.clone();
    let foreign: Vec<Ident> = generics
        .type_params()
        .map(|param| param.ident.clone())
        .filter(|ident| !mentions(&block.self_ty, ident))
        .collect();
    let is_foreign = |tokens: &dyn ToTokens| {
        let tokens = tokens.to_token_stream();
        foreign.iter().any(|ident| syn::parse2::<Type>(quote!((#tokens))).is_ok_and(|ty| mentions(&ty, ident)))
    };
    generics.params = generics
        .params
        .into_iter()
        .filter(|param| !matches!(param, GenericParam::Type(ty) if foreign.contains(&ty.ident)))
        .collect();
    if let Some(clause) = &mut generics.where_clause {
        clause.predicates = std::mem::take(&mut clause.predicates)
            .into_iter()
            .filter(|predicate| !matches!(predicate, WherePredicate::Type(ty) if is_foreign(&ty.bounded_ty)))
            .collect();
    }
    generics
}

/// Adds the bound on the input that the stream methods of the trait have. A hand-written method need not repeat it.
fn outlive(block: &mut ItemImpl, input: &Type) {
    for item in &mut block.items {
        let ImplItem::Fn(function) = item else { continue };
        if function.sig.ident != "call_stream" && function.sig.ident != "transform" {
            continue;
        }
        let Some(lifetime) = function.sig.generics.lifetimes().next().map(|param| param.lifetime.clone()) else {
            continue;
        };
        function.sig.generics.make_where_clause().predicates.push(syn::parse_quote!(#input: #lifetime));
    }
}

/// Adds the bounds that a step has, if its type is known. One that does not have them is then an error at the type, and not
/// once more for each method and trait that needs them.
fn share(block: &mut ItemImpl) {
    let ty = &block.self_ty;
    // A bound cannot say a lifetime that is left out.
    let borrows = ty.to_token_stream().to_string().contains(['&', '\'']);
    if block.generics.params.is_empty() && !borrows {
        let bound = quote_spanned!(ty.span()=> #ty: ::core::marker::Send + ::core::marker::Sync);
        block.generics.make_where_clause().predicates.push(syn::parse_quote!(#bound));
    }
}

/// Returns the `In` of `Runnable<In>`.
fn input(block: &ItemImpl) -> Option<Type> {
    let (path, _) = block.trait_.as_ref()?;
    let last = path.segments.last().filter(|last| last.ident == "Runnable")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    })
}

/// Returns the name of a type.
fn name(ty: &Type) -> String {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default(),
        Type::Reference(reference) => name(&reference.elem),
        Type::Paren(paren) => name(&paren.elem),
        Type::Group(group) => name(&group.elem),
        _ => String::new(),
    }
}

/// Generates the stream methods of a step with a buffered output.
pub(crate) fn whole_stream(input: &TokenStream) -> TokenStream {
    let (once, transform) = (whole_once(input), whole_transform(input));
    quote!(#once #transform)
}

fn whole_once(input: &TokenStream) -> TokenStream {
    quote! {
        type Chunk = Self::Output;
        type Assembler = ::catena::__private::Whole<Self::Output>;
        #[inline]
        fn assembler(&self) -> Self::Assembler {
            ::core::default::Default::default()
        }
        #[inline]
        fn call_stream<'__a>(
            &'__a self,
            __input: #input,
            __cx: &'__a ::catena::__private::Context,
        ) -> ::catena::__private::Chunks<'__a, Self::Chunk>
        where
            #input: '__a,
        {
            ::catena::__private::stream_whole(self, __input, __cx)
        }
    }
}

fn whole_transform(input: &TokenStream) -> TokenStream {
    quote! {
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
            ::catena::__private::transform_whole::<#input, _, _, _>(self, __chunks, __assembler, __cx)
        }
    }
}
