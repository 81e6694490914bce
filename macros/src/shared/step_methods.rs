//! What a generated step adds for those who observe: its run, and how its values are written as JSON.
//!
//! All methods are `#[inline]`, so that a library has code only for those that are called in it, and the futures say that they
//! are `Send`, so that the compiler need not look through each again to find out.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

/// The body of a `call`, in the run of the step. `looked_at` is the input by reference.
pub(crate) fn run(looked_at: &TokenStream, cx: &TokenStream, body: &TokenStream) -> TokenStream {
    quote! {
        let __run = ::catena::__private::Running::begin(self, #looked_at, #cx);
        #[allow(unused_variables)]
        let #cx = __run.context(#cx);
        __run.drive(async move { #body }).await.map_err(|__error| ::catena::__private::out_of(self, __error))
    }
}

/// What a generated step does in a call where nobody observes. It finds `__input` and `__cx`.
pub(crate) enum Work {
    /// An outcome, by a body that waits.
    Waits(TokenStream),
    /// An outcome, without waiting.
    Immediate(TokenStream),
    /// A future of the outcome, which does nothing yet; and where to say that it cannot be sent.
    Future(TokenStream, Span),
}

/// `call` of a generated step: its body in a run where somebody observes; else just that.
pub(crate) fn call(input: &TokenStream, body: &Work) -> TokenStream {
    let immediate = matches!(body, Work::Immediate(_)).then(|| {
        quote!(
            const IMMEDIATE: bool = true;
        )
    });
    let methods = calls(["call", "call_unobserved", "immediate"], [input, input], None, body);
    quote!(#immediate #methods)
}

/// The bounds of an input that is lent, where its type has `parameters`. One without may well be not `Clone`, or not
/// `Sync`: the compiler refuses such a bound unless it is for all lifetimes of something.
fn lendable(input: &TokenStream, parameters: bool) -> TokenStream {
    let all = (!parameters).then(|| quote!(for<'__x>));
    quote!(where #all #input: ::core::clone::Clone + ::core::marker::Sync)
}

/// The same as [`call`] for an input that is lent.
pub(crate) fn call_ref(input: &TokenStream, parameters: bool, body: &Work) -> TokenStream {
    let names = ["call_ref", "call_ref_unobserved", "immediate_ref"];
    calls(names, [&quote!(&'__a #input), &quote!(&#input)], Some(&lendable(input, parameters)), body)
}

/// The methods of these names: in a run, outside of one, and, of a step that never waits, without a future. The input is of the
/// first type in futures, of the second without one.
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

/// What a step that takes its input by value does with one that is lent, where nobody observes.
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
        const LENDS: bool = false;
        fn kept<'__a, __K: ::catena::__private::Keep<'__a>>(
            __keep: __K,
        ) -> impl ::catena::__private::Kept<'__a, __K::Step, __K::Input, __K::Output> {
            __keep.given()
        }
    }
}

/// A chain tied to its type of input, with what is known of that. Functions that the runtime has, not closures, which the compiler would check
/// in each chain.
pub(crate) fn typed(ty: &TokenStream, chain: &TokenStream) -> TokenStream {
    quote!({
        #[allow(unused_imports)]
        use ::catena::__private::probe::*;
        let __probe = &::catena::__private::Probe::<#ty>::new();
        let __tell = [__probe.teller(), __probe.schema_teller(), __probe.clone_teller()];
        ::catena::__private::Typed::new(#chain, __probe.writer(), __tell)
    })
}

/// A value behind a reference as JSON, where its type can be written: an `Option`.
pub(crate) fn json(ty: &TokenStream, value: &TokenStream) -> TokenStream {
    quote!({
        #[allow(unused_imports)]
        use ::catena::__private::probe::*;
        (&::catena::__private::Probe::<#ty>::new()).json(#value)
    })
}

/// A function that tells what is known of a type.
pub(crate) fn tell(ty: &TokenStream) -> TokenStream {
    let told = told(&[ty]);
    quote!(|types: &mut ::catena::__private::Types| { #told })
}

/// What is known of these types, told to `types`. Written out rather than left to a macro of the runtime: the compiler says only
/// once what is wrong with a type, if it is in one place.
fn told(types: &[&TokenStream]) -> TokenStream {
    quote! {
        #[allow(unused_imports)]
        use ::catena::__private::probe::*;
        #(
            let __probe = &::catena::__private::Probe::<#types>::new();
            __probe.tell(types);
            __probe.tell_schema(types);
            __probe.tell_clone(types);
        )*
    }
}

/// `types` and `input_json` of a step that knows these types and, where there is one, this expression for the input.
pub(crate) fn methods(types: &[&TokenStream], input: &TokenStream, input_json: &TokenStream) -> TokenStream {
    let told = told(types);
    quote! {
        #[inline]
        fn types(&self, types: &mut ::catena::__private::Types) {
            #told
        }
        #[inline]
        #[allow(unused_variables)]
        fn input_json(&self, __input: &#input) -> ::core::option::Option<::catena::__private::Value> {
            #input_json
        }
    }
}
