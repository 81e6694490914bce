//! Tokens as a person would have written them: on stable Rust a macro cannot see the spaces between them.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// A type, or a path.
pub(super) fn ty(tokens: TokenStream) -> String {
    Source { angles: Angles::Open, ..Source::default() }.of(tokens)
}

/// An expression or a pattern.
pub(super) fn expression(tokens: TokenStream) -> String {
    Source::default().of(tokens)
}

/// What `<` does.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Angles {
    /// It opens a list of arguments.
    Open,
    /// It compares, unless `::` stands before it.
    #[default]
    Compare,
}

#[derive(Default)]
struct Source {
    text: String,
    angles: Angles,
    /// The parameters of a closure have begun.
    parameters: bool,
    /// How many lists of arguments are open.
    open: usize,
    /// Nothing goes between the last token and the next.
    tight: bool,
    /// The last token ends an operand: what follows is an operator with two sides.
    operand: bool,
}

impl Source {
    fn of(mut self, tokens: TokenStream) -> String {
        self.stream(tokens);
        self.text
    }

    fn stream(&mut self, tokens: TokenStream) {
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
                    // An argument list belongs to what it follows, a block does not.
                    let called = self.operand && group.delimiter() != Delimiter::Brace;
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
                    self.text.push_str(&literal.to_string());
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
                    self.sign(&sign);
                }
            }
        }
    }

    fn sign(&mut self, sign: &str) {
        let opens = sign == "<"
            && (self.angles == Angles::Open || self.parameters || self.open > 0 || self.text.ends_with("::"));
        let closes = sign == ">" && self.open > 0;
        // The parameters of a closure stand between two of them.
        let parameters = sign == "|" && (self.parameters || !self.operand);
        let (before, after) = match sign {
            "|" if parameters => (!self.parameters, self.parameters),
            "," | ";" | ":" => (false, true),
            "::" | "." | "?" => (false, false),
            ".." | "..=" | "!" => (!self.operand, false),
            "<" if opens => (false, false),
            ">" if closes => (false, false),
            "'" | "#" | "$" => (true, false),
            // Before an operand, a sign of it.
            "&" | "*" | "-" if !self.operand => (true, false),
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

/// The signs of several characters.
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
}
