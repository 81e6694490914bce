//! What a function returns, and so what its step outputs.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericArgument, PathArguments, ReturnType, Type};

pub(crate) struct Output {
    /// The step's output type.
    pub(crate) ty: TokenStream,
    fallible: bool,
}

impl Output {
    pub(crate) fn of(output: &ReturnType) -> Self {
        let ReturnType::Type(_, ty) = output else { return Output { ty: quote!(()), fallible: false } };
        match result(ty) {
            Some(ty) => Output { ty, fallible: true },
            None => Output { ty: quote!(#ty), fallible: false },
        }
    }

    /// The call of the function as a `catena::Result`.
    pub(crate) fn wrap(&self, call: &TokenStream) -> TokenStream {
        if self.fallible {
            quote!(::core::result::Result::map_err(#call, ::core::convert::Into::into))
        } else {
            quote!(::core::result::Result::Ok(#call))
        }
    }
}

/// The success type of anything that is called `Result`: `Result<T, E>`, `io::Result<T>`, `fmt::Result`.
fn result(ty: &Type) -> Option<TokenStream> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    if last.ident != "Result" {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return Some(quote!(())) };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(quote!(#ty)),
        _ => None,
    })
}
