//! A cursor over tokens that finds the end of each step.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};

pub(crate) struct Cursor {
    tokens: Vec<TokenTree>,
    at: usize,
    /// The position after the last token, for errors about missing tokens.
    end: Span,
}

/// The construct around a step. It decides what ends the step besides `|` and the last token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// The chain itself: nothing else ends a step.
    Chain,
    /// A branch of a map: `,` and `>` end a step.
    Map,
    /// An arm of a `match`: `,` ends a step.
    Match,
}

impl Cursor {
    pub(crate) fn new(tokens: TokenStream, end: Span) -> Self {
        Cursor { tokens: tokens.into_iter().collect(), at: 0, end }
    }

    pub(crate) fn peek(&self) -> Option<&TokenTree> {
        self.tokens.get(self.at)
    }

    pub(crate) fn next(&mut self) -> Option<TokenTree> {
        let token = self.tokens.get(self.at).cloned();
        self.at += usize::from(token.is_some());
        token
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Returns the position of the next token or, at the end, of the last one.
    pub(crate) fn span(&self) -> Span {
        let here = self.peek().or_else(|| self.tokens.last());
        here.map_or(self.end, TokenTree::span)
    }

    /// Returns the punctuation `ahead` tokens from here.
    fn punct_at(&self, ahead: usize) -> Option<&Punct> {
        match self.tokens.get(self.at + ahead) {
            Some(TokenTree::Punct(punct)) => Some(punct),
            _ => None,
        }
    }

    pub(crate) fn is(&self, punct: char) -> bool {
        self.punct_at(0).is_some_and(|p| p.as_char() == punct)
    }

    /// Returns whether a two-character operator is next, such as `::`.
    pub(crate) fn is_pair(&self, first: char, second: char) -> bool {
        self.punct_at(0).is_some_and(|p| p.as_char() == first && p.spacing() == Spacing::Joint)
            && self.punct_at(1).is_some_and(|p| p.as_char() == second)
    }

    pub(crate) fn eat(&mut self, punct: char) -> Option<Span> {
        self.is(punct).then(|| self.next())?.map(|token| token.span())
    }

    pub(crate) fn eat_ident(&mut self) -> Option<Ident> {
        match self.peek() {
            Some(TokenTree::Ident(ident)) => {
                let ident = ident.clone();
                self.at += 1;
                Some(ident)
            }
            _ => None,
        }
    }

    pub(crate) fn is_ident(&self, word: &str) -> bool {
        matches!(self.peek(), Some(TokenTree::Ident(ident)) if ident == word)
    }

    /// Returns the next token if it is a `{ .. }` group.
    pub(crate) fn braces(&self) -> Option<&Group> {
        self.braces_at(0)
    }

    /// Returns the key and the braces of `match config(KEY) { .. }`, if the cursor is at such a `match`.
    pub(crate) fn config_key(&self) -> Option<(TokenStream, Group)> {
        let is_config = matches!(self.tokens.get(self.at + 1), Some(TokenTree::Ident(word)) if word == "config");
        match (self.tokens.get(self.at + 2), self.braces_at(3)) {
            (Some(TokenTree::Group(key)), Some(braces)) if is_config && key.delimiter() == Delimiter::Parenthesis => {
                Some((key.stream(), braces.clone()))
            }
            _ => None,
        }
    }

    /// Returns the token `ahead` tokens from here if it is a `{ .. }` group.
    pub(crate) fn braces_at(&self, ahead: usize) -> Option<&Group> {
        match self.tokens.get(self.at + ahead) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => Some(group),
            _ => None,
        }
    }

    /// Returns the tokens before the next `=>`, and skips both. Returns `None` if there is no `=>`.
    pub(crate) fn until_fat_arrow(&mut self) -> Option<TokenStream> {
        let from = self.at;
        let arrow = (from..self.tokens.len()).find(|at| {
            let ahead = at - from;
            self.punct_at(ahead).is_some_and(|p| p.as_char() == '=' && p.spacing() == Spacing::Joint)
                && self.punct_at(ahead + 1).is_some_and(|p| p.as_char() == '>')
        })?;
        self.at = arrow + 2;
        Some(self.tokens[from..arrow].iter().cloned().collect())
    }

