//! The source text of tokens, as rustfmt would write it. On stable Rust a macro cannot see the spaces between tokens.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// Returns the text of a type or a path.
pub(crate) fn ty(tokens: TokenStream) -> String {
    Source { angles: Angles::Open, ..Source::default() }.of(tokens)
}

/// Returns the text of an expression.
pub(crate) fn expression(tokens: TokenStream) -> String {
    Source::default().of(tokens)
}

/// Returns the text of a pattern. A `|` in it separates alternatives, and never begins a closure.
pub(crate) fn pattern(tokens: TokenStream) -> String {
    Source { bars: Bars::Separate, ..Source::default() }.of(tokens)
}

/// The meaning of `<`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Angles {
    /// Opens a list of arguments.
    Open,
    /// Compares, unless `::` stands before it.
    #[default]
    Compare,
}

/// The meaning of `|` if no operand stands before it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Bars {
    /// Encloses the parameters of a closure.
    #[default]
    Enclose,
    /// Separates alternatives.
    Separate,
}

#[derive(Default)]
struct Source {
    text: String,
    angles: Angles,
    bars: Bars,
    /// Whether the parameters of a closure are open.
    parameters: bool,
    /// The number of open lists of arguments.
    open: usize,
    /// Whether no space goes between the last token and the next.
    tight: bool,
    /// Whether the last token ends an operand, so that an operator after it is binary.
    operand: bool,
}

impl Source {
    fn of(mut self, tokens: TokenStream) -> String {
        self.stream(tokens);
        self.text
    }

    fn stream(&mut self, tokens: TokenStream) {
        let begins = self.text.len();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::Brace => ("{ ", " }"),
                        Delimiter::None => ("", ""),
                    };
                    // An argument list belongs to the operand before it, a block does not.
                    let called = self.operand && !matches!(group.delimiter(), Delimiter::Brace | Delimiter::None);
                    if !called {
                        self.space();
                    }
                    let empty = group.stream().is_empty();
                    self.text.push_str(if empty { open.trim_end() } else { open });
                    (self.tight, self.operand) = (true, false);
                    let outside = (std::mem::take(&mut self.open), std::mem::take(&mut self.parameters));
                    self.stream(group.stream());
                    (self.open, self.parameters) = outside;
                    self.text.push_str(if empty { close.trim_start() } else { close });
                    (self.tight, self.operand) = (false, true);
                }
                TokenTree::Ident(word) => {
                    let word = word.to_string();
                    self.space();
                    self.text.push_str(&word);
                    (self.tight, self.operand) = (false, !is_keyword(&word));
                }
                TokenTree::Literal(literal) => {
                    self.space();
                    self.text.push_str(&in_one_line(literal.to_string()));
                    (self.tight, self.operand) = (false, true);
                }
                TokenTree::Punct(first) => {
                    let mut joint = first.spacing() == Spacing::Joint;
                    let mut sign = String::from(first.as_char());
                    while joint {
                        let Some(TokenTree::Punct(next)) = tokens.peek() else { break };
                        let more = format!("{sign}{}", next.as_char());
                        if !SIGNS.contains(&more.as_str()) {
                            break;
                        }
                        joint = next.spacing() == Spacing::Joint;
                        sign = more;
                        tokens.next();
                    }
                    let leads = self.text.len() == begins;
                    let ends = tokens.peek().is_none();
                    match &*sign {
                        // rustfmt leaves these out.
                        "|" if self.bars == Bars::Separate && leads => {}
                        "," if ends && !self.only_item(begins) => {}
                        sign => self.sign(sign),
                    }
                }
            }
        }
    }

    /// Returns whether the open parenthesis holds a tuple of one item, which keeps its comma.
    fn only_item(&self, begins: usize) -> bool {
        let (outside, items) = self.text.split_at(begins);
        let called = outside
            .strip_suffix('(')
            .is_none_or(|before| before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '>' | '!')));
        !called && !items.contains(", ")
    }

    fn sign(&mut self, sign: &str) {
        let opens = sign == "<"
            && (self.angles == Angles::Open
                || self.parameters
                || self.open > 0
                || !self.operand
                || self.text.ends_with("::"));
        let closes = sign == ">" && self.open > 0;
        // Two of them enclose the parameters of a closure.
        let parameters = sign == "|" && self.bars == Bars::Enclose && (self.parameters || !self.operand);
        let (before, after) = match sign {
            "|" if parameters => (!self.parameters, self.parameters),
            "," | ";" | ":" => (false, true),
            "." => (false, false),
            ".." | "..=" | "..." | "!" | "::" | "?" => (!self.operand, false),
            "<" if opens => (!self.operand && !self.text.ends_with("for"), false),
            ">" if closes => (false, false),
            "'" | "#" | "$" => (true, false),
            // Unary before an operand.
            "&" | "&&" | "*" | "-" if !self.operand => (true, false),
            _ => (true, true),
        };
        if opens {
            self.open += 1;
        }
        if closes {
            self.open -= 1;
        }
        if before {
            self.space();
        }
        self.text.push_str(sign);
        self.tight = !after && !closes;
        self.operand = closes || sign == "?" || (sign == ".." && !self.operand);
        self.parameters ^= parameters;
    }

    fn space(&mut self) {
        if !self.tight && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.tight = false;
    }
}

