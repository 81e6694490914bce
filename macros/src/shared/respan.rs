//! Tokens at a place of the user's, where the compiler reports what is wrong with them.

use proc_macro2::{Group, Span, TokenStream, TokenTree};

/// The same tokens, all at this place.
pub(crate) fn respan(tokens: TokenStream, place: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                token = Group::new(group.delimiter(), respan(group.stream(), place)).into();
            }
            // Of which crate it is, is in its span.
            if !matches!(&token, TokenTree::Ident(word) if word == "$crate") {
                token.set_span(place);
            }
            token
        })
        .collect()
}
