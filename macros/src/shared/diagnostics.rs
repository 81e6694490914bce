//! A collection of errors, so that a macro reports all of them and not only the first.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use std::{cell::RefCell, fmt::Display};

/// The errors found so far.
#[derive(Default)]
pub(crate) struct Diagnostics(RefCell<Vec<syn::Error>>);

impl Diagnostics {
    /// Adds an error at a token.
    pub(crate) fn error(&self, span: Span, message: impl Display) {
        self.0.borrow_mut().push(syn::Error::new(span, message));
    }

    /// Adds an error of the parser.
    pub(crate) fn add(&self, error: syn::Error) {
        self.0.borrow_mut().push(error);
    }

    /// Returns whether there are no errors so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Returns the number of errors so far.
    pub(crate) fn count(&self) -> usize {
        self.0.borrow().len()
    }

    /// Removes and returns the first error after the first `count`, to be reported at its position in the expansion.
    pub(crate) fn take(&self, count: usize) -> Option<syn::Error> {
        let mut all = self.0.borrow_mut();
        (count < all.len()).then(|| all.remove(count))
    }

    /// Removes and returns all errors after the first `count`.
    pub(crate) fn split_off(&self, count: usize) -> Vec<syn::Error> {
        let mut all = self.0.borrow_mut();
        let count = count.min(all.len());
        all.split_off(count)
    }

    /// Returns the value, or adds the error.
    pub(crate) fn ok<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// Returns the expansion if there are no errors, and otherwise all of them as `compile_error!`.
    pub(crate) fn or_errors(self, tokens: impl FnOnce() -> TokenStream) -> TokenStream {
        self.errors().unwrap_or_else(tokens)
    }

    /// Like [`or_errors`](Self::or_errors), for an expression: several `compile_error!` are one expression only inside
    /// a block.
    pub(crate) fn or_error_block(self, tokens: impl FnOnce() -> TokenStream) -> TokenStream {
        self.errors().map_or_else(tokens, |errors| quote!({ #errors }))
    }

    /// Returns the errors as `compile_error!`, if there are any.
    pub(crate) fn errors(self) -> Option<TokenStream> {
        let error = self.0.into_inner().into_iter().reduce(|mut all, next| {
            all.combine(next);
            all
        })?;
        Some(error.into_compile_error())
    }
}

/// Returns the candidate with the smallest edit distance, if it is close enough to be meant.
pub(crate) fn nearest<'a>(written: &str, candidates: &[&'a str]) -> Option<&'a str> {
    candidates
        .iter()
        .map(|candidate| (strsim::levenshtein(written, candidate), *candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .map(|(_, candidate)| candidate)
}
