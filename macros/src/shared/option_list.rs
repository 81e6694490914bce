//! The options of an attribute, `#[tool(name = "..", timeout = "5s", blocking)]`, and the forms of their values.

use super::diagnostics::{Diagnostics, nearest};
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;
use std::time::Duration;
use syn::{LitInt, LitStr, Token, parse::ParseStream, parse::Parser};

/// Reads the options of an attribute, and returns their names.
///
/// `read` takes the name of an option and the tokens after it. It returns whether there is an option of that name.
pub(crate) fn parse(
    attribute: &str,
    names: &[&str],
    tokens: TokenStream,
    diagnostics: &Diagnostics,
    mut read: impl FnMut(&Ident, ParseStream<'_>) -> syn::Result<bool>,
) -> Vec<Ident> {
    let mut given: Vec<Ident> = Vec::new();
    let parse = |input: ParseStream<'_>| -> syn::Result<()> {
        while !input.is_empty() {
            let option: Ident = input.parse()?;
            if given.contains(&option) {
                diagnostics.error(option.span(), format!("`{option}` is given twice"));
            }
            if !read(&option, input)? {
                let hint = match nearest(&option.to_string(), names) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", list(names)),
                };
                diagnostics.error(option.span(), format!("`{attribute}` has no option `{option}`: {hint}"));
                skip(input)?;
            }
            given.push(option);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    diagnostics.ok(parse.parse2(tokens));
    given
}

/// Parses `= ".."`.
pub(crate) fn text(input: ParseStream<'_>) -> syn::Result<LitStr> {
    input.parse::<Token![=]>()?;
    input.parse().map_err(|error| syn::Error::new(error.span(), "expected a text: `= \"..\"`"))
}

/// Parses `= 3`, the value of an option of that name.
pub(crate) fn number<N>(input: ParseStream<'_>, option: &Ident) -> syn::Result<N>
where
    N: std::str::FromStr<Err: std::fmt::Display>,
{
    input.parse::<Token![=]>()?;
    let number = input.parse::<LitInt>();
    let number = number.map_err(|error| syn::Error::new(error.span(), format!("expected a number: `{option} = 3`")))?;
    number.base10_parse()
}

/// Parses `= "5s"`, the value of an option of that name.
pub(crate) fn time(input: ParseStream<'_>, option: &Ident, diagnostics: &Diagnostics) -> syn::Result<Option<Duration>> {
    input.parse::<Token![=]>()?;
    let literal = input.parse::<LitStr>();
    let literal =
        literal.map_err(|error| syn::Error::new(error.span(), format!("expected a duration: `{option} = \"5s\"`")))?;
    Ok(duration(&literal, diagnostics))
}

/// Parses `"250ms"`, `"5s"`, `"2m"` or `"1h"`.
pub(crate) fn duration(literal: &LitStr, diagnostics: &Diagnostics) -> Option<Duration> {
    let written = literal.value();
    let digits = written.len() - written.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = written.split_at(digits);
    let number = number.parse::<u64>().ok();
    let duration = number.and_then(|number| match unit.trim() {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        "h" => number.checked_mul(3600).map(Duration::from_secs),
        _ => None,
    });
    if duration.is_none() {
        let message = format!("`{written}` is not a duration: write \"250ms\", \"5s\", \"2m\" or \"1h\"");
        diagnostics.error(literal.span(), message);
    }
    duration
}

pub(crate) fn duration_tokens(duration: Duration) -> TokenStream {
    let (secs, nanos) = (duration.as_secs(), duration.subsec_nanos());
    quote!(::catena::__private::Duration::new(#secs, #nanos))
}

/// Skips the value of an unknown option.
pub(crate) fn skip(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

pub(crate) fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
