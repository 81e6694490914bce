//! A step that is not written to its end, with the mistake in place of what is missing: `model.` as `model[<mistake>]`,
//! whose type the compiler and editors leave open.
//!
//! What is there keeps its place and its type, so that an editor can complete it.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;
use syn::{Expr, ExprClosure};

/// The expression, where so little is missing that it can be made one.
pub(super) fn repaired(tokens: &TokenStream, mistake: &syn::Error) -> Option<Expr> {
    let missing = mistake.to_compile_error();
    let dots = dots(tokens.clone(), &missing);
    // Only in a closure, since what is there may have a type of its own without what is missing: `a == <mistake>`.
    let bodies = [quote!(#tokens #missing), quote!(#dots #missing)];
    let closure = |tokens| syn::parse2::<ExprClosure>(tokens).ok().map(Expr::Closure);
    syn::parse2(dots).ok().or_else(|| bodies.into_iter().find_map(closure))
}

/// Each `.` that nothing follows as an index that is the mistake.
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
