//! `prompt!`: a template whose variables are fields of its input.

mod expand;
mod template;

use crate::diagnostics::Diagnostics;
use proc_macro2::{Ident, Span, TokenStream};
use syn::{LitStr, Token, parse::ParseStream, parse::Parser};
use template::Template;

/// What a prompt is made of.
pub(crate) enum Prompt {
    /// `prompt!("..")`: a text.
    Text(Template),
    /// `prompt!(system: "..", user: "..")`: a list of messages.
    Chat(Vec<(Ident, Template)>),
}

const ROLES: [&str; 3] = ["system", "user", "assistant"];

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let diagnostics = Diagnostics::default();
    let parsed = (|input: ParseStream<'_>| parse(input, &diagnostics)).parse2(input);
    let prompt = diagnostics.ok(parsed).flatten();
    diagnostics.or_error_block(|| prompt.map(|prompt| expand::expand(&prompt)).unwrap_or_default())
}

fn parse(input: ParseStream<'_>, diagnostics: &Diagnostics) -> syn::Result<Option<Prompt>> {
    if input.is_empty() {
        let message = "a prompt has a text: `prompt!(\"Answer in one sentence: {question}\")`";
        diagnostics.error(Span::call_site(), message);
        return Ok(None);
    }
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        if !input.is_empty() {
            let span = input.span();
            input.parse::<TokenStream>()?;
            diagnostics.error(
                span,
                "a prompt takes its variables from the fields of its input, not from arguments: write their names into the text, `{question}`",
            );
        }
        let template = Template::parse(&text, diagnostics);
        unmixed(std::slice::from_ref(&template), diagnostics);
        return Ok(Some(Prompt::Text(template)));
    }
    let mut messages = Vec::new();
    while !input.is_empty() {
        let role: Ident = input.parse()?;
        if !ROLES.contains(&role.to_string().as_str()) {
            let message = format!("`{role}` is no role of a message: there are `system`, `user`, `assistant`");
            diagnostics.error(role.span(), message);
        }
        input.parse::<Token![:]>()?;
        let text: LitStr = input.parse()?;
        messages.push((role, Template::parse(&text, diagnostics)));
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    let templates: Vec<Template> = messages.iter().map(|(_, template)| template.clone()).collect();
    unmixed(&templates, diagnostics);
    Ok(Some(Prompt::Chat(messages)))
}

/// `{}` shows the input itself, `{name}` a field of it: a prompt does one or the other.
fn unmixed(templates: &[Template], diagnostics: &Diagnostics) {
    let whole = templates.iter().find(|template| !template.whole.is_empty());
    if let Some(whole) = whole
        && templates.iter().any(|template| !template.variables.is_empty())
    {
        diagnostics.error(
            whole.text.span(),
            "`{}` shows the input itself and `{name}` a field of it: a prompt does one or the other",
        );
    }
}
