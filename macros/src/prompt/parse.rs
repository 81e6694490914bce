//! The tokens of a prompt, and errors in them.

use super::{Body, Part, Prompt, template::Template};
use crate::shared::diagnostics::Diagnostics;
use proc_macro2::{Ident, Span, TokenStream};
use syn::{Expr, LitStr, Token, ext::IdentExt, parse::ParseStream};

const ROLES: [&str; 3] = ["system", "user", "assistant"];

const ARGUMENT: &str = "a prompt takes its variables from the fields of its input, not from arguments: write their names into the \
                        text, `{question}`";

pub(super) fn prompt(input: ParseStream<'_>, diagnostics: &Diagnostics) -> syn::Result<Option<Prompt>> {
    let strict = strict(input)?;
    if input.is_empty() {
        let message = "a prompt has a text: `prompt!(\"Answer in one sentence: {question}\")`";
        diagnostics.error(Span::call_site(), message);
        return Ok(None);
    }
    let mut values = Vec::new();
    let body = if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        while !input.is_empty() {
            if !is_value(input) {
                diagnostics.error(input.span(), ARGUMENT);
                input.parse::<TokenStream>()?;
                break;
            }
            values.push(value(input)?);
        }
        Body::Text(Template::parse(&text, diagnostics))
    } else {
        let mut parts = Vec::new();
        while !input.is_empty() {
            if is_value(input) {
                values.push(value(input)?);
                continue;
            }
            if parts.len() == MOST {
                let message =
                    format!("a prompt has at most {MOST} messages: give a list of them, as in `..(examples)`");
                diagnostics.error(input.span(), message);
                input.parse::<TokenStream>()?;
                break;
            }
            parts.push(part(input, diagnostics)?);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Body::Chat(parts)
    };
    let prompt = Prompt { strict, body, values };
    check(&prompt, diagnostics);
    Ok(Some(prompt))
}

/// Parses `strict,`.
fn strict(input: ParseStream<'_>) -> syn::Result<Option<Span>> {
    if !input.peek(syn::Ident) || !input.peek2(Token![,]) {
        return Ok(None);
    }
    let ahead = input.fork();
    if ahead.parse::<Ident>()? != "strict" {
        return Ok(None);
    }
    let strict: Ident = input.parse()?;
    input.parse::<Token![,]>()?;
    Ok(Some(strict.span()))
}

/// Returns whether `lang = ..` is next.
fn is_value(input: ParseStream<'_>) -> bool {
    input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==])
}

fn value(input: ParseStream<'_>) -> syn::Result<(Ident, Expr)> {
    let name = input.parse()?;
    input.parse::<Token![=]>()?;
    let value = input.parse()?;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok((name, value))
}

fn part(input: ParseStream<'_>, diagnostics: &Diagnostics) -> syn::Result<Part> {
    if input.peek(Token![..]) {
        input.parse::<Token![..]>()?;
        if input.peek(syn::token::Paren) {
            let inside;
            syn::parenthesized!(inside in input);
            return Ok(Part::Given(inside.parse()?));
        }
        return Ok(Part::Field(input.parse()?));
    }
    let role: Ident = input.parse()?;
    if !ROLES.contains(&role.to_string().as_str()) {
        let message = format!("`{role}` is no role of a message: there are `system`, `user`, `assistant`");
        diagnostics.error(role.span(), message);
    }
    input.parse::<Token![:]>()?;
    let text: LitStr = input.parse()?;
    Ok(Part::Said { role, template: Template::parse(&text, diagnostics) })
}

/// The most messages of a prompt, and the most values beside it. Each is code that the compiler checks.
const MOST: usize = 256;

fn check(prompt: &Prompt, diagnostics: &Diagnostics) {
    if let Some((name, _)) = prompt.values.get(MOST) {
        diagnostics.error(name.span(), format!("a prompt is given at most {MOST} values: use a record"));
        return;
    }
    let templates = prompt.templates();
    let variables = || templates.iter().flat_map(|template| template.variables());
    for (at, (name, _)) in prompt.values.iter().enumerate() {
        if prompt.given(name) != Some(at) {
            diagnostics.error(name.span(), format!("`{name}` is given twice"));
        } else if !variables().any(|variable| variable.name == *name) {
            diagnostics.error(name.span(), format!("`{name}` is given, but no `{{{name}}}` in the text shows it"));
        } else if variables().any(|variable| variable.name == *name && variable.optional) {
            let message = format!("`{{{name}?}}` may be missing, and `{name}` is given here: write `{{{name}}}`");
            diagnostics.error(name.span(), message);
        }
    }
    // `{}` shows the input itself, `{name}` a field of it: a prompt does one or the other.
    let fields = variables().any(|variable| prompt.given(&variable.name).is_none())
        || prompt.parts().iter().any(|part| matches!(part, Part::Field(_)));
    let whole = templates.iter().find(|template| template.shows_whole());
    if let Some(whole) = whole
        && fields
    {
        diagnostics.error(
            whole.text.span(),
            "`{}` shows the input itself and `{name}` a field of it: a prompt does one or the other",
        );
    }
    for (at, template) in templates.iter().enumerate() {
        let both = |name: &Ident| {
            let needed = |variable: &&super::template::Variable| variable.name == *name && !variable.optional;
            templates.iter().flat_map(|template| template.variables()).any(|variable| needed(&variable))
        };
        let known = templates[..at].iter().flat_map(|template| template.variables());
        let known: Vec<&Ident> = known.filter(|variable| variable.optional).map(|variable| &variable.name).collect();
        let mut optional: Vec<&Ident> = template
            .variables()
            .filter(|variable| variable.optional && !known.contains(&&variable.name))
            .map(|variable| &variable.name)
            .collect();
        optional.dedup();
        for name in optional.into_iter().filter(|name| both(name) && prompt.given(name).is_none()) {
            let message =
                format!("`{{{name}?}}` may be missing, and `{{{name}}}` may not: write one of them everywhere");
            diagnostics.error(template.text.span(), message);
        }
    }
    if let Some(strict) = prompt.strict
        && !fields
    {
        diagnostics.error(strict, "a strict prompt uses all fields of its input, and this one uses none");
    }
}
