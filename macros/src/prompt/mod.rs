//! `prompt!`: a template whose variables are fields of its input, or given beside it.

mod expand;
mod parse;
mod template;

use crate::shared::diagnostics::Diagnostics;
use proc_macro2::{Ident, Span, TokenStream};
use syn::{Expr, parse::ParseStream, parse::Parser};
use template::Template;

/// A parsed prompt.
pub(crate) struct Prompt {
    /// `strict`: every field of the input has to be used.
    pub(crate) strict: Option<Span>,
    pub(crate) body: Body,
    /// `lang = "French"`: variables that are not fields.
    pub(crate) values: Vec<(Ident, Expr)>,
}

pub(crate) enum Body {
    /// `prompt!("..")`: a text.
    Text(Template),
    /// `prompt!(system: "..", user: "..")`: a list of messages.
    Chat(Vec<Part>),
}

pub(crate) enum Part {
    /// `user: ".."`
    Said { role: Ident, template: Template },
    /// `..history`: a field of messages.
    Field(Ident),
    /// `..(examples)`: messages that exist when the prompt is built.
    Given(Expr),
}

impl Prompt {
    pub(crate) fn templates(&self) -> Vec<&Template> {
        match &self.body {
            Body::Text(template) => vec![template],
            Body::Chat(parts) => parts.iter().filter_map(Part::template).collect(),
        }
    }

    pub(crate) fn parts(&self) -> &[Part] {
        match &self.body {
            Body::Text(_) => &[],
            Body::Chat(parts) => parts,
        }
    }

    /// Returns the index of a variable among those that are given beside the text.
    pub(crate) fn given(&self, name: &Ident) -> Option<usize> {
        self.values.iter().position(|(given, _)| given == name)
    }
}

impl Part {
    fn template(&self) -> Option<&Template> {
        match self {
            Part::Said { template, .. } => Some(template),
            Part::Field(_) | Part::Given(_) => None,
        }
    }
}

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let diagnostics = Diagnostics::default();
    let parsed = (|input: ParseStream<'_>| parse::prompt(input, &diagnostics)).parse2(input);
    let prompt = diagnostics.ok(parsed).flatten();
    diagnostics.or_error_block(|| prompt.map(|prompt| expand::expand(&prompt)).unwrap_or_default())
}
