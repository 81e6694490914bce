//! `chain!`: tokens to a tree, checks on the tree, the tree to tokens.
//!
//! | | |
//! |---|---|
//! | `lexer` | the end of each step in the tokens |
//! | `parse`, `recover` | tokens to a tree, and half-written steps |
//! | `mistakes` | what parses, but cannot be meant |
//! | `ast` | the tree |
//! | `validate`, `pattern` | errors that parsing does not find |
//! | `texts` | texts in patterns, which match a `String` |
//! | `durable` | durable steps of one name |
//! | `desugar` | shorthands written out in the tree |
//! | `label` | labels of steps and arms without a name |
//! | `expand` | the tree to tokens, by kind of step |

pub(crate) mod ast;
mod desugar;
mod durable;
mod expand;
pub(crate) mod label;
mod lexer;
mod mistakes;
mod parse;
mod pattern;
mod recover;
mod texts;
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

/// Parses and checks a chain. Errors stand in place of the parts that they are about. Returns `None` if there is no
/// chain at all.
pub(crate) fn checked(input: TokenStream, diagnostics: &Diagnostics) -> Option<ast::Root> {
    let mut chain = parse::root(input, diagnostics)?;
    validate::root(&mut chain, diagnostics);
    durable::check(&chain, diagnostics);
    desugar::root(&mut chain);
    Some(chain)
}

/// Parses a chain as far as possible. Its expansion reports the errors.
pub(crate) fn read(input: TokenStream) -> Option<ast::Root> {
    parse::root(input, &Diagnostics::default())
}
