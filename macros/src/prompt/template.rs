//! The text of a prompt, and the variables in it.

use crate::shared::{diagnostics::Diagnostics, name_mark};
use proc_macro2::{Ident, Span};
use syn::LitStr;

pub(crate) struct Template {
    pub(crate) text: LitStr,
    /// The text, cut at the lines that may be left out.
    pub(crate) pieces: Vec<Piece>,
}

/// A part of a text. The whole text is one piece if no line may be left out.
#[derive(Clone)]
pub(crate) struct Piece {
    pub(crate) text: LitStr,
    /// The variables, each with the traits that its formats need.
    pub(crate) variables: Vec<Variable>,
    /// The trait that the format of each `{}` needs.
    pub(crate) whole: Vec<&'static str>,
}

#[derive(Clone)]
pub(crate) struct Variable {
    pub(crate) name: Ident,
    pub(crate) traits: Vec<&'static str>,
    /// `{name?}`: the line is left out if the field is `None`.
    pub(crate) optional: bool,
}

/// The most variables of a text. Each is code that the compiler checks.
const MOST: usize = 1000;

impl Template {
    pub(crate) fn parse(text: &LitStr, diagnostics: &Diagnostics) -> Self {
        if text.value().matches('{').count() > MOST {
            let message = format!(
                "a text of a prompt shows at most {MOST} variables: put a list into one, and write it in the step before"
            );
            diagnostics.error(text.span(), message);
            return Template { text: text.clone(), pieces: Vec::new() };
        }
        let whole = Piece::parse(&text.value(), text.span(), diagnostics);
        if !whole.is_optional() {
            return Template { text: text.clone(), pieces: vec![Piece { text: text.clone(), ..whole }] };
        }
        // The errors were already reported.
        let ignored = Diagnostics::default();
        let mut pieces: Vec<Piece> = Vec::new();
        let mut lines: Vec<String> = Vec::new();
        let value = text.value();
        let end = |lines: &mut Vec<String>, pieces: &mut Vec<Piece>| {
            if !lines.is_empty() {
                pieces.push(Piece::parse(&std::mem::take(lines).join("\n"), text.span(), &ignored));
            }
        };
        for line in value.split('\n') {
            let piece = Piece::parse(line, text.span(), &ignored);
            if piece.is_optional() {
                end(&mut lines, &mut pieces);
                pieces.push(piece);
            } else {
                lines.push(line.to_owned());
            }
        }
        end(&mut lines, &mut pieces);
        Template { text: text.clone(), pieces }
    }

    pub(crate) fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.pieces.iter().flat_map(|piece| &piece.variables)
    }

    /// Returns whether the text shows the input itself.
    pub(crate) fn shows_whole(&self) -> bool {
        self.pieces.iter().any(|piece| !piece.whole.is_empty())
    }
}

impl Piece {
    /// Returns whether the piece may be left out.
    pub(crate) fn is_optional(&self) -> bool {
        self.variables.iter().any(|variable| variable.optional)
    }

    fn parse(value: &str, span: Span, diagnostics: &Diagnostics) -> Self {
        let mut piece = Piece { text: LitStr::new("", span), variables: Vec::new(), whole: Vec::new() };
        // The text in the syntax of `format!`.
        let mut format = String::new();
        let mut rest = value;
        while let Some(at) = rest.find(['{', '}']) {
            format.push_str(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            if let Some(escaped) = after.strip_prefix(brace) {
                format.extend([brace, brace]);
                rest = escaped;
            } else if brace == "}" {
                diagnostics.error(span, "this `}` closes nothing: for a brace in the text write `}}`");
                rest = after;
            } else if let Some(end) = after.find('}') {
                piece.placeholder(&after[..end], span, diagnostics);
                let (name, spec) = after[..end].split_once(':').map_or((&after[..end], None), |(n, s)| (n, Some(s)));
                let name = name.trim_end().strip_suffix('?').unwrap_or(name);
                // `format!` takes a word of Rust as it is.
                let name = name.trim_start().strip_prefix("r#").unwrap_or(name);
                format.extend(["{", name]);
                if let Some(spec) = spec {
                    format.extend([":", spec]);
                }
                format.push('}');
                rest = &after[end + 1..];
            } else {
                diagnostics.error(span, "this `{` is not closed: for a brace in the text write `{{`");
                rest = "";
            }
        }
        format.push_str(rest);
        piece.text = LitStr::new(&format, span);
        piece
    }

    /// Parses the text between braces: `name`, `name?`, `name:spec`, nothing, `:spec`.
    fn placeholder(&mut self, inside: &str, span: Span, diagnostics: &Diagnostics) {
        let (name, spec) = inside.split_once(':').unwrap_or((inside, ""));
        if spec.contains('$') || spec.contains('*') {
            let message =
                format!("in `{{{inside}}}`, width and precision are numbers: another variable cannot give them");
            diagnostics.error(span, message);
            return;
        }
        let needed = trait_of(spec.trim_end());
        let name = name.trim();
        if name.is_empty() {
            self.whole.push(needed);
            return;
        }
        let (name, optional) = name.strip_suffix('?').map_or((name, false), |name| (name, true));
        let Some(name) = identifier(name, span) else {
            let message = format!(
                "`{{{inside}}}` is not the name of a field; what has to be computed is computed in a step before, \
                 and a brace in the text is written `{{{{`"
            );
            diagnostics.error(span, message);
            return;
        };
        match self.variables.iter_mut().find(|variable| variable.name == name && variable.optional == optional) {
            Some(variable) if variable.traits.contains(&needed) => {}
            Some(variable) => variable.traits.push(needed),
            None => self.variables.push(Variable { name, traits: vec![needed], optional }),
        }
    }
}

/// Returns the name of a field, which may be a word of Rust: `{type}` shows the field `r#type`.
fn identifier(name: &str, span: Span) -> Option<Ident> {
    let name = name_mark::in_text(name.strip_prefix("r#").unwrap_or(name));
    let mut name: Ident = syn::parse_str(&name).or_else(|_| syn::parse_str(&format!("r#{name}"))).ok()?;
    name.set_span(span);
    Some(name)
}

/// Returns the trait of `std::fmt` that a format spec needs.
fn trait_of(spec: &str) -> &'static str {
    match spec.chars().next_back() {
        Some('?') => "Debug",
        Some('x') => "LowerHex",
        Some('X') => "UpperHex",
        Some('o') => "Octal",
        Some('b') => "Binary",
        Some('e') => "LowerExp",
        Some('E') => "UpperExp",
        Some('p') => "Pointer",
        _ => "Display",
    }
}
