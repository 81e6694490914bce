//! The arms of a `match`.

use super::Reader;
use crate::{
    chain::{
        ast::{Arm, Match, Step},
        lexer::{Cursor, Within},
    },
    shared::{diagnostics::Diagnostics, source_text},
};
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use syn::{Expr, Pat, parse::Parser};

impl Reader<'_> {
    /// Parses the arms between braces.
    pub(super) fn arms(&self, keyword: Span, of: Vec<Ident>, key: Option<Expr>, braces: &Group) -> Match {
        let mut cursor = Cursor::new(braces.stream(), braces.span_close());
        let (mut arms, mut broken) = (Vec::new(), Vec::new());
        while !cursor.is_empty() {
            if let Some(comma) = cursor.eat(',') {
                self.error(comma, "stray `,`: there is no arm before it");
                continue;
            }
            let before = self.diagnostics.count();
            let left_out = self.attributes(&mut cursor);
            broken.extend(self.diagnostics.split_off(before));
            let span = cursor.span();
            let head = match cursor.wrong_arrow() {
                Some((at, arrow, wrong)) => {
                    let head: TokenStream = cursor.between(cursor.at(), at).iter().cloned().collect();
                    let written = source_text::pattern(head.clone());
                    self.error(wrong, format!("after a pattern stands `=>`, not `{arrow}`: `{written} => ..`"));
                    cursor.skip_to(at + arrow.len());
                    Some(head)
                }
                None => cursor.until_fat_arrow(),
            };
            let Some(head) = head else {
                broken.push(syn::Error::new(span, "an arm is `pattern => chain`"));
                break;
            };
            let before = self.diagnostics.count();
            let head = self.head(head, span);
            broken.extend(self.diagnostics.split_off(before));
            let chain = match Self::next_arm(&cursor) {
                Some((at, pattern)) => {
                    let ends = cursor.between(cursor.at(), at).iter().cloned().collect();
                    let start = cursor.between(at, at + 1).first().map_or(span, TokenTree::span);
                    self.error(start, format!("a `,` is missing before this arm: `.., {pattern} => ..`"));
                    cursor.skip_to(at);
                    self.chain(&mut Cursor::new(ends, span), Within::Match)
                }
                None => self.chain(&mut cursor, Within::Match),
            };
            if let Some((pattern, guard)) = head.filter(|_| !left_out) {
                let end = cursor.before().unwrap_or(span);
                arms.push(Arm { pattern, guard, chain, end });
            }
            cursor.eat(',');
        }
        if arms.is_empty() && broken.is_empty() {
            let message = "a `match` has arms: `match { pattern => chain, .. }`";
            broken.push(syn::Error::new(braces.span_open(), message));
        }
        Match { keyword, of, key, arms, broken }
    }

    /// Returns the position and the pattern of the next arm if no `,` stands before it. The cursor is after a `=>`.
    fn next_arm(cursor: &Cursor) -> Option<(usize, String)> {
        let (from, arrow) = (cursor.at(), cursor.fat_arrow()?);
        let scratch = Diagnostics::default();
        let reader = Reader { diagnostics: &scratch };
        let head = |at: usize| {
            let tokens: TokenStream = cursor.between(at, arrow).iter().cloned().collect();
            let before = scratch.count();
            reader.head(tokens.clone(), Span::call_site()).filter(|_| scratch.count() == before).map(|_| tokens)
        };
        let is_comma = |at: &usize| matches!(cursor.between(*at, at + 1), [TokenTree::Punct(p)] if p.as_char() == ',');
        let comma = (from..arrow).rev().find(is_comma);
        if comma.is_some_and(|comma| head(comma + 1).is_some()) {
            return None;
        }
        (from + 1..arrow).rev().find_map(|at| {
            let pattern = head(at)?;
            let chain: TokenStream = cursor.between(from, at).iter().cloned().collect();
            let (scratch, mut chain) = (Diagnostics::default(), Cursor::new(chain, Span::call_site()));
            let read = Reader { diagnostics: &scratch }.chain(&mut chain, Within::Match);
            let sound = chain.is_empty() && scratch.is_empty();
            let whole = sound && !read.steps.iter().any(|step| matches!(step, Step::Broken(_)));
            whole.then(|| (at, source_text::pattern(pattern)))
        })
    }

    /// Parses `pattern if guard`.
    fn head(&self, tokens: TokenStream, span: Span) -> Option<(Pat, Option<Expr>)> {
        let mut tokens = tokens.into_iter();
        let mut guard = None;
        let pattern: TokenStream = tokens
            .by_ref()
            .take_while(|token| {
                let is_if = matches!(token, TokenTree::Ident(word) if word == "if");
                if is_if {
                    guard = Some(token.span());
                }
                !is_if
            })
            .collect();
        if pattern.is_empty() {
            self.error(span, "a pattern is missing before `=>`");
            return None;
        }
        let pattern = self.diagnostics.ok(Pat::parse_multi_with_leading_vert.parse2(pattern));
        let guard = match guard {
            Some(_) => Some(self.diagnostics.ok(syn::parse2(tokens.collect()))?),
            None => None,
        };
        Some((pattern?, guard))
    }
}