/// Writes a multi-line string literal in one line, with its line breaks as escapes. Raw strings have no escapes and
/// stay as they are.
fn in_one_line(literal: String) -> String {
    if !literal.contains('\n') || !literal.starts_with(['"', 'b', 'c']) || literal.starts_with("br") {
        return literal;
    }
    let mut lines = literal.split('\n');
    let mut line = lines.next().unwrap_or_default().to_owned();
    for next in lines {
        // After an odd number of backslashes, a line break and the space after it are not part of the string.
        let escapes = line.chars().rev().take_while(|&c| c == '\\').count();
        if escapes % 2 == 1 {
            line.pop();
            line.push_str(next.trim_start());
        } else {
            line.push_str("\\n");
            line.push_str(next);
        }
    }
    line
}

/// The operators of several characters.
const SIGNS: [&str; 20] = [
    "::", "->", "=>", "==", "!=", "<=", ">=", "&&", "||", "..", "..=", "...", "+=", "-=", "*=", "/=", "|=", "^=", "%=",
    "&=",
];

fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "if" | "in"
            | "let"
            | "match"
            | "move"
            | "async"
            | "mut"
            | "ref"
            | "return"
            | "dyn"
            | "impl"
            | "for"
            | "as"
            | "else"
            | "const"
            | "box"
            | "unsafe"
            | "where"
    )
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    fn check(read: fn(proc_macro2::TokenStream) -> String, texts: &[&str]) {
        for text in texts {
            let tokens = proc_macro2::TokenStream::from_str(text).expect("these are tokens");
            assert_eq!(read(tokens), *text);
        }
    }

    #[test]
    fn types_read_as_written() {
        check(
            super::ty,
            &[
                "String",
                "&str",
                "&'a str",
                "Vec<Message>",
                "HashMap<String, Vec<(u8, Option<T>)>>",
                "catena::Result<Answer>",
                "[u8; 4]",
                "impl Fn(u8) -> bool",
                "Box<dyn Error + Send>",
                "(A, B)",
                "()",
            ],
        );
    }

    #[test]
    fn expressions_read_as_written() {
        check(
            super::expression,
            &[
                "Route::Math(question)",
                "Route::Code { lang, .. }",
                "Some(x)",
                "_",
                "1..=9",
                "\"rust\" | \"go\"",
                "x if x > 1 && y < 2",
                "|n| n * 2",
                "|text| text.parse::<u32>()?",
                "|x| async move { fetch(x).await? }",
                "|| 1",
                "json::<Vec<Answer>>()",
                "&[a, -1, *b, !c]",
                "format!(\"{gpt} {}\", a.b)",
                "x @ (A | B)",
                "|message: &Message| message.text()",
                "|list: Vec<f64>| list.len() < 3",
                "if a { b } else { c }",
            ],
        );
    }

    #[test]
    fn patterns_read_as_written() {
        check(
            super::pattern,
            &[
                "Case { verdict: Verdict { urgency: Urgency::Critical, .. }, .. }",
                "Intent::Math(n)",
                "Case {}",
                "Case { .. }",
                "Code { lang, ref mut text }",
                "A | B | Some(C | D)",
                "(a, _, -1)",
                "(a,)",
                "Some((a,))",
                "()",
                "[first, .., last]",
                "[first, rest @ ..]",
                "[]",
                "-1..=1",
                "i32::MIN..=-1",
                "..=5",
                "5..",
                "'a'..='z' | 'A'..='Z'",
                "x @ 1..=5",
                "x @ (A | B)",
                "all @ Case { at: 1.., .. }",
                "&x",
                "&mut (a, b)",
                "&&[a, &b]",
                "mut x",
                "ref x",
                "Kind::<u8>::NONE",
                "Kind::<Vec<u8>, &'static str>::NONE",
                "<T as Trait>::NONE",
                "x @ <T as Trait>::NONE",
                "::catena::Kind::Model",
                "crate::Kind::Model { at: ::std::u8::MAX }",
                "text!(\"a\", b)",
                "\"a | b : c\"",
                "b'\\n' | b\"x\"",
                "r\"a\\b\"",
                "Case { r#type: r#fn, 0: x }",
                "const { N }",
                "Case { #[cfg(test)] a, .. }",
            ],
        );
    }

    #[test]
    fn what_rustfmt_leaves_out_is_left_out() {
        for (written, read) in [
            ("| A | B", "A | B"),
            ("(| A | B)", "(A | B)"),
            ("Some(x,)", "Some(x)"),
            ("(a, b,)", "(a, b)"),
            ("[a, b,]", "[a, b]"),
            ("Case { a, b, }", "Case { a, b }"),
            ("Case{a:1,..}", "Case { a: 1, .. }"),
            ("x@1 ..= 5", "x @ 1..=5"),
            ("\"a\n  b\"", "\"a\\n  b\""),
            ("\"a\\\n  b\"", "\"ab\""),
        ] {
            let tokens = proc_macro2::TokenStream::from_str(written).expect("these are tokens");
            assert_eq!(super::pattern(tokens), read);
        }
    }
}
