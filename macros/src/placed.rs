//! Tokens at a place of the user's, where the compiler reports what is wrong with them.

use proc_macro2::{Group, Span, TokenStream, TokenTree};

/// The same tokens, all at this place. Names in them mean what they meant.
pub(crate) fn placed(tokens: TokenStream, place: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                token = Group::new(group.delimiter(), placed(group.stream(), place)).into();
            }
            token.set_span(token.span().located_at(place));
            token
        })
        .collect()
}
