//! Names that an expansion makes, which no name of a user's can be.
//!
//! Items are not hygienic: a variable `__input` of an expansion would be the user's unit struct of that name, and not a
//! new variable. So the names of an expansion begin with two underscores, and end in a hash of what it expands. What the
//! user calls so is called otherwise in between.

use crate::shared::name_mark::{USERS, in_text, is_ours, written};
use proc_macro2::{Group, Ident, Literal, TokenStream, TokenTree};
use std::collections::HashSet;

/// Expands tokens, the first of which are an attribute's options, to tokens whose names are its own.
pub(crate) fn expand<const N: usize>(
    tokens: [TokenStream; N],
    expand: impl FnOnce([TokenStream; N]) -> TokenStream,
) -> TokenStream {
    let mut names = Names { hash: 0xcbf2_9ce4_8422_2325, users: HashSet::new() };
    let tokens = tokens.map(|tokens| names.set_apart(tokens));
    names.finish(expand(tokens))
}

struct Names {
    /// By FNV-1a, which is the same on each machine.
    hash: u64,
    /// Those of the user's that begin as ours do.
    users: HashSet<String>,
}

impl Names {
    /// Marks the names of the user's that begin as ours do.
    fn set_apart(&mut self, tokens: TokenStream) -> TokenStream {
        let each = |token| -> TokenTree {
            match token {
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), self.set_apart(group.stream()));
                    inner.set_span(group.span());
                    inner.into()
                }
                TokenTree::Ident(name) => {
                    let text = name.to_string();
                    self.add(&text);
                    if !is_ours(&text) {
                        return name.into();
                    }
                    let marked = Ident::new(&in_text(&text), name.span());
                    self.users.insert(text);
                    marked.into()
                }
                other => {
                    self.add(&other.to_string());
                    other
                }
            }
        };
        tokens.into_iter().map(each).collect()
    }

    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([b' ']) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// Gives the user's names back, and makes the others unlike any other.
    fn finish(&self, tokens: TokenStream) -> TokenStream {
        // The names of a path are of the runtime, except for the first one.
        let mut after = [' '; 2];
        let each = |token| -> TokenTree {
            let in_path = after == [':', ':'] || after[1] == '.';
            after = [after[1], ' '];
            match token {
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), self.finish(group.stream()));
                    inner.set_span(group.span());
                    inner.into()
                }
                TokenTree::Ident(name) => self.named(name, in_path).into(),
                TokenTree::Literal(literal) => without_mark(literal).into(),
                TokenTree::Punct(punct) => {
                    after[1] = punct.as_char();
                    punct.into()
                }
            }
        };
        tokens.into_iter().map(each).collect()
    }

    fn named(&self, name: Ident, in_path: bool) -> Ident {
        let text = name.to_string();
        if !is_ours(&text) {
            return name;
        }
        let own = written(&text);
        if own.len() < text.len() {
            return Ident::new(own, name.span());
        }
        // Types are shown in errors, and may be named as ours unless the user's tokens are among them.
        let is_type = text.trim_start_matches('_').starts_with(char::is_uppercase);
        if in_path || (is_type && !self.users.contains(&text)) {
            return name;
        }
        // Of one length: an editor expands a macro twice, and looks at the same place in both.
        Ident::new(&format!("{text}_{:016x}", self.hash), name.span())
    }
}

/// Returns a text without the marks of names in it: of labels and of the names of fields.
fn without_mark(literal: Literal) -> Literal {
    let text = literal.to_string();
    if !text.contains(USERS) {
        return literal;
    }
    let Ok(mut plain) = text.replace(&format!("{USERS}__"), "__").parse::<Literal>() else { return literal };
    plain.set_span(literal.span());
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn names_of_the_user_are_kept_and_those_of_an_expansion_are_its_own() {
        let expanded = expand([quote!(__input other)], |[tokens]| {
            let (first, label) = (tokens.clone().into_iter().next(), tokens.to_string());
            quote!(let __input = #first; ::catena::__private::f(#label, __input, __Record))
        });
        let (text, mut names) = (expanded.to_string(), Names { hash: 0xcbf2_9ce4_8422_2325, users: HashSet::new() });
        names.set_apart(quote!(__input other));
        let own = format!("__input_{:016x}", names.hash);
        let expected =
            format!("let {own} = __input ; :: catena :: __private :: f (\"__input other\" , {own} , __Record)");
        assert_eq!(text, expected);
    }

    #[test]
    fn another_input_gives_other_names() {
        let name = |input: TokenStream| expand([input], |_| quote!(__flow1)).to_string();
        assert_ne!(name(quote!(a)), name(quote!(b)));
        assert_eq!(name(quote!(a)), name(quote!(a)));
    }

    #[test]
    fn a_type_is_called_otherwise_only_beside_one_of_its_name() {
        assert_eq!(expand([quote!(a)], |_| quote!(__Record)).to_string(), "__Record");
        let beside = expand([quote!(__Record)], |[user]| quote!(__Record #user)).to_string();
        assert!(beside.starts_with("__Record_") && beside.ends_with(" __Record"), "{beside}");
    }
}
