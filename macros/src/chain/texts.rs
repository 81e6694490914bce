//! Texts in the patterns of a `match`. Rust matches a `&str` with them, and not a `String`: so each becomes a variable and
//! a condition on it.

use crate::shared::diagnostics::Diagnostics;
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{ExprLit, Lit, Pat, PatIdent, Token, spanned::Spanned};

/// One of the alternatives of a pattern.
pub(super) struct Alternative {
    pub(super) pattern: TokenStream,
    /// The conditions in place of its texts.
    pub(super) texts: Vec<TokenStream>,
}

/// Reports a text in one of several alternatives that are only a part of the pattern.
pub(super) fn check(pattern: &Pat, diagnostics: &Diagnostics) {
    for mut case in cases(pattern) {
        replace(&mut case, &mut Vec::new(), &mut |at, message| diagnostics.error(at, message));
    }
}

/// Returns the alternatives of a pattern. One without texts is its own and only alternative.
pub(super) fn alternatives(pattern: &Pat) -> Vec<Alternative> {
    let replaced: Vec<Alternative> = cases(pattern)
        .into_iter()
        .map(|mut case| {
            let mut texts = Vec::new();
            replace(&mut case, &mut texts, &mut |_, _| ());
            Alternative { pattern: quote!(#case), texts }
        })
        .collect();
    if replaced.iter().all(|alternative| alternative.texts.is_empty()) {
        return vec![Alternative { pattern: quote!(#pattern), texts: Vec::new() }];
    }
    replaced
}

/// Returns whether a pattern is a text, or has one among its alternatives: what it matches is a text.
pub(super) fn is_of_text(pattern: &Pat) -> bool {
    cases(pattern).iter().any(is_text)
}

/// Returns whether there are texts in a pattern.
pub(super) fn has_any(pattern: &Pat) -> bool {
    alternatives(pattern).iter().any(|alternative| !alternative.texts.is_empty())
}

/// Returns the alternatives at the top of a pattern. Texts alone stay together.
fn cases(pattern: &Pat) -> Vec<Pat> {
    match pattern {
        Pat::Or(or) if !is_text(pattern) => or.cases.iter().cloned().collect(),
        Pat::Paren(paren) => cases(&paren.pat),
        pattern => vec![pattern.clone()],
    }
}

/// Returns whether a pattern is a text, or texts alone: `"yes" | "y"`.
fn is_text(pattern: &Pat) -> bool {
    match pattern {
        Pat::Lit(ExprLit { lit: Lit::Str(_), .. }) => true,
        Pat::Or(or) => or.cases.iter().all(is_text),
        Pat::Paren(paren) => is_text(&paren.pat),
        _ => false,
    }
}

/// Takes the texts that cannot be matched, and why.
type Refused<'a> = dyn FnMut(Span, &str) + 'a;

/// Puts a variable in place of each text. `texts` gets the conditions.
fn replace(pattern: &mut Pat, texts: &mut Vec<TokenStream>, refused: &mut Refused<'_>) {
    if is_text(pattern) {
        let at = pattern.span();
        let name = format_ident!("__text{}", texts.len(), span = Span::mixed_site().located_at(at));
        texts.push(condition(&quote!(#name), pattern));
        *pattern = Pat::Ident(PatIdent {
            attrs: Vec::new(),
            by_ref: Some(Token![ref](at)),
            mutability: None,
            ident: name,
            subpat: None,
        });
        return;
    }
    match pattern {
        Pat::Ident(ident) => match ident.subpat.take() {
            Some((_, inner)) if is_text(&inner) => {
                let name = &ident.ident;
                texts.push(condition(&quote!(&#name), &inner));
            }
            Some((token, inner)) => {
                let mut inside = Vec::new();
                replace(&mut inner.clone(), &mut inside, refused);
                if !inside.is_empty() {
                    let name = &ident.ident;
                    refused(
                        inner.span(),
                        &format!("leave out `{name} @`: this arm gets the whole also without a name"),
                    );
                }
                ident.subpat = Some((token, inner));
            }
            None => {}
        },
        Pat::Or(or) => {
            for case in &or.cases {
                let (mut case, mut inside) = (case.clone(), Vec::new());
                replace(&mut case, &mut inside, refused);
                if !inside.is_empty() {
                    refused(
                        case.span(),
                        "a text and something else inside of a pattern: write an arm for each of them",
                    );
                }
            }
        }
        Pat::Paren(paren) => replace(&mut paren.pat, texts, refused),
        Pat::Reference(reference) => replace(&mut reference.pat, texts, refused),
        Pat::Slice(slice) => slice.elems.iter_mut().for_each(|elem| replace(elem, texts, refused)),
        Pat::Struct(fields) => fields.fields.iter_mut().for_each(|field| replace(&mut field.pat, texts, refused)),
        Pat::Tuple(tuple) => tuple.elems.iter_mut().for_each(|elem| replace(elem, texts, refused)),
        Pat::TupleStruct(tuple) => tuple.elems.iter_mut().for_each(|elem| replace(elem, texts, refused)),
        _ => {}
    }
}

/// Returns the condition that a value is one of these texts. The compiler reports a value that is no text at them.
fn condition(value: &TokenStream, texts: &Pat) -> TokenStream {
    let text = quote_spanned!(texts.span()=> ::catena::__private::Text::text);
    quote!(::core::matches!(#text(#value), #texts))
}
