//! `#[runnable]` on a function: a unit struct with its name is the step, and holds the function.

use super::{
    needs,
    options::Options,
    output::{self, Output},
    shadowing,
    signature::Signature,
};
use crate::shared::{
    attributes::Attributes,
    diagnostics::Diagnostics,
    plain_function,
    respan::respan,
    step_methods::{self, Work},
};
use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Generics, ItemFn, WherePredicate, parse_quote, parse_quote_spanned};

pub(crate) fn expand(options: &Options, function: ItemFn, diagnostics: &Diagnostics) -> Option<TokenStream> {
    plain_function::check("a step", &function.sig, diagnostics);
    plain_function::check_blocking(options.blocking, &function.sig, diagnostics);
    let signature = Signature::of(&function, diagnostics)?;
    if let Some(borrow) = output::borrow(&function.sig.output) {
        let message = "a step returns an owned value of a type with a name: its input is gone by then, and the step after it has to know \
                       the type";
        diagnostics.error(borrow, message);
    }
    Some(Step::new(options, function, signature, diagnostics.is_empty()).expand())
}

struct Step<'__a> {
    options: &'__a Options,
    function: ItemFn,
    signature: Signature,
    name: Ident,
    attributes: Attributes,
    /// Whether the function has no errors. Otherwise the step has the same types and never runs.
    sound: bool,
}

impl<'__a> Step<'__a> {
    fn new(options: &'__a Options, mut function: ItemFn, signature: Signature, sound: bool) -> Self {
        let mut attributes = Attributes::take(&mut function);
        super::docs::streaming(&mut attributes.docs, false, false);
        let name = function.sig.ident.clone();
        Step { options, function, signature, name, attributes, sound }
    }

    fn expand(&self) -> TokenStream {
        let Attributes { cfg, docs, .. } = &self.attributes;
        let (name, vis) = (&self.name, &self.function.vis);
        let title = name.to_string();
        let node = self.options.node(&title);
        let struct_ = self.struct_();
        let function = self.inner_function();
        let (params, arguments) = self.named();
        let ty = quote!(#name #arguments);
        // A single parameter is the input itself; several are fields of it.
        let needs = if self.signature.params.len() > 1 {
            needs::needs(self.options.name.as_deref().unwrap_or(&title), name.span(), &self.signature)
        } else {
            Vec::new()
        };
        let definitions = needs.iter().map(|need| &need.definition);
        let bounds: Vec<WherePredicate> = needs.iter().map(|need| need.bound.clone()).collect();
        let bare = quote!(__Bare #arguments);
        let (node, runnable) = match self.options.wrapped(&bare, &self.bare_value()) {
            None => (node, self.runnable(&ty, &bounds)),
            // With `retry` or `timeout` the step delegates to a bare step inside the wrappers.
            Some(wrapped) => {
                let bare_struct = self.bare_struct();
                let bare_runnable = self.runnable(&bare, &bounds);
                let forward = self.forward(&ty, &wrapped.ty, &wrapped.value);
                let runnable = quote! {
                    #bare_struct
                    impl #params ::catena::__private::Step for #bare {
                        const NODE: ::catena::__private::Node = #node;
                    }
                    #bare_runnable
                    #forward
                };
                (wrapped.node, runnable)
            }
        };
        quote! {
            #(#cfg)*
            #(#docs)*
            #struct_
            #(#cfg)*
            #function
            #(#cfg)*
            #[allow(deprecated, non_camel_case_types, missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
            const _: () = {
                #(#definitions)*
                #[automatically_derived]
                impl #params ::catena::__private::Step for #ty {
                    const NODE: ::catena::__private::Node = #node;
                }
                #runnable
            };
        }
        .into_iter()
        .chain(self.constructor(vis))
        .collect()
    }

