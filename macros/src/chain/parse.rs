//! Tokens to a tree. After a step that cannot be parsed, parsing continues with the next one.

use super::{
    ast::{Arm, Chain, Input, Map, MapField, Match, Rest, Root, Step},
    lexer::{Cursor, Within},
    mistakes,
    recover::repaired,
};
use crate::shared::{diagnostics::Diagnostics, source_text};
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use syn::{Expr, Pat, Stmt, Token, Type, parse::Parser, punctuated::Punctuated, spanned::Spanned};

/// Parses the whole input of `chain!`. Returns `None` if there is nothing to expand.
pub(crate) fn root(tokens: TokenStream, diagnostics: &Diagnostics) -> Option<Root> {
    let mut cursor = Cursor::new(tokens, Span::call_site());
    let input = input(&mut cursor);
    if cursor.is_empty() {
        let message = "this chain is empty: write its steps, `chain!(prompt | model | parser)`";
        diagnostics.error(cursor.span(), message);
        return None;
    }
    let chain = Reader { diagnostics }.chain(&mut cursor, Within::Chain);
    Some(Root { input, chain })
}

/// Parses `Type =>` or `{ name: Type, .. } =>`.
fn input(cursor: &mut Cursor) -> Option<Input> {
    let span = cursor.span();
    let braces = cursor.braces().map(Group::stream);
    let Some(tokens) = cursor.until_fat_arrow() else { return thin_arrow(cursor) };
    if let Some(mistake) = mistakes::value_as_type(&tokens) {
        return Some(Input::Broken(mistake));
    }
    let only_braces = tokens.clone().into_iter().count() == 1;
    Some(match braces {
        Some(fields) if only_braces => match Punctuated::<Field, Token![,]>::parse_terminated.parse2(fields) {
            Ok(fields) if fields.is_empty() => {
                let message = "an input record has fields: `{ question: String, lang: String } => ..`";
                Input::Broken(syn::Error::new(span, message))
            }
            Ok(fields) => Input::Record(fields.into_iter().map(|field| (field.0, field.1)).collect()),
            Err(error) => Input::Broken(error),
        },
        _ => syn::parse2::<Type>(tokens).map_or_else(
            |_| {
                let message = "before `=>` stands the type of the input: `Question => prompt | model`";
                Input::Broken(syn::Error::new(span, message))
            },
            |ty| Input::Type(Box::new(ty)),
        ),
    })
}

/// Parses `Type ->`, which is no input but meant as one.
fn thin_arrow(cursor: &mut Cursor) -> Option<Input> {
    let (at, "->", span) = cursor.wrong_arrow()? else { return None };
    let ty: TokenStream = cursor.between(cursor.at(), at).iter().cloned().collect();
    syn::parse2::<Type>(ty.clone()).ok()?;
    cursor.skip_to(at + 2);
    let message = format!("after the type of the input stands `=>`, not `->`: `{} => ..`", source_text::ty(ty));
    Some(Input::Broken(syn::Error::new(span, message)))
}

struct Field(Ident, Type);

impl syn::parse::Parse for Field {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        Ok(Field(name, input.parse()?))
    }
}

struct Reader<'a> {
    diagnostics: &'a Diagnostics,
}

