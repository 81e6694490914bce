//! What a function returns, and so what its step outputs.

use super::signature::ungrouped;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{
    GenericArgument, Lifetime, PathArguments, ReturnType, Type, TypeFnPtr, TypeImplTrait, TypeReference, visit::Visit,
};

pub(crate) struct Output {
    /// The step's output type.
    pub(crate) ty: TokenStream,
    fallible: bool,
}

impl Output {
    pub(crate) fn of(output: &ReturnType) -> Self {
        let ReturnType::Type(_, ty) = output else { return Output { ty: quote!(()), fallible: false } };
        match result(ungrouped(ty)) {
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
pub(super) fn result(ty: &Type) -> Option<TokenStream> {
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

/// Where a return type borrows (a reference or a lifetime that is not `'static`) or has no name (`impl Trait`).
pub(crate) fn borrow(output: &ReturnType) -> Option<Span> {
    let mut borrows = Borrows(None);
    borrows.visit_return_type(output);
    borrows.0
}

struct Borrows(Option<Span>);

impl<'ast> Visit<'ast> for Borrows {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        match &reference.lifetime {
            Some(lifetime) => self.visit_lifetime(lifetime),
            None => self.0 = self.0.or(Some(reference.and_token.span)),
        }
        self.visit_type(&reference.elem);
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if lifetime.ident != "static" {
            self.0 = self.0.or(Some(lifetime.span()));
        }
    }

    fn visit_type_impl_trait(&mut self, opaque: &'ast TypeImplTrait) {
        self.0 = self.0.or(Some(opaque.impl_token.span));
    }

    // A function pointer may take references.
    fn visit_type_fn_ptr(&mut self, _: &'ast TypeFnPtr) {}
}