    /// Returns the type parameters that the caller names, as parameters and as arguments of the struct.
    fn named(&self) -> (TokenStream, TokenStream) {
        let named = &self.signature.named;
        if named.is_empty() {
            return (TokenStream::new(), TokenStream::new());
        }
        let bounds = named.iter().map(|_| quote!(::core::marker::Send + ::core::marker::Sync + 'static));
        (quote!(<#(#named: #bounds),*>), quote!(<#(#named),*>))
    }

    fn struct_(&self) -> TokenStream {
        let (name, vis, named) = (&self.name, &self.function.vis, &self.signature.named);
        if named.is_empty() {
            // At the name, where the compiler reports a mismatch.
            let struct_ = quote_spanned!(name.span()=> struct #name;);
            return quote! {
                // A struct may stand wherever the function may.
                #[allow(deprecated, non_camel_case_types, clippy::items_after_statements)]
                #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
                #vis #struct_
            };
        }
        let cfg = &self.attributes.cfg;
        quote! {
            #[allow(deprecated, non_camel_case_types)]
            #vis struct #name<#(#named),*> {
                __types: ::core::marker::PhantomData<fn() -> (#(#named,)*)>,
            }
            #(#cfg)*
            impl<#(#named),*> ::core::clone::Clone for #name<#(#named),*> {
                fn clone(&self) -> Self {
                    *self
                }
            }
            #(#cfg)*
            impl<#(#named),*> ::core::marker::Copy for #name<#(#named),*> {}
        }
    }

    fn bare_value(&self) -> TokenStream {
        if self.signature.named.is_empty() {
            quote!(__Bare)
        } else {
            quote!(__Bare { __types: ::core::marker::PhantomData })
        }
    }

    fn bare_struct(&self) -> TokenStream {
        let named = &self.signature.named;
        if named.is_empty() {
            quote!(
                pub struct __Bare;
            )
        } else {
            quote!(pub struct __Bare<#(#named),*> { __types: ::core::marker::PhantomData<fn() -> (#(#named,)*)> })
        }
    }

    /// Generates `parse::<Answer>()`, for functions with type parameters that no input mentions.
    fn constructor(&self, vis: &syn::Visibility) -> TokenStream {
        let (name, named, cfg) = (&self.name, &self.signature.named, &self.attributes.cfg);
        if named.is_empty() {
            return TokenStream::new();
        }
        let doc = format!("The step `{name}`, for these types.");
        quote! {
            #(#cfg)*
            #[doc = #doc]
            #vis const fn #name<#(#named),*>() -> #name<#(#named),*> {
                #name { __types: ::core::marker::PhantomData }
            }
        }
    }

    /// Generates the function as it was written, as an associated function of the step.
    fn inner_function(&self) -> TokenStream {
        let (name, attributes) = (&self.name, &self.attributes.others);
        let mut function = self.function.clone();
        function.sig.ident = format_ident!("function", span = name.span());
        let vis = &function.vis;
        let inner_vis = if matches!(vis, syn::Visibility::Inherited) { quote!(pub(self)) } else { quote!(#vis) };
        let (sig, block) = (&function.sig, &function.block);
        let doc = format!("The function behind the step `{name}`, to be called directly.");
        let hiding = shadowing::hiding(&self.function);
        let units = self.signature.named.iter().map(|_| quote!(()));
        let arguments = (!self.signature.named.is_empty()).then(|| quote!(<#(#units),*>));
        quote! {
            const _: () = {
                #hiding
                #[allow(dead_code, deprecated)]
                impl #name #arguments {
                    #[doc = #doc]
                    #(#attributes)*
                    #inner_vis #sig #block
                }
            };
        }
    }

    /// Calls the function with these arguments, as a `catena::Result`. The statements `before` come first.
    fn call(&self, before: &TokenStream, arguments: &TokenStream) -> Work {
        if !self.sound {
            return Work::Waits(quote!(::core::unreachable!()));
        }
        let output = Output::of(&self.function.sig.output);
        let call = self.plain_call(arguments);
        if self.function.sig.asyncness.is_none() {
            let outcome = output.wrap(&call);
            return Work::Immediate(quote!(#before #outcome));
        }
        // At the name of the function, where the method promises a future that is `Send`.
        let outcome = output.wrap(&quote!(__outcome));
        let future = quote!(::catena::__private::mapped(#call, |__outcome| #outcome));
        Work::Future(before.clone(), future, self.name.span())
    }

    /// Like [`call`](Self::call), for a function that borrows values inside the call.
    fn call_within(&self, before: &TokenStream, arguments: &TokenStream) -> Work {
        let (true, Some(_)) = (self.sound, &self.function.sig.asyncness) else { return self.call(before, arguments) };
        let (name, call) = (&self.name, self.plain_call(arguments));
        let awaited = quote_spanned!(name.span()=> ::catena::__private::sent(#call).await);
        let outcome = Output::of(&self.function.sig.output).wrap(&awaited);
        Work::Waits(quote!(#before #outcome))
    }

    fn plain_call(&self, arguments: &TokenStream) -> TokenStream {
        let (name, turbofish) = (&self.name, self.turbofish());
        let call = respan(quote!(#name::function #turbofish), name.span());
        quote_spanned!(name.span()=> #call(#arguments))
    }

    /// Returns the type arguments of the inner function, if its arguments do not determine them.
    fn turbofish(&self) -> TokenStream {
        let written: Vec<_> = self.function.sig.generics.type_params().map(|param| &param.ident).collect();
        if self.signature.named.is_empty() {
            return TokenStream::new();
        }
        let arguments =
            written.iter().map(|ident| if self.signature.named.contains(ident) { quote!(#ident) } else { quote!(_) });
        quote!(::<#(#arguments),*>)
    }

    fn runnable(&self, ty: &TokenStream, needs: &[WherePredicate]) -> TokenStream {
        let output = if self.sound { Output::of(&self.function.sig.output).ty } else { self.output_of_unsound() };
        let signature = &self.signature;
        let single = signature.params.len() == 1;
        let mut generics = signature.generics.clone();
        let input = if single {
            let ty = &signature.params[0].ty;
            quote!(#ty)
        } else {
            let at = self.name.span();
            generics
                .params
                .push(parse_quote_spanned!(at=> __Record: ::core::marker::Send + ::catena::__private::Record));
            generics.make_where_clause().predicates.extend(needs.iter().cloned());
            if generics.type_params().count() > 1 {
                // The compiler wants to see what determines the type parameters.
                for param in &signature.params {
                    if let Some(name) = &param.name {
                        let (field, ty) = (crate::record::name_type(name), &param.ty);
                        let known = parse_quote!(__Record: ::catena::__private::Field<#field, Type = #ty>);
                        generics.make_where_clause().predicates.push(known);
                    }
                }
            }
            quote!(__Record)
        };
        let (params, _, bounds) = generics.split_for_impl();
        let (start, start_ref) = if single { self.single(&input) } else { self.several(&input) };
        let whole = super::impl_block::whole_stream(&input);
        let known = if self.sound && !self.parameters() { &[&output, &input][..] } else { &[&output] };
        let observed = step_methods::methods(known, &input, &self.input_json(&input));
        // All at the name of the function, where the compiler reports what the step takes.
        let header =
            quote_spanned!(self.name.span()=> impl #params ::catena::__private::Runnable<#input> for #ty #bounds);
        let mut body = Group::new(Delimiter::Brace, quote!(type Output = #output; #whole #observed #start #start_ref));
        body.set_span(self.name.span());
        quote!(#[automatically_derived] #header #body)
    }

    /// Returns the output type of a step with errors: the written type, unless it is one of the errors.
    fn output_of_unsound(&self) -> TokenStream {
        if output::borrow(&self.function.sig.output).is_none() {
            Output::of(&self.function.sig.output).ty
        } else {
            quote!(())
        }
    }

    /// Generates `start` for one parameter and, if the function only borrows it, `start_ref`.
    fn single(&self, input: &TokenStream) -> (TokenStream, Option<TokenStream>) {
        let cx = quote!(__cx);
        let by_value = self.body(&TokenStream::new(), &self.signature.arguments(&[quote!(__input)], &cx));
        let start = step_methods::start(input, &by_value);
        if !self.signature.params[0].by_ref || self.options.blocking {
            return (start, None);
        }
        let arg = self.signature.args.iter().map(|arg| match arg {
            super::signature::Arg::Context => quote!(__cx),
            super::signature::Arg::Input(_) => quote!(__input),
        });
        let by_ref = self.call(&TokenStream::new(), &quote!(#(#arg),*));
        (start, Some(step_methods::start_ref(input, self.parameters(), &by_ref)))
    }

    /// Returns whether the type of the input has parameters.
    fn parameters(&self) -> bool {
        self.signature.params.len() > 1 || !self.signature.generics.params.is_empty()
    }

    /// Serializes the input to JSON: a single parameter by itself, several as an object if all of them can be
    /// serialized.
    fn input_json(&self, input: &TokenStream) -> TokenStream {
        if !self.sound {
            return quote!(::core::option::Option::None);
        }
        if self.signature.params.len() == 1 {
            return step_methods::json(input, &quote!(__input));
        }
        let fields = self.signature.params.iter().filter_map(|param| Some((param, param.name.as_ref()?)));
        let entries = fields.map(|(param, name)| {
            let (ty, text) = (&param.ty, crate::record::text(name));
            let need = needs::of_parts(name, &self.signature.generics);
            let json = step_methods::json(&quote!(#ty), &quote!(#need::get(__input)));
            quote!((<::std::string::String as ::core::convert::From<&::core::primitive::str>>::from(#text), #json?))
        });
        quote!(::core::option::Option::Some(<::catena::__private::Value as ::core::iter::FromIterator<_>>::from_iter([#(#entries),*])))
    }

    /// Like [`single`](Self::single), for several parameters, which are fields of a record.
    fn several(&self, input: &TokenStream) -> (TokenStream, Option<TokenStream>) {
        let generics = &self.signature.generics;
        // A parameter without a name was reported. A stand-in keeps the positions of the others.
        let fields = self.signature.params.iter().map(|param| {
            let name = param.name.as_ref()?;
            let local = format_ident!("__field_{}", crate::record::text(name));
            Some((quote!(#local), needs::of_parts(name, generics)))
        });
        let fields: Vec<Option<(TokenStream, TokenStream)>> = fields.collect();
        let (bound, traits): (Vec<_>, Vec<_>) = fields.iter().flatten().cloned().unzip();
        let locals: Vec<TokenStream> =
            fields.iter().map(|field| field.as_ref().map_or_else(|| quote!(()), |(local, _)| local.clone())).collect();
        let parts = quote! {
            let (#(#bound,)*) = {
                let mut __parts = ::catena::__private::Record::into_parts(__input);
                (#(#traits::take(&mut __parts),)*)
            };
        };
        let by_value = self.body(&parts, &self.signature.arguments(&locals, &quote!(__cx)));
        let start = step_methods::start(input, &by_value);
        if !self.signature.all_by_ref() || self.options.blocking {
            return (start, None);
        }
        let args = self.signature.args.iter().map(|arg| match arg {
            super::signature::Arg::Context => quote!(__cx),
            super::signature::Arg::Input(index) => {
                fields[*index].as_ref().map_or_else(|| quote!(&()), |(_, need)| quote!(#need::get(__input)))
            }
        });
        let by_ref = self.call(&TokenStream::new(), &quote!(#(#args),*));
        (start, Some(step_methods::start_ref(input, self.parameters(), &by_ref)))
    }

    /// Generates the body of `start`, on the threads for blocking work if the option `blocking` is set.
    fn body(&self, before: &TokenStream, arguments: &TokenStream) -> Work {
        if !self.options.blocking {
            let borrows = self.signature.params.iter().any(|param| param.by_ref);
            return if borrows { self.call_within(before, arguments) } else { self.call(before, arguments) };
        }
        let (Work::Waits(call) | Work::Immediate(call) | Work::Future(_, call, _)) =
            self.call(&TokenStream::new(), arguments);
        Work::Waits(quote! {
            #before
            let __cx = ::core::clone::Clone::clone(__cx);
            ::catena::__private::blocking(move || {
                let __cx = &__cx;
                let __outcome: ::catena::__private::Result<_> = #call;
                __outcome
            })
            .await?
        })
    }

    /// Delegates all methods of the step to the wrappers around the bare one.
    fn forward(&self, ty: &TokenStream, wrapped: &TokenStream, value: &TokenStream) -> TokenStream {
        let mut generics = Generics::default();
        for named in &self.signature.named {
            generics.params.push(parse_quote!(#named: ::core::marker::Send + ::core::marker::Sync + 'static));
        }
        generics.params.push(parse_quote!(__In: ::core::marker::Send));
        generics.make_where_clause().predicates.push(parse_quote!(#wrapped: ::catena::__private::Runnable<__In>));
        let (params, _, bounds) = generics.split_for_impl();
        let inner = quote!(const { &#value });
        let target = quote!(<#wrapped as ::catena::__private::Runnable<__In>>);
        quote! {
            #[automatically_derived]
            impl #params ::catena::__private::Runnable<__In> for #ty #bounds {
                type Output = #target::Output;
                type Chunk = #target::Chunk;
                type Assembler = #target::Assembler;
                fn assembler(&self) -> Self::Assembler {
                    #target::assembler(#inner)
                }
                fn types(&self, __types: &mut ::catena::__private::Types) {
                    #target::types(#inner, __types);
                }
                fn component(&self) -> ::catena::__private::Component {
                    #target::component(#inner)
                }
                fn input_json(&self, __input: &__In) -> ::core::option::Option<::catena::__private::Value> {
                    #target::input_json(#inner, __input)
                }
                fn call<'__a>(
                    &'__a self,
                    __input: __In,
                    __cx: &'__a ::catena::__private::Context,
                ) -> impl ::catena::__private::Future<Output = ::catena::__private::Result<Self::Output>> + ::core::marker::Send {
                    #target::call(#inner, __input, __cx)
                }
                fn call_ref<'__a>(
                    &'__a self,
                    __input: &'__a __In,
                    __cx: &'__a ::catena::__private::Context,
                ) -> impl ::catena::__private::Future<Output = ::catena::__private::Result<Self::Output>> + ::core::marker::Send
                where
                    __In: ::core::clone::Clone + ::core::marker::Sync,
                {
                    #target::call_ref(#inner, __input, __cx)
                }
                fn start<'__a>(
                    &'__a self,
                    __input: __In,
                    __cx: &'__a ::catena::__private::Context,
                ) -> ::catena::__private::Started<impl ::catena::__private::Call<'__a, Self, Self::Output>, Self::Output> {
                    ::catena::__private::waits(::catena::__private::future_of(#inner, __input, __cx))
                }
                fn start_ref<'__a>(
                    &'__a self,
                    __input: &'__a __In,
                    __cx: &'__a ::catena::__private::Context,
                ) -> ::catena::__private::Started<impl ::catena::__private::Call<'__a, Self, Self::Output>, Self::Output>
                where
                    __In: ::core::clone::Clone + ::core::marker::Sync,
                {
                    ::catena::__private::waits(::catena::__private::future_of_ref(#inner, __input, __cx))
                }
                fn call_stream<'__a>(
                    &'__a self,
                    __input: __In,
                    __cx: &'__a ::catena::__private::Context,
                ) -> ::catena::__private::Chunks<'__a, Self::Chunk>
                where
                    __In: '__a,
                {
                    #target::call_stream(#inner, __input, __cx)
                }
            }
        }
    }
}