impl Reader<'_> {
    fn error(&self, span: Span, message: impl std::fmt::Display) {
        self.diagnostics.error(span, message);
    }

    /// Parses steps separated by `|`, up to the token that ends the chain. That token is not skipped.
    fn chain(&self, cursor: &mut Cursor, within: Within) -> Chain {
        let mut steps = Vec::new();
        loop {
            if cursor.at_end(within) || !steps.is_empty() && !cursor.is('|') && cursor.at_field(within) {
                if steps.is_empty() {
                    steps.push(Step::Broken(syn::Error::new(cursor.span(), "a step is missing here")));
                }
                break;
            }
            if cursor.is('|') && !cursor.closure_ahead() {
                self.error(cursor.span(), "stray `|`: there is no step before it");
                cursor.next();
                continue;
            }
            let before = self.diagnostics.count();
            let step = self.step(cursor, within);
            steps.extend(step.or_else(|| self.diagnostics.take(before).map(Step::Broken)));
            if cursor.at_end(within) || cursor.at_field(within) {
                break;
            }
            if cursor.is_pair('|', '|') {
                self.doubled(cursor);
            } else if cursor.is_pair('|', '>') && cursor.depth == 0 {
                self.error(cursor.span(), "the steps of a chain are separated by `|`, not by `|>`");
                cursor.next();
                cursor.next();
                continue;
            }
            let Some(pipe) = cursor.eat('|') else {
                self.stray(cursor, within);
                continue;
            };
            if cursor.at_end(within) {
                steps.push(Step::Broken(syn::Error::new(pipe, "stray `|`: there is no step after it")));
                break;
            }
        }
        Chain { steps }
    }

    /// Reports `||` between two steps, and leaves the `|` that belongs there.
    fn doubled(&self, cursor: &mut Cursor) {
        let pipe = cursor.span();
        let mut second = cursor.clone();
        second.next();
        if second.closure_ahead() {
            self.error(pipe, "`||` is Rust's `or`: between a step and a closure put a space, `model | |x| ..`");
        } else {
            self.error(pipe, "`||` is Rust's `or`: the steps of a chain are separated by one `|`");
            cursor.next();
        }
    }

    /// Reports a token after the end of a step, and skips it.
    fn stray(&self, cursor: &mut Cursor, within: Within) {
        let span = cursor.span();
        let fat_arrow = cursor.is_pair('=', '>');
        let message = match cursor.next() {
            Some(TokenTree::Punct(_)) if fat_arrow => {
                cursor.next();
                match within {
                    Within::Match => {
                        "`=>` stands after the pattern of an arm, and a `,` before it: `Some(x) => a, None => b`"
                    }
                    Within::Chain | Within::Map => {
                        "`=>` stands after the type of the input, at the start: `chain!(Type => a | b)`"
                    }
                }
                .to_owned()
            }
            Some(TokenTree::Punct(p)) if p.as_char() == ',' => {
                "stray `,`: the steps of a chain are separated by `|`; fields with `,` go into `< .. >`".to_owned()
            }
            Some(TokenTree::Punct(p)) if p.as_char() == '>' => "stray `>`: no `<` is open here".to_owned(),
            Some(TokenTree::Punct(p)) if p.as_char() == '.' && cursor.braces().is_some() => {
                cursor.next();
                cursor.eat('|');
                "several fields of a field are a pick after a pick: `.answer | .{text, lang}`".to_owned()
            }
            Some(TokenTree::Punct(p)) if p.as_char() == '.' => {
                // The rest of the method call makes no sense as a step.
                cursor.step(within);
                cursor.eat('|');
                "a map, a `match` or a pick takes no methods: wrap it, `chain!(<..>).retry(3)`".to_owned()
            }
            Some(TokenTree::Literal(number)) => {
                if !cursor.is('|') {
                    cursor.step(Within::Map);
                }
                cursor.eat('>');
                cursor.eat('|');
                format!("a comparison in a branch of a map goes into parentheses: `|n| (n > {number})`")
            }
            Some(TokenTree::Ident(_) | TokenTree::Group(_)) => {
                // It may be the step.
                cursor.skip_to(cursor.at() - 1);
                "expected `|` before the next step".to_owned()
            }
            _ => "expected `|` before the next step".to_owned(),
        };
        self.error(span, message);
    }

    /// Reports a field that is named like a keyword, and returns `None` for it.
    fn no_keyword(&self, name: &Ident) -> Option<()> {
        if syn::parse_str::<Ident>(&name.to_string()).is_err() {
            self.error(
                name.span(),
                format!("`{name}` is a word of Rust, which a field cannot be called: `r#{name}`, or another"),
            );
            return None;
        }
        Some(())
    }

    fn step(&self, cursor: &mut Cursor, within: Within) -> Option<Step> {
        if cursor.is('<') {
            return Some(Step::Map(self.map(cursor)));
        }
        if cursor.is_ident("match")
            && let Some(braces) = cursor.braces_at(1).cloned()
        {
            let keyword = cursor.span();
            cursor.next();
            cursor.next();
            return Some(Step::Match(self.arms(keyword, Vec::new(), None, &braces)));
        }
        if cursor.is_ident("match")
            && let Some((of, braces)) = cursor.match_of_field()
        {
            let keyword = cursor.span();
            let sound = of.iter().all(|name| self.no_keyword(name).is_some());
            // `match`, a `.` and a name each, and the braces.
            cursor.skip_to(cursor.at() + 2 + 2 * of.len());
            let branch = self.arms(keyword, of, None, &braces);
            return sound.then_some(Step::Match(branch));
        }
        if cursor.is_ident("match")
            && let Some((key, braces)) = cursor.config_key()
        {
            let keyword = cursor.span();
            for _ in 0..4 {
                cursor.next();
            }
            let at = key.span();
            return Some(match syn::parse2(key) {
                Ok(key) => Step::Match(self.arms(keyword, Vec::new(), Some(key), &braces)),
                Err(_) => Step::Broken(syn::Error::new(at, "name the key that chooses: `match config(KEY) { .. }`")),
            });
        }
        if cursor.is('.') && !cursor.is_pair('.', '.') {
            return self.pick(cursor, within);
        }
        if cursor.is('>') {
            self.stray(cursor, within);
            return None;
        }
        if let Some(mistake) = cursor.braces().and_then(mistakes::braces_as_map) {
            cursor.step(within);
            return Some(Step::Broken(mistake));
        }
        let span = cursor.span();
        let tokens = cursor.step(within);
        if tokens.is_empty() {
            self.stray(cursor, within);
            return None;
        }
        self.expression(&tokens, span, within)
    }

    fn expression(&self, tokens: &TokenStream, span: Span, within: Within) -> Option<Step> {
        if within == Within::Chain
            && let Some(stray) = stray_comma(tokens)
        {
            let message = "stray `,`: the steps of a chain are separated by `|`; fields with `,` go into `< .. >`";
            self.error(stray, message);
            return None;
        }
        if let Some(mistake) = mistakes::semicolon(tokens) {
            return Some(Step::Broken(mistake));
        }
        if let Some(rest) = rest_only(tokens) {
            self.error(rest, "`..` copies fields into a parallel map: write it inside `< .. >`");
            return None;
        }
        let expr = match syn::parse2::<Expr>(tokens.clone()) {
            Ok(expr) => expr,
            Err(error) => {
                let message = error.to_string();
                let error = if message.starts_with("unexpected end of input") {
                    syn::Error::new(span, format!("this step is not finished: {}", expected(&message)))
                } else {
                    error
                };
                match repaired(tokens, &error) {
                    Some(expr) => expr,
                    None => return Some(Step::Broken(error)),
                }
            }
        };
        let (expr, before) = ends_in_closure(ungrouped(expr));
        if let Some(mistake) = mistakes::no_step(&expr) {
            return Some(Step::Broken(mistake));
        }
        Some(match expr {
            Expr::Infer(_) => Step::Input(span),
            Expr::Closure(closure) => Step::Closure(closure, before),
            expr => Step::Expr(expr),
        })
    }

    /// Parses `.name`, `.name.of_that` or `.{a, b}`.
    fn pick(&self, cursor: &mut Cursor, within: Within) -> Option<Step> {
        let (names, tokens) = cursor.path(0);
        if !names.is_empty() {
            cursor.skip_to(cursor.at() + tokens);
            names.iter().try_for_each(|name| self.no_keyword(name))?;
            if let Some(mistake) = mistakes::after_pick(&names, cursor, within) {
                cursor.step(within);
                return Some(Step::Broken(mistake));
            }
            if !cursor.dot_only() {
                return Some(Step::Pick(names));
            }
            let written = names.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
            let message = format!("name the field to pick: `.{written}.answer`");
            let mistake = syn::Error::new(cursor.span(), message);
            cursor.next();
            return Some(Step::HalfPick(names, mistake));
        }
        let message = "name the field to pick: `.answer`, or several: `.{question, answer}`";
        if cursor.dot_only() {
            let mistake = syn::Error::new(cursor.span(), message);
            cursor.next();
            return Some(Step::HalfPick(names, mistake));
        }
        if let Some(mistake) = mistakes::after_pick(&[], cursor, within) {
            cursor.step(within);
            return Some(Step::Broken(mistake));
        }
        let dot = cursor.eat('.')?;
        if let Some(braces) = cursor.braces().cloned() {
            cursor.next();
            let names = Punctuated::<Ident, Token![,]>::parse_terminated.parse2(braces.stream());
            let names: Vec<Ident> = self.diagnostics.ok(names)?.into_iter().collect();
            if names.is_empty() {
                self.error(braces.span_open(), "name the fields to pick: `.{question, lang}`");
                return None;
            }
            return Some(Step::SubRecord(names));
        }
        self.error(dot, message);
        None
    }

    /// Parses `<name: chain, name?: chain, ..> as Type`.
    fn map(&self, cursor: &mut Cursor) -> Map {
        let open = cursor.span();
        cursor.next();
        cursor.depth += 1;
        let map = self.fields(cursor, open);
        cursor.depth -= 1;
        map
    }

    /// Parses a map after its `<`.
    fn fields(&self, cursor: &mut Cursor, open: Span) -> Map {
        let mut map = Map { open, fields: Vec::new(), rest: None, target: None, broken: Vec::new() };
        let mut sound = true;
        loop {
            if cursor.eat('>').is_some() {
                break;
            }
            if cursor.is_empty() {
                let message =
                    "this `<` is not closed by a `>`; a comparison in a branch goes into parentheses, `(a < b)`";
                let mistake = syn::Error::new(open, message);
                match map.fields.last_mut() {
                    // Steps after the last branch may have been meant to follow the map.
                    Some(last) => last.chain.steps.insert(usize::from(sound), Step::Broken(mistake)),
                    None => map.broken.push(mistake),
                }
                return map;
            }
            let before = self.diagnostics.count();
            self.entry(cursor, &mut map);
            sound = before == self.diagnostics.count();
            map.broken.extend(self.diagnostics.split_off(before));
            if cursor.at_field(Within::Map) {
                self.no_comma(cursor, map.fields.last().map(|field| &field.name));
                continue;
            }
            if !cursor.is('>') && !cursor.is_empty() && cursor.eat(',').is_none() {
                self.error(cursor.span(), "expected `,` or `>` after this field");
                // Skip at least one token, so that parsing always advances.
                cursor.next();
                cursor.step(Within::Map);
                cursor.eat(',');
            }
        }
        if cursor.is_ident("as") {
            cursor.next();
            let span = cursor.span();
            let target = cursor.ty();
            let no_struct = || syn::Error::new(span, "after `as` stands the struct to fill: `<..> as Answers`");
            if target.is_empty() {
                map.broken.push(no_struct());
            } else {
                match syn::parse2(target) {
                    Ok(target @ Type::Path(_)) => map.target = Some(target),
                    // A reference, or bounds, which a `+` in place of a `|` makes of a struct.
                    Ok(_) => map.broken.push(no_struct()),
                    Err(error) => map.broken.push(error),
                }
            }
        }
        map
    }

    /// Reports a field after which the next one begins without a `,`, and skips the `|` in its place.
    fn no_comma(&self, cursor: &mut Cursor, last: Option<&Ident>) {
        let pipe = cursor.eat('|');
        let (span, next) = (cursor.span(), cursor.peek().map(ToString::to_string).unwrap_or_default());
        let fields = match last {
            Some(last) => format!("`<{last}: .., {next}: ..>`"),
            None => format!("`<.., {next}: ..>`"),
        };
        match pipe {
            Some(pipe) => self.error(pipe, format!("fields of a map are separated by `,`, not by `|`: {fields}")),
            None => self.error(span, format!("a `,` is missing before the field `{next}`: {fields}")),
        }
    }

    /// Parses one field of a map, or `..`.
    fn entry(&self, cursor: &mut Cursor, map: &mut Map) {
        let left_out = self.attributes(cursor);
        if cursor.is_pair('.', '.') {
            let span = cursor.span();
            cursor.next();
            cursor.next();
            if map.rest.is_some() {
                self.error(span, "one `..` copies all fields that are there");
            } else {
                map.rest = Some(Rest { span, at: map.fields.len() });
            }
            return;
        }
        if let Some(comma) = cursor.is(',').then(|| cursor.span()) {
            self.error(comma, "stray `,`: there is no field before it");
            return;
        }
        let Some(name) = cursor.eat_ident() else {
            let message = "a branch of a parallel map has a name: `<gpt: model_a, claude: model_b>`";
            self.error(cursor.span(), message);
            cursor.step(Within::Map);
            return;
        };
        let known = self.no_keyword(&name);
        let settled = cursor.eat('?').is_some();
        let wrong = ["->", "=>", "="].into_iter().find(|arrow| match arrow.as_bytes() {
            [first, second] => cursor.is_pair(char::from(*first), char::from(*second)),
            _ => cursor.is('='),
        });
        let chain = if let Some(arrow) = wrong {
            let message = format!("after the name of a field stands `:`, not `{arrow}`: `<{name}: ..>`");
            self.error(cursor.span(), message);
            cursor.skip_to(cursor.at() + arrow.len());
            self.chain(cursor, Within::Map)
        } else if cursor.is_pair(':', ':') || cursor.eat(':').is_none() {
            let message = format!("expected `:` after the field `{name}`: `<{name}: step, ..>`");
            let error = syn::Error::new(name.span(), message);
            // The tokens here are most likely the step: skip them, so that the rest is understood.
            cursor.step(Within::Map);
            Chain { steps: vec![Step::Broken(error)] }
        } else {
            self.chain(cursor, Within::Map)
        };
        if known.is_some() && !left_out {
            map.fields.push(MapField { name, settled, chain });
        }
    }

    /// Reports the attributes and docs before a part of a chain, and skips them. Returns whether one of them is a `#[cfg]`,
    /// because of which the part may have to be left out.
    fn attributes(&self, cursor: &mut Cursor) -> bool {
        let mut left_out = false;
        while let Some((attribute, span)) = cursor.attribute() {
            let message = match attribute.as_str() {
                "doc" => "a comment in a chain is `// ..`: docs belong on the function that builds it".to_owned(),
                "cfg" | "cfg_attr" => {
                    format!("a chain is the same everywhere: put `#[{attribute}(..)]` on two functions that build it")
                }
                _ => format!("`#[{attribute}(..)]` belongs on the function that builds the chain"),
            };
            left_out |= attribute.starts_with("cfg");
            self.error(span, message);
        }
        left_out
    }

    fn arms(&self, keyword: Span, of: Vec<Ident>, key: Option<Expr>, braces: &Group) -> Match {
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

/// Returns the closure or the `_` of a fragment (`$step:expr`), which a macro by example passes on as a group.
fn ungrouped(expr: Expr) -> Expr {
    let mut within = &expr;
    while let Expr::Group(group) = within {
        within = &group.expr;
    }
    match within {
        Expr::Closure(_) | Expr::Infer(_) => within.clone(),
        _ => expr,
    }
}

/// Returns the closure with which a block ends, and the statements before it: `{ let db = db.clone(); move |x| .. }`.
/// Returns any other expression as it is.
fn ends_in_closure(expr: Expr) -> (Expr, Vec<Stmt>) {
    match expr {
        Expr::Block(mut block)
            if block.label.is_none()
                && block.attrs.is_empty()
                && matches!(block.block.stmts.last(), Some(Stmt::Expr(Expr::Closure(_), None))) =>
        {
            match block.block.stmts.pop() {
                Some(Stmt::Expr(closure, None)) => (closure, block.block.stmts),
                _ => (Expr::Block(block), Vec::new()),
            }
        }
        expr => (expr, Vec::new()),
    }
}

/// Returns the part of syn's message that says what was expected.
fn expected(message: &str) -> &str {
    message.split_once(", ").map_or("something is missing at its end", |(_, expected)| expected)
}

/// Returns the position of a `,` at the top level of a step that is not an expression.
fn stray_comma(tokens: &TokenStream) -> Option<Span> {
    if syn::parse2::<Expr>(tokens.clone()).is_ok() {
        return None;
    }
    tokens.clone().into_iter().find_map(|token| match token {
        TokenTree::Punct(punct) if punct.as_char() == ',' => Some(punct.span()),
        _ => None,
    })
}

/// Returns the position of `..` if there are no other tokens.
fn rest_only(tokens: &TokenStream) -> Option<Span> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Punct(a), TokenTree::Punct(b)] if a.as_char() == '.' && b.as_char() == '.' => Some(a.span()),
        _ => None,
    }
}
