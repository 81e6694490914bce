//! A cursor over tokens that finds the end of each step.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};

#[derive(Clone)]
pub(crate) struct Cursor {
    tokens: Vec<TokenTree>,
    at: usize,
    /// The number of maps that are open.
    pub(crate) depth: usize,
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
        Cursor { tokens: tokens.into_iter().collect(), at: 0, depth: 0, end }
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

    /// Returns whether a `.` is next after which the step ends.
    pub(crate) fn dot_only(&self) -> bool {
        let ends = |punct: &Punct| matches!(punct.as_char(), '|' | ',' | '>');
        match self.tokens.get(self.at + 1) {
            None => self.is('.'),
            Some(TokenTree::Punct(punct)) => self.is('.') && ends(punct),
            Some(_) => false,
        }
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

    /// Skips `#[name ..]`, and returns the name and the position. Docs are `#[doc = ".."]`.
    pub(crate) fn attribute(&mut self) -> Option<(String, Span)> {
        let span = self.span();
        let Some(TokenTree::Group(group)) = self.tokens.get(self.at + 1) else { return None };
        if !self.is('#') || group.delimiter() != Delimiter::Bracket {
            return None;
        }
        let name = group.stream().into_iter().next().map_or_else(String::new, |name| name.to_string());
        self.at += 2;
        Some((name, span))
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

    /// Returns the path and the braces of `match .field { .. }`, if the cursor is at such a `match`.
    pub(crate) fn match_of_field(&self) -> Option<(Vec<Ident>, Group)> {
        let (names, tokens) = self.path(1);
        let braces = self.braces_at(1 + tokens)?;
        (!names.is_empty()).then(|| (names, braces.clone()))
    }

    /// Returns the token `ahead` tokens from here if it is a `{ .. }` group.
    pub(crate) fn braces_at(&self, ahead: usize) -> Option<&Group> {
        match self.tokens.get(self.at + ahead) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => Some(group),
            _ => None,
        }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Returns the position of the token before the next one: of a group, where it closes.
    pub(crate) fn before(&self) -> Option<Span> {
        Some(match self.tokens.get(self.at.checked_sub(1)?)? {
            TokenTree::Group(group) => group.span_close(),
            token => token.span(),
        })
    }

    pub(crate) fn skip_to(&mut self, at: usize) {
        self.at = at.min(self.tokens.len());
    }

    /// Returns the tokens between two positions.
    pub(crate) fn between(&self, from: usize, to: usize) -> &[TokenTree] {
        &self.tokens[from.min(to)..to.min(self.tokens.len())]
    }

    /// Returns the position of the next `=>`.
    pub(crate) fn fat_arrow(&self) -> Option<usize> {
        (self.at..self.tokens.len()).find(|at| {
            let ahead = at - self.at;
            self.punct_at(ahead).is_some_and(|p| p.as_char() == '=' && p.spacing() == Spacing::Joint)
                && self.punct_at(ahead + 1).is_some_and(|p| p.as_char() == '>')
        })
    }

    /// Returns the tokens before the next `=>`, and skips both. Returns `None` if there is no `=>`.
    pub(crate) fn until_fat_arrow(&mut self) -> Option<TokenStream> {
        let from = self.at;
        let arrow = self.fat_arrow()?;
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

    /// Returns whether the next field of a map begins here, after a `|` or nothing in place of a `,`.
    pub(crate) fn at_field(&self, within: Within) -> bool {
        within == Within::Map && self.field_at(usize::from(self.is('|')))
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
        let body = self.at;
        let mut angles = 0_usize;
        while !self.is_empty() {
            let or = self.is_pair('|', '|') || self.is_pair('|', '=');
            if or && closure || self.is_pair('-', '>') {
                self.at += 2;
                continue;
            }
            if closure && angles == 0 && within == Within::Map && self.compares(body) {
                self.at += 1;
                continue;
            }
            if self.is('|') || angles == 0 && within == Within::Match && self.is_pair('=', '>') {
                break;
            }
            if within == Within::Map && angles == 0 && self.at > from && self.field_at(0) {
                break;
            }
            if self.is_pair('=', '>') {
                self.at += 2;
                continue;
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

    /// Returns whether the `<` or `>` here, in the body of a closure in a map, is an operator of Rust.
    ///
    /// A `<` is one after an operand. A `>` is one if an operand follows it, which cannot follow the end of a map, and
    /// if enough of them come later for the maps that are open.
    fn compares(&self, body: usize) -> bool {
        let shifts = self.is_joint(self.at, '<') || self.is_joint(self.at, '>');
        if self.at == body || !self.ends_operand(self.at - 1) && !shifts {
            return false;
        }
        if self.is('<') {
            return !self.in_cast(body);
        }
        if !self.is('>') {
            return false;
        }
        let after = self.at + if self.is_pair('>', '>') { 2 } else { 1 };
        self.is_pair('>', '=') || self.begins_operand(after) && self.closes_after(after) >= self.depth
    }

    /// Returns whether an operand can end with this token.
    fn ends_operand(&self, at: usize) -> bool {
        match self.tokens.get(at) {
            Some(TokenTree::Ident(word)) => !matches!(word.to_string().as_str(), "as" | "in" | "return" | "break"),
            Some(TokenTree::Literal(_) | TokenTree::Group(_)) => true,
            Some(TokenTree::Punct(punct)) => punct.as_char() == '?',
            None => false,
        }
    }

    /// Returns whether an operand begins with this token, and no step, field or end of a map.
    fn begins_operand(&self, at: usize) -> bool {
        match self.tokens.get(at) {
            Some(TokenTree::Ident(word)) => word != "as",
            Some(TokenTree::Literal(_)) => true,
            Some(TokenTree::Group(group)) => group.delimiter() != Delimiter::Brace,
            Some(TokenTree::Punct(punct)) => matches!(punct.as_char(), '-' | '!' | '&' | '*'),
            None => false,
        }
    }

    /// Returns how many more maps the tokens from here close than they open.
    fn closes_after(&self, at: usize) -> usize {
        let mut closes = 0_usize;
        for at in at..self.tokens.len() {
            match &self.tokens[at] {
                TokenTree::Punct(close) if close.as_char() == '>' => {
                    closes += usize::from(!self.is_joint(at, '-') && !self.is_joint(at, '='));
                }
                TokenTree::Punct(open) if open.as_char() == '<' && !self.ends_operand(at - 1) => {
                    closes = closes.saturating_sub(1);
                }
                _ => {}
            }
        }
        closes
    }

    /// Returns whether the `<` here opens the arguments of a type, after `as` or `->`.
    fn in_cast(&self, body: usize) -> bool {
        let mut at = self.at;
        while at > body {
            at -= 1;
            match &self.tokens[at] {
                TokenTree::Ident(word) if word == "as" => return true,
                TokenTree::Ident(_) => {}
                TokenTree::Punct(punct) if punct.as_char() == ':' => {}
                TokenTree::Punct(punct) => return punct.as_char() == '>' && self.is_joint(at, '-'),
                _ => return false,
            }
        }
        false
    }

    /// Returns whether the token stands directly after this punctuation.
    fn is_joint(&self, at: usize, before: char) -> bool {
        let joint = |punct: &Punct| punct.as_char() == before && punct.spacing() == Spacing::Joint;
        at > 0 && matches!(&self.tokens[at - 1], TokenTree::Punct(punct) if joint(punct))
    }

    /// Returns whether `name:` or `name?:` stands `ahead` tokens from here, with which a field of a map begins.
    pub(crate) fn field_at(&self, ahead: usize) -> bool {
        let at = self.at + ahead;
        let Some(TokenTree::Ident(_)) = self.tokens.get(at) else { return false };
        let colon = ahead + 1 + usize::from(self.punct_at(ahead + 1).is_some_and(|punct| punct.as_char() == '?'));
        let is_colon = self.punct_at(colon).is_some_and(|punct| punct.as_char() == ':');
        let is_path = self.punct_at(colon + 1).is_some_and(|punct| punct.as_char() == ':')
            && self.is_joint(self.at + colon + 1, ':');
        // The name of a loop is no field.
        is_colon && !is_path && !self.is_joint(at, '\'')
    }

    /// Returns the names of `.a.b`, which stands `from` tokens from here, and how many tokens they are. Calls of methods
    /// are none of them.
    pub(crate) fn path(&self, from: usize) -> (Vec<Ident>, usize) {
        let (mut names, mut ahead) = (Vec::new(), from);
        while let (Some(dot), Some(TokenTree::Ident(name))) =
            (self.punct_at(ahead), self.tokens.get(self.at + ahead + 1))
        {
            let called = match self.tokens.get(self.at + ahead + 2) {
                Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Parenthesis,
                Some(TokenTree::Punct(punct)) => punct.as_char() == ':',
                _ => false,
            };
            if dot.as_char() != '.' || called && !names.is_empty() {
                break;
            }
            names.push(name.clone());
            ahead += 2;
        }
        (names, ahead - from)
    }

    /// Returns `->`, `=` or `:` in place of the `=>` of an arm: where the pattern ends, the text, and its position.
    pub(crate) fn wrong_arrow(&self) -> Option<(usize, &'static str, Span)> {
        for at in self.at..self.tokens.len() {
            match &self.tokens[at] {
                TokenTree::Ident(word) if word == "if" => return None,
                TokenTree::Punct(punct) => {
                    let joint = |next: char| {
                        punct.spacing() == Spacing::Joint
                            && matches!(self.tokens.get(at + 1), Some(TokenTree::Punct(p)) if p.as_char() == next)
                    };
                    match punct.as_char() {
                        ',' => return None,
                        '=' if joint('>') => return None,
                        '-' if joint('>') => return Some((at, "->", punct.span())),
                        ':' if !joint(':') && !self.is_joint(at, ':') => return Some((at, ":", punct.span())),
                        '=' if !joint('=') && !self.is_joint(at, '.') => return Some((at, "=", punct.span())),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        None
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
