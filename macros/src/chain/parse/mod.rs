//! Tokens to a tree. After a step that cannot be parsed, parsing continues with the next one.
//!
//! | file | contents |
//! |---|---|
//! | this file | a chain and its steps |
//! | `input` | the type before `=>` |
//! | `map` | the fields of a parallel map |
//! | `branch` | the arms of a `match` |

mod branch;
mod input;
mod map;

use super::{
    ast::{Chain, Root, Step},
    lexer::{Cursor, Within},
    mistakes,
    recover::repaired,
};
use crate::shared::diagnostics::Diagnostics;
use input::input;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::{Expr, Stmt, Token, parse::Parser, punctuated::Punctuated, spanned::Spanned};

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
