//! Methods of generated steps for observers: the run of the step, and its values as JSON.
//!
//! All methods are `#[inline]`, so that a library contains code only for those that it calls. Their futures are
//! declared `Send`, so that the compiler need not look through each again.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

/// Wraps the body of a `call` in the run of the step. `looked_at` is the input by reference.
pub(crate) fn run(looked_at: &TokenStream, cx: &TokenStream, body: &TokenStream) -> TokenStream {
    quote! {
        let __run = ::catena::__private::Running::begin(self, #looked_at, #cx);
        #[allow(unused_variables)]
        let #cx = ::catena::__private::Running::context(&__run, #cx);
        ::catena::__private::Running::drive(&__run, async move { #body })
            .await
            .map_err(|__error| ::catena::__private::out_of(self, __error))
    }
}

/// The work of a generated step in a call without observers. The tokens use `__input` and `__cx`.
pub(crate) enum Work {
    /// The outcome, as an async body.
    Waits(TokenStream),
    /// The outcome, computed without awaiting.
    Immediate(TokenStream),
    /// A future of the outcome that has not started. The span is where the compiler reports a future that is not
    /// `Send`.
    Future(TokenStream, Span),
}

/// Generates `call` of a step: in a run if there are observers, and otherwise the body alone.
pub(crate) fn call(input: &TokenStream, body: &Work) -> TokenStream {
    let immediate = matches!(body, Work::Immediate(_)).then(|| {
        quote!(
            const IMMEDIATE: ::core::primitive::bool = true;
        )
    });
    let methods = calls(["call", "call_unobserved", "immediate"], [input, input], None, body);
    quote!(#immediate #methods)
}

/// Returns the bounds of a borrowed input. `parameters` says whether its type has parameters.
///
/// A type without parameters may lack `Clone` or `Sync`. The compiler refuses such a bound unless it is for all
/// lifetimes, `for<'__x>`.
fn lendable(input: &TokenStream, parameters: bool) -> TokenStream {
    let all = (!parameters).then(|| quote!(for<'__x>));
    quote!(where #all #input: ::core::clone::Clone + ::core::marker::Sync)
}

/// Generates `call_ref`, which is [`call`] for a borrowed input.
pub(crate) fn call_ref(input: &TokenStream, parameters: bool, body: &Work) -> TokenStream {
    let names = ["call_ref", "call_ref_unobserved", "immediate_ref"];
    calls(names, [&quote!(&'__a #input), &quote!(&#input)], Some(&lendable(input, parameters)), body)
}

/// Generates the methods of these names: in a run, without a run, and without a future if the step never awaits.
///
/// Futures take the input as the first type, the method without a future as the second.
fn calls(names: [&str; 3], inputs: [&TokenStream; 2], bounds: Option<&TokenStream>, body: &Work) -> TokenStream {
    let [call, unobserved, immediate] = names.map(|name| Ident::new(name, Span::call_site()));
    let [input, looked_at] = inputs;
    let at = if let Work::Future(_, at) = body { *at } else { Span::call_site() };
    let future = quote_spanned! {at=>
        impl ::catena::__private::Future<Output = ::catena::__private::Result<Self::Output>> + ::core::marker::Send
    };
    let (work, at_once) = match body {
        Work::Waits(body) => (quote!(async move { #body }), None),
        Work::Future(body, _) => (body.clone(), None),
        Work::Immediate(body) => {
            let at_once = quote! {
                #[inline]
                #[allow(unused_variables)]
                fn #immediate(
                    &self,
                    __input: #looked_at,
                    __cx: &::catena::__private::Context,
                ) -> ::catena::__private::Result<Self::Output>
                #bounds
                {
                    #body
                }
            };
            (quote!(::catena::__private::#immediate(self, __input, __cx)), Some(at_once))
        }
    };
    quote! {
        #[inline]
        fn #call<'__a>(&'__a self, __input: #input, __cx: &'__a ::catena::__private::Context) -> #future
        #bounds
        {
            ::catena::__private::Running::#call(self, __input, __cx)
        }
        #[inline]
        #[allow(unused_variables)]
        fn #unobserved<'__a>(&'__a self, __input: #input, __cx: &'__a ::catena::__private::Context) -> #future
        #bounds
        {
            #work
        }
        #at_once
    }
}

/// Generates `call_ref` without observers for a step that takes its input by value: it clones the input.
pub(crate) fn call_clone(input: &TokenStream, parameters: bool) -> TokenStream {
    let lendable = lendable(input, parameters);
    quote! {
        #[inline]
        fn call_ref_unobserved<'__a>(
            &'__a self,
            __input: &'__a #input,
            __cx: &'__a ::catena::__private::Context,
        ) -> impl ::catena::__private::Future<Output = ::catena::__private::Result<Self::Output>> + ::core::marker::Send
        #lendable
        {
            self.call_unobserved(::core::clone::Clone::clone(__input), __cx)
        }
        const BORROWS_INPUT: ::core::primitive::bool = false;
        fn kept<'__a, __K: ::catena::__private::Keep<'__a>>(
            __keep: __K,
        ) -> impl ::catena::__private::RetainInput<'__a, __K::Step, __K::Input, __K::Output> {
            __keep.given()
        }
    }
}

/// Ties a chain to the type of its input, and registers that type.
///
/// The expansion passes functions of the runtime, not closures, which the compiler would check in each chain.
pub(crate) fn typed(ty: &TokenStream, chain: &TokenStream) -> TokenStream {
    quote!({
        #[allow(unused_imports)]
        use ::catena::__private::probe::*;
        let __probe = &::catena::__private::Probe::<#ty>::new();
        let __tell = [__probe.__teller(), __probe.__schema_teller(), __probe.__clone_teller()];
        ::catena::__private::Typed::new(#chain, __probe.__writer(), __tell)
    })
}

/// Serializes a value behind a reference to JSON: an `Option` that is `None` if the type cannot be serialized.
pub(crate) fn json(ty: &TokenStream, value: &TokenStream) -> TokenStream {
    quote!({
        #[allow(unused_imports)]
        use ::catena::__private::probe::*;
        (&::catena::__private::Probe::<#ty>::new()).__json(#value)
    })
}

/// Returns a function that registers a type.
pub(crate) fn tell(ty: &TokenStream) -> TokenStream {
    let told = told(&[ty]);
    quote!(|__types: &mut ::catena::__private::Types| { #told })
}

/// Registers these types in `types`.
///
/// The statements are written out, not left to a macro of the runtime. So the compiler reports an error in a type only
/// once.
fn told(types: &[&TokenStream]) -> TokenStream {
    quote! {
        #[allow(unused_imports)]
        use ::catena::__private::probe::*;
        #(
            let __probe = &::catena::__private::Probe::<#types>::new();
            __probe.__tell(__types);
            __probe.__tell_schema(__types);
            __probe.__tell_clone(__types);
        )*
    }
}

/// Generates `types` of a step with these types, and `input_json` with this expression for the input.
pub(crate) fn methods(types: &[&TokenStream], input: &TokenStream, input_json: &TokenStream) -> TokenStream {
    let told = told(types);
    quote! {
        #[inline]
        fn types(&self, __types: &mut ::catena::__private::Types) {
            #told
        }
        #[inline]
        #[allow(unused_variables)]
        fn input_json(&self, __input: &#input) -> ::core::option::Option<::catena::__private::Value> {
            #input_json
        }
    }
}
