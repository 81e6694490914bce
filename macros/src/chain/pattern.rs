//! The names that a pattern binds, which decide the input of its arm.

use crate::shared::diagnostics::Diagnostics;
use proc_macro2::{Ident, Span};
use syn::{Pat, PatIdent, spanned::Spanned};

pub(crate) enum Bound {
    /// `Intent::Other`, `0`, `_`: the arm gets the input.
    Nothing,
    /// `x`, `x @ ..`: the arm gets the input.
    Whole(Ident),
    /// `Some(x)`: the arm gets `x`.
    One(Ident),
    /// `Code { lang, question }`: the arm gets a record of them.
    Several(Vec<Ident>),
}

pub(crate) fn bound(pattern: &Pat, diagnostics: &Diagnostics) -> Bound {
    if let Pat::Ident(ident) = unwrapped(pattern)
        && is_binding(ident)
    {
        if let Some((_, inner)) = &ident.subpat {
            let mut names = Vec::new();
            names_in(inner, &mut names, diagnostics);
            if let Some(name) = names.first() {
                let message = format!("`{}` binds the whole, which leaves nothing to bind `{name}` to", ident.ident);
                diagnostics.error(name.span(), message);
            }
        }
        return Bound::Whole(ident.ident.clone());
    }
    let mut names = Vec::new();
    names_in(pattern, &mut names, diagnostics);
    match names.len() {
        0 => Bound::Nothing,
        1 => Bound::One(names.remove(0)),
        _ => Bound::Several(names),
    }
}

/// Returns what an arm gets of a `match` on the field of these names, or on the whole if there are none.
///
/// An arm of a field gets the input, or a record of the `input` and what its pattern binds.
pub(crate) fn passed(of: &[Ident], pattern: &Pat, diagnostics: &Diagnostics) -> Bound {
    let bound = bound(pattern, diagnostics);
    if of.is_empty() {
        return bound;
    }
    let names = match bound {
        Bound::Nothing => return Bound::Nothing,
        Bound::Whole(name) | Bound::One(name) => vec![name],
        Bound::Several(names) => names,
    };
    if let Some(name) = names.iter().find(|name| *name == "input") {
        let message = "`input` is what this `match` gets, beside what its patterns bind: call this something else";
        diagnostics.error(name.span(), message);
    }
    let at = of.first().map_or_else(Span::call_site, Ident::span);
    let input = Ident::new("input", Span::call_site().located_at(at));
    Bound::Several(std::iter::once(input).chain(names).collect())
}

fn unwrapped(pattern: &Pat) -> &Pat {
    match pattern {
        Pat::Paren(paren) => unwrapped(&paren.pat),
        other => other,
    }
}

/// Returns whether a lone name is a binding, written like a variable. A constant or variant such as `None` is not.
fn is_binding(ident: &PatIdent) -> bool {
    ident.subpat.is_some()
        || ident.mutability.is_some()
        || ident.by_ref.is_some()
        || !ident.ident.to_string().starts_with(char::is_uppercase)
}

fn names_in(pattern: &Pat, names: &mut Vec<Ident>, diagnostics: &Diagnostics) {
    match pattern {
        Pat::Ident(ident) => {
            if is_binding(ident) {
                if let Some(by_ref) = &ident.by_ref {
                    diagnostics.error(by_ref.span(), "a pattern in a chain moves what it binds: leave out `ref`");
                }
                names.push(ident.ident.clone());
            }
            if let Some((_, inner)) = &ident.subpat {
                names_in(inner, names, diagnostics);
            }
        }
        // All alternatives bind the same names.
        Pat::Or(or) => or.cases.first().into_iter().for_each(|case| names_in(case, names, diagnostics)),
        Pat::Paren(paren) => names_in(&paren.pat, names, diagnostics),
        Pat::Reference(reference) => names_in(&reference.pat, names, diagnostics),
        Pat::Slice(slice) => slice.elems.iter().for_each(|elem| names_in(elem, names, diagnostics)),
        Pat::Struct(fields) => fields.fields.iter().for_each(|field| names_in(&field.pat, names, diagnostics)),
        Pat::Tuple(tuple) => tuple.elems.iter().for_each(|elem| names_in(elem, names, diagnostics)),
        Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(|elem| names_in(elem, names, diagnostics)),
        Pat::Type(typed) => names_in(&typed.pat, names, diagnostics),
        Pat::Macro(call) => {
            diagnostics.error(call.span(), "what a macro binds cannot be seen here: write the pattern out");
        }
        _ => {}
    }
}
