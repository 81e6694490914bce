//! The text of a prompt, and the variables in it.

use crate::diagnostics::Diagnostics;
use proc_macro2::{Ident, Span};
use syn::LitStr;

#[derive(Clone)]
pub(crate) struct Template {
    pub(crate) text: LitStr,
    /// The fields shown, each with the traits that its formats need.
    pub(crate) variables: Vec<Variable>,
    /// The trait that the format of each `{}` needs; empty where there is none.
    pub(crate) whole: Vec<&'static str>,
}

#[derive(Clone)]
pub(crate) struct Variable {
    pub(crate) name: Ident,
    pub(crate) traits: Vec<&'static str>,
}

impl Template {
    pub(crate) fn parse(text: &LitStr, diagnostics: &Diagnostics) -> Self {
        let mut template = Template { text: text.clone(), variables: Vec::new(), whole: Vec::new() };
        let value = text.value();
        let mut rest = value.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            let (brace, after) = rest[at..].split_at(1);
            if let Some(escaped) = after.strip_prefix(brace) {
                rest = escaped;
            } else if brace == "}" {
                diagnostics.error(text.span(), "this `}` closes nothing: for a brace in the text write `}}`");
                rest = after;
            } else if let Some(end) = after.find('}') {
                template.placeholder(&after[..end], diagnostics);
                rest = &after[end + 1..];
            } else {
                diagnostics.error(text.span(), "this `{` is not closed: for a brace in the text write `{{`");
                break;
            }
        }
        template
    }

    /// What stands between braces: `name`, `name:spec`, nothing, `:spec`.
    fn placeholder(&mut self, inside: &str, diagnostics: &Diagnostics) {
        let span = self.text.span();
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
        let Some(name) = identifier(name, span) else {
            let message = format!(
                "`{{{inside}}}` is not the name of a field; what has to be computed is computed in a step before, \
                 and a brace in the text is written `{{{{`"
            );
            diagnostics.error(span, message);
            return;
        };
        match self.variables.iter_mut().find(|variable| variable.name == name) {
            Some(variable) if variable.traits.contains(&needed) => {}
            Some(variable) => variable.traits.push(needed),
            None => self.variables.push(Variable { name, traits: vec![needed] }),
        }
    }
}

fn identifier(name: &str, span: Span) -> Option<Ident> {
    let mut name: Ident = syn::parse_str(name).ok()?;
    name.set_span(span);
    Some(name)
}

/// The trait of `std::fmt` that a format spec asks for.
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
