//! `chain!`: tokens to a tree, checks on the tree, the tree to tokens.
//!
//! | | |
//! |---|---|
//! | `lexer` | where a step ends in the tokens |
//! | `parse`, `recover` | tokens to a tree, and steps that are not written to their end |
//! | `ast` | the tree |
//! | `validate`, `pattern` | what is wrong with a tree although it can be read |
//! | `desugar` | shorthands written out in the tree |
//! | `label` | the words of steps and arms that have no name |
//! | `expand` | the tree to tokens, by kind of step |

pub(crate) mod ast;
mod desugar;
mod expand;
pub(crate) mod label;
mod lexer;
mod parse;
mod pattern;
mod recover;
mod validate;

use crate::shared::diagnostics::Diagnostics;
use proc_macro2::TokenStream;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let diagnostics = Diagnostics::default();
    match checked(input, &diagnostics) {
        Some(chain) => expand::root(&chain, diagnostics),
        None => diagnostics.or_error_block(TokenStream::new),
    }
}

/// The tree of a chain, with mistakes in place of what they are about; nothing where there is no chain at all.
pub(crate) fn checked(input: TokenStream, diagnostics: &Diagnostics) -> Option<ast::Root> {
    let mut chain = parse::root(input, diagnostics)?;
    validate::root(&mut chain, diagnostics);
    desugar::root(&mut chain);
    Some(chain)
}

/// The tree of a chain, as far as it can be read; its mistakes are found where it is expanded.
pub(crate) fn read(input: TokenStream) -> Option<ast::Root> {
    parse::root(input, &Diagnostics::default())
}
