//! Chains that contain themselves. The compiler reports such a chain only as an opaque type that it cannot resolve.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::{Block, ItemFn};

/// Replaces each call of the function to itself by an error. Returns `None` if there is no such call.
pub(crate) fn refused(function: &ItemFn) -> Option<ItemFn> {
    let mut search = Search { name: function.sig.ident.to_string(), found: false, shadowed: false };
    let block = &function.block;
    let tokens = search.replaced(quote::quote!(#block));
    if !search.found || search.shadowed {
        return None;
    }
    let block = syn::parse2::<Block>(tokens).ok()?;
    Some(ItemFn { block: Box::new(block), ..function.clone() })
}

struct Search {
    name: String,
    found: bool,
    /// Whether the name means something else inside the function.
    shadowed: bool,
}

impl Search {
    fn replaced(&mut self, tokens: TokenStream) -> TokenStream {
        let mut replaced = TokenStream::new();
        // The two tokens before the current one.
        let mut before: [Option<TokenTree>; 2] = [None, None];
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            let last = token.clone();
            match token {
                TokenTree::Ident(ident) if ident == self.name => {
                    let called = matches!(tokens.peek(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
                    self.shadowed |= before[1].as_ref().is_some_and(binds);
                    if called && !elsewhere(&before) {
                        self.found = true;
                        tokens.next();
                        replaced.extend(mistake(&ident, ident.span()));
                    } else {
                        replaced.extend([TokenTree::from(ident)]);
                    }
                }
                TokenTree::Group(group) => {
                    let mut inside = Group::new(group.delimiter(), self.replaced(group.stream()));
                    inside.set_span(group.span());
                    replaced.extend([TokenTree::from(inside)]);
                }
                token => replaced.extend([token]),
            }
            before = [before[1].take(), Some(last)];
        }
        replaced
    }
}

/// Returns whether these tokens precede a method, or an item of another path.
fn elsewhere(before: &[Option<TokenTree>; 2]) -> bool {
    let is =
        |token: &Option<TokenTree>, sign| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign);
    is(&before[1], '.') || is(&before[0], ':') && is(&before[1], ':')
}

/// Returns whether this token precedes a new name.
fn binds(before: &TokenTree) -> bool {
    matches!(before, TokenTree::Ident(word) if word == "let" || word == "fn" || word == "mut")
}

fn mistake(name: &Ident, at: Span) -> TokenStream {
    let message = format!(
        "`{name}` contains itself, and so its type has no end: return `BoxRunnable<Input, Output>`, end the chain with `.boxed()`, and \
         in it write `catena::lazy({name})`"
    );
    quote_spanned!(at=> ::core::compile_error!(#message))
}
