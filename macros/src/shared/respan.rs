//! Tokens at a position of the user's code, where the compiler reports errors about them.

use proc_macro2::{Group, Span, TokenStream, TokenTree};

/// Moves all tokens to this position.
pub(crate) fn respan(tokens: TokenStream, place: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                token = Group::new(group.delimiter(), respan(group.stream(), place)).into();
            }
            // The span of `$crate` says which crate it is.
            if !matches!(&token, TokenTree::Ident(word) if word == "$crate") {
                token.set_span(place);
            }
            token
        })
        .collect()
}
