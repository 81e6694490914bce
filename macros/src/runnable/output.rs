//! The return type of a function, and the output type of its step.

use super::signature::ungrouped;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{
    GenericArgument, Lifetime, PathArguments, ReturnType, Type, TypeFnPtr, TypeImplTrait, TypeReference,
    spanned::Spanned, visit::Visit,
};

pub(crate) struct Output {
    /// The output type of the step.
    pub(crate) ty: TokenStream,
    /// The position of the error type, if the function can fail.
    fallible: Option<Span>,
}

impl Output {
    pub(crate) fn of(output: &ReturnType) -> Self {
        let ReturnType::Type(_, ty) = output else { return Output { ty: quote!(()), fallible: None } };
        match result(ungrouped(ty)) {
            Some(success) => Output { ty: success, fallible: Some(error_span(ungrouped(ty))) },
            None => Output { ty: quote!(#ty), fallible: None },
        }
    }

    /// Wraps a call of the function in a `catena::Result`.
    pub(crate) fn wrap(&self, call: &TokenStream) -> TokenStream {
        let Some(span) = self.fallible else { return quote!(::core::result::Result::Ok(#call)) };
        let error = quote_spanned!(span=> ::catena::__private::IntoStepError::into_error::<Self>(__error));
        let caught = Ident::new("__error", span);
        quote!(match #call {
            ::core::result::Result::Ok(__value) => ::core::result::Result::Ok(__value),
            ::core::result::Result::Err(#caught) => ::core::result::Result::Err(#error),
        })
    }
}

/// Returns the position at which to report an error type that a step cannot have. That is `Mine` in `Result<T, Mine>`,
/// else the whole type.
fn error_span(ty: &Type) -> Span {
    let Type::Path(path) = ty else { return ty.span() };
    let Some(PathArguments::AngleBracketed(arguments)) = path.path.segments.last().map(|last| &last.arguments) else {
        return ty.span();
    };
    arguments.args.iter().nth(1).map_or_else(|| ty.span(), Spanned::span)
}

/// Returns the success type of a type that is called `Result`: `Result<T, E>`, `io::Result<T>`, `fmt::Result`.
pub(crate) fn result(ty: &Type) -> Option<TokenStream> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    if last.ident != "Result" {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return Some(quote!(())) };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(closed(ty)),
        _ => None,
    })
}

/// Returns a type in a form that is valid everywhere: a list of bounds, as of a half-written type, gets parentheses.
pub(super) fn closed(ty: &Type) -> TokenStream {
    match ty {
        Type::TraitObject(_) | Type::ImplTrait(_) => quote!((#ty)),
        ty => quote!(#ty),
    }
}

/// Returns where a return type borrows (a reference or a lifetime other than `'static`) or has no name (`impl Trait`).
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