    /// Returns whether a closure begins here: `|`, `||`, `move |`, `async |`, `async move |`.
    fn at_closure(&self) -> bool {
        let mut ahead = 0;
        while let Some(TokenTree::Ident(word)) = self.tokens.get(self.at + ahead) {
            if word != "async" && word != "move" {
                return false;
            }
            ahead += 1;
        }
        self.punct_at(ahead).is_some_and(|p| p.as_char() == '|')
    }

    /// Returns whether the `|` here opens the parameters of a closure.
    pub(crate) fn closure_ahead(&self) -> bool {
        let params = &self.tokens[(self.at + 1).min(self.tokens.len())..];
        let closes = params.iter().position(|t| matches!(t, TokenTree::Punct(p) if p.as_char() == '|'));
        // In `| step | step`, the tokens between are a step unless they can be parameters.
        closes.is_some_and(|at| {
            let params: TokenStream = params[..at].iter().cloned().collect();
            at == 0 || syn::parse::Parser::parse2(parameters, params).is_ok()
        })
    }

    /// Returns whether a chain ends here.
    pub(crate) fn at_end(&self, within: Within) -> bool {
        self.is_empty() || within != Within::Chain && self.is(',') || within == Within::Map && self.is('>')
    }

    /// Returns the tokens of a type, after `as`.
    pub(crate) fn ty(&mut self) -> TokenStream {
        let from = self.at;
        let mut angles = 0_usize;
        while !self.is_empty() {
            if self.is('<') {
                angles += 1;
            } else if self.is('>') {
                if angles == 0 {
                    break;
                }
                angles -= 1;
            } else if angles == 0 && (self.is('|') || self.is(',')) {
                break;
            }
            self.at += 1;
        }
        self.tokens[from..self.at].iter().cloned().collect()
    }

    /// Returns the tokens of one step that is an expression or a closure.
    ///
    /// A single `|` ends the step; in the body of a closure, `||` is Rust's `or`. A `<` opens generic arguments after
    /// `::`, and everywhere within a map.
    pub(crate) fn step(&mut self, within: Within) -> TokenStream {
        let from = self.at;
        let closure = self.at_closure();
        if closure {
            while !self.is('|') {
                self.at += 1;
            }
            self.at += 1;
            while !self.is_empty() && !self.is('|') {
                self.at += 1;
            }
            self.at += 1;
        }
        let mut angles = 0_usize;
        while !self.is_empty() {
            let or = self.is_pair('|', '|') || self.is_pair('|', '=');
            if or && closure || self.is_arrow() {
                self.at += 2;
                continue;
            }
            if self.is('|') {
                break;
            }
            if self.is('<') && (within == Within::Map || angles > 0 || self.after_path()) {
                angles += 1;
            } else if self.is('>') && angles > 0 {
                angles -= 1;
            } else if angles == 0 && (self.is('>') && within == Within::Map || self.is(',') && within != Within::Chain)
            {
                break;
            }
            self.at += 1;
        }
        let end = self.at.min(self.tokens.len());
        self.at = end;
        self.tokens[from.min(end)..end].iter().cloned().collect()
    }

    /// Returns whether `->` or `=>` is next.
    fn is_arrow(&self) -> bool {
        self.is_pair('-', '>') || self.is_pair('=', '>')
    }

    /// Returns whether `::` stands before the next token.
    fn after_path(&self) -> bool {
        self.at >= 2
            && matches!(&self.tokens[self.at - 1], TokenTree::Punct(p) if p.as_char() == ':')
            && matches!(&self.tokens[self.at - 2], TokenTree::Punct(p) if p.as_char() == ':')
    }
}

/// Succeeds if the tokens can be the parameters of a closure.
fn parameters(input: syn::parse::ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() {
        syn::Pat::parse_single(input)?;
        if input.peek(syn::Token![:]) {
            input.parse::<syn::Token![:]>()?;
            input.parse::<syn::Type>()?;
        }
        if !input.is_empty() {
            input.parse::<syn::Token![,]>()?;
        }
    }
    Ok(())
}
