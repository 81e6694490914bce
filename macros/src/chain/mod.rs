//! `chain!`: tokens to a tree, checks on the tree, the tree to tokens.

mod check;
mod closure;
mod cursor;
mod expand;
pub(crate) mod label;
mod parse;
mod pattern;
mod repair;
pub(crate) mod tree;

use crate::diagnostics::Diagnostics;
use proc_macro2::TokenStream;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let diagnostics = Diagnostics::default();
    let Some(mut chain) = parse::root(input, &diagnostics) else {
        return diagnostics.or_error_block(TokenStream::new);
    };
    check::root(&mut chain, &diagnostics);
    expand::root(&chain, diagnostics)
}

/// The tree of a chain, as far as it can be read; its mistakes are found where it is expanded.
pub(crate) fn read(input: TokenStream) -> Option<tree::Root> {
    parse::root(input, &Diagnostics::default())
}

/// What stands before the expansion, for tests: whatever it is, it can be read and checked.
#[cfg(test)]
pub(crate) fn checked(input: TokenStream) {
    let diagnostics = Diagnostics::default();
    if let Some(mut chain) = parse::root(input, &diagnostics) {
        check::root(&mut chain, &diagnostics);
    }
}
