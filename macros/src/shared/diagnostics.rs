//! Mistakes, collected: a macro reports all it finds, not only the first.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use std::{cell::RefCell, fmt::Display};

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Diagnostics(RefCell<Vec<syn::Error>>);

impl Diagnostics {
    /// A mistake at a token.
    pub(crate) fn error(&self, span: Span, message: impl Display) {
        self.0.borrow_mut().push(syn::Error::new(span, message));
    }

    /// A mistake that the parser found.
    pub(crate) fn add(&self, error: syn::Error) {
        self.0.borrow_mut().push(error);
    }

    /// Whether there is none so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// How many there are so far.
    pub(crate) fn count(&self) -> usize {
        self.0.borrow().len()
    }

    /// The first mistake past so many, taken out: it is told where it stands in the expansion.
    pub(crate) fn take(&self, count: usize) -> Option<syn::Error> {
        let mut all = self.0.borrow_mut();
        (count < all.len()).then(|| all.remove(count))
    }

    /// All of them.
    pub(crate) fn split_off(&self, count: usize) -> Vec<syn::Error> {
        let mut all = self.0.borrow_mut();
        let count = count.min(all.len());
        all.split_off(count)
    }

    /// The value, or the mistake noted.
    pub(crate) fn ok<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// The expansion of a macro without mistakes; else all of them, as the compiler's errors.
    pub(crate) fn or_errors(self, tokens: impl FnOnce() -> TokenStream) -> TokenStream {
        self.errors().unwrap_or_else(tokens)
    }

    /// The same where an expression is expected: several errors in a row are one only inside a block.
    pub(crate) fn or_error_block(self, tokens: impl FnOnce() -> TokenStream) -> TokenStream {
        self.errors().map_or_else(tokens, |errors| quote!({ #errors }))
    }

    /// The mistakes as the compiler's errors, if there are any.
    pub(crate) fn errors(self) -> Option<TokenStream> {
        let error = self.0.into_inner().into_iter().reduce(|mut all, next| {
            all.combine(next);
            all
        })?;
        Some(error.into_compile_error())
    }
}

/// The candidate closest to what was written, where it is close enough to be meant.
pub(crate) fn nearest<'a>(written: &str, candidates: &[&'a str]) -> Option<&'a str> {
    candidates
        .iter()
        .map(|candidate| (strsim::levenshtein(written, candidate), *candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .map(|(_, candidate)| candidate)
}
