//! What a generated step adds for those who observe: its run, and how its values are written as JSON.

use proc_macro2::TokenStream;
use quote::quote;

/// The body of a `call`, in the run of the step. `looked_at` is the input by reference.
pub(crate) fn run(looked_at: &TokenStream, cx: &TokenStream, body: &TokenStream) -> TokenStream {
    quote! {
        let __run = ::catena::__private::Running::begin(self, #looked_at, #cx);
        #[allow(unused_variables)]
        let #cx = __run.context(#cx);
        __run.drive(async move { #body }).await
    }
}

/// A function that writes a value of a type as JSON, where it can be written.
pub(crate) fn write(ty: &TokenStream) -> TokenStream {
    let json = json(ty, &quote!(__value));
    quote!(|__value: &#ty| #json)
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
    quote!(|types: &mut ::catena::__private::Types| {
        #[allow(unused_imports)]
        use ::catena::__private::probe::*;
        (&::catena::__private::Probe::<#ty>::new()).tell(types);
        (&::catena::__private::Probe::<#ty>::new()).tell_schema(types);
        (&::catena::__private::Probe::<#ty>::new()).tell_clone(types);
    })
}

/// `types` and `input_json` of a step with this output and, where there is one, this expression for the input.
pub(crate) fn methods(output: &TokenStream, input: &TokenStream, input_json: &TokenStream) -> TokenStream {
    let tell = tell(output);
    quote! {
        fn types(&self, types: &mut ::catena::__private::Types) {
            (#tell)(types);
        }
        #[allow(unused_variables)]
        fn input_json(&self, __input: &#input) -> ::core::option::Option<::catena::__private::Value> {
            #input_json
        }
    }
}
