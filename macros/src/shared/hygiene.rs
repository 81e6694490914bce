//! Names that an expansion makes, which no name of a user's can be.
//!
//! Items are not hygienic: a variable `__input` of an expansion would be the user's unit struct of that name, and not a
//! new variable. So the names of an expansion begin with two underscores, and end in a hash of what it expands. What the
//! user calls so is called otherwise in between.

use proc_macro2::{Group, Ident, Literal, TokenStream, TokenTree};
use std::collections::HashSet;

/// What stands before a name of the user's that begins as those of an expansion do.
const USERS: &str = "__users";

/// Expands tokens, the first of which are an attribute's options, to tokens whose names are its own.
pub(crate) fn expand<const N: usize>(
    tokens: [TokenStream; N],
    expand: impl FnOnce([TokenStream; N]) -> TokenStream,
) -> TokenStream {
    let mut names = Names { hash: 0xcbf2_9ce4_8422_2325, users: HashSet::new() };
    let tokens = tokens.map(|tokens| names.set_apart(tokens));
    names.finish(expand(tokens))
}

/// Returns a name that stands in a text of the user's, as it stands between the two passes.
pub(crate) fn in_text(name: &str) -> String {
    if is_ours(name) { format!("{USERS}{name}") } else { name.to_owned() }
}

/// Returns a name as the user wrote it.
pub(crate) fn written(name: &str) -> &str {
    name.strip_prefix(USERS).filter(|name| is_ours(name)).unwrap_or(name)
}

/// Returns whether an expansion may use a name.
fn is_ours(name: &str) -> bool {
    name.starts_with("__")
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
        Ident::new(&format!("{text}_{:x}", self.hash), name.span())
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
