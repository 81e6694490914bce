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

/// The work of a generated step. The tokens use `__input` and `__cx`.
pub(crate) enum Work {
    /// The outcome, as an async body.
    Waits(TokenStream),
    /// The outcome, computed without awaiting.
    Immediate(TokenStream),
    /// A future of the outcome that has not started, after these statements. The span is where the compiler reports a future that
    /// is not `Send`.
    Future(TokenStream, TokenStream, Span),
}

/// Generates `start` of a step, from which the runtime has `call`.
pub(crate) fn start(input: &TokenStream, body: &Work) -> TokenStream {
    started("start", input, None, body)
}

/// Generates `start_ref`, which is [`start`] for a borrowed input, and `call_ref` of it. `parameters` says whether the type of the
/// input has parameters.
pub(crate) fn start_ref(input: &TokenStream, parameters: bool, body: &Work) -> TokenStream {
    let start = started_ref(input, parameters, body);
    let lendable = lendable(input, parameters);
    let future = future(body);
    quote! {
        #start
        #[inline]
        fn call_ref<'__a>(&'__a self, __input: &'__a #input, __cx: &'__a ::catena::__private::Context) -> #future
        #lendable
        {
            ::catena::__private::Running::call_ref(self, __input, __cx)
        }
    }
}

/// Generates `start_ref` alone.
pub(crate) fn started_ref(input: &TokenStream, parameters: bool, body: &Work) -> TokenStream {
    started("start_ref", &quote!(&'__a #input), Some(&lendable(input, parameters)), body)
}

/// Returns the bounds of a borrowed input. `parameters` says whether its type has parameters.
///
/// A type without parameters may lack `Clone` or `Sync`. The compiler refuses such a bound unless it is for all
/// lifetimes, `for<'__x>`.
fn lendable(input: &TokenStream, parameters: bool) -> TokenStream {
    let all = (!parameters).then(|| quote!(for<'__x>));
    quote!(where #all #input: ::core::clone::Clone + ::core::marker::Sync)
}

/// Returns the type of the future of a call.
fn future(body: &Work) -> TokenStream {
    let at = if let Work::Future(_, _, at) = body { *at } else { Span::call_site() };
    quote_spanned! {at=>
        impl ::catena::__private::Future<Output = ::catena::__private::Result<Self::Output>> + ::core::marker::Send
    }
}

/// Generates the method of this name, for an input of this type.
fn started(name: &str, input: &TokenStream, bounds: Option<&TokenStream>, body: &Work) -> TokenStream {
    let name = Ident::new(name, Span::call_site());
    let (at, body) = match body {
        Work::Waits(body) => (Span::call_site(), quote!(::catena::__private::waits(async move { #body }))),
        Work::Future(before, future, at) => (*at, {
            let waits = quote_spanned!(*at=> ::catena::__private::waits(#future));
            quote!(#before #waits)
        }),
        Work::Immediate(body) => (Span::call_site(), quote!(::catena::__private::ready({ #body }))),
    };
    let started = quote_spanned! {at=>
        ::catena::__private::Started<impl ::catena::__private::Call<'__a, Self, Self::Output>, Self::Output>
    };
    quote! {
        #[inline]
        #[allow(unused_variables)]
        fn #name<'__a>(
            &'__a self,
            __input: #input,
            __cx: &'__a ::catena::__private::Context,
        ) -> #started
        #bounds
        {
            #body
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
