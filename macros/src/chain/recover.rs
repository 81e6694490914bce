//! Half-written steps, with the error in place of what is missing: `model.` as `model[<error>]`. The compiler and
//! editors leave the type of that open.
//!
//! The tokens that exist keep their position and their type, so that an editor can complete them.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Expr, ExprClosure};

/// Returns the tokens as an expression, if so little is missing that the error can stand for it.
pub(super) fn repaired(tokens: &TokenStream, mistake: &syn::Error) -> Option<Expr> {
    if let Some(path) = path(tokens) {
        return Some(path);
    }
    let missing = mistake.to_compile_error();
    let dots = dots(tokens.clone(), &missing);
    // Only for closures: other expressions may have a type without the missing part, as `a == <error>` has.
    let bodies = [quote!(#tokens #missing), quote!(#dots #missing)];
    let closure = |tokens| syn::parse2::<ExprClosure>(tokens).ok().map(Expr::Closure);
    syn::parse2(dots).ok().or_else(|| bodies.into_iter().find_map(closure))
}

/// Returns a path that ends in `::` with a name at its end that does not exist, which is an error by itself.
fn path(tokens: &TokenStream) -> Option<Expr> {
    let before = |from_end: usize| tokens.clone().into_iter().collect::<Vec<_>>().into_iter().rev().nth(from_end);
    let is_colon = |token: Option<TokenTree>| matches!(token, Some(TokenTree::Punct(colon)) if colon.as_char() == ':');
    if !is_colon(before(0)) || !is_colon(before(1)) {
        return None;
    }
    let at = before(0)?.span();
    syn::parse2(quote_spanned!(at=> #tokens the_name_of_a_step_is_missing)).ok()
}

/// Replaces each `.` that nothing follows by an index that is the error.
fn dots(tokens: TokenStream, missing: &TokenStream) -> TokenStream {
    let mut repaired = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    let mut before: Option<char> = None;
    while let Some(token) = tokens.next() {
        let punct = match &token {
            TokenTree::Punct(punct) => Some(punct.as_char()),
            _ => None,
        };
        match token {
            // The arguments of a macro are not Rust yet.
            TokenTree::Group(group) if before != Some('!') => {
                let mut inside = Group::new(group.delimiter(), dots(group.stream(), missing));
                inside.set_span(group.span());
                repaired.push(TokenTree::Group(inside));
            }
            TokenTree::Punct(dot) if dot.as_char() == '.' && before != Some('.') => match tokens.peek() {
                Some(TokenTree::Punct(next)) if next.as_char() == '.' => repaired.push(TokenTree::Punct(dot)),
                Some(TokenTree::Ident(_) | TokenTree::Literal(_)) => repaired.push(TokenTree::Punct(dot)),
                _ => repaired.extend(quote!([#missing])),
            },
            token => repaired.push(token),
        }
        before = punct;
    }
    repaired.into_iter().collect()
}
