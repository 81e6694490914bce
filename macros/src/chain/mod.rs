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
    match checked(input, &diagnostics) {
        Some(chain) => expand::root(&chain, diagnostics),
        None => diagnostics.or_error_block(TokenStream::new),
    }
}

/// The tree of a chain, with mistakes in place of what they are about; nothing where there is no chain at all.
pub(crate) fn checked(input: TokenStream, diagnostics: &Diagnostics) -> Option<tree::Root> {
    let mut chain = parse::root(input, diagnostics)?;
    check::root(&mut chain, diagnostics);
    Some(chain)
}

/// The tree of a chain, as far as it can be read; its mistakes are found where it is expanded.
pub(crate) fn read(input: TokenStream) -> Option<tree::Root> {
    parse::root(input, &Diagnostics::default())
}
