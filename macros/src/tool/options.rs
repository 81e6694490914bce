//! `#[tool(name = "..", description = "..", timeout = "5s", blocking, idempotent, output_limit = 20_000)]`

use crate::{
    runnable::options::{duration, list, skip, text},
    shared::diagnostics::{Diagnostics, nearest},
};
use proc_macro2::{Ident, Span, TokenStream};
use std::time::Duration;
use syn::{LitInt, LitStr, Token, parse::ParseStream, parse::Parser};

const NAMES: [&str; 6] = ["name", "description", "timeout", "blocking", "idempotent", "output_limit"];

#[derive(Default)]
pub(super) struct Options {
    pub(super) name: Option<LitStr>,
    pub(super) description: Option<String>,
    pub(super) timeout: Option<(Span, Duration)>,
    pub(super) blocking: bool,
    pub(super) idempotent: bool,
    pub(super) output_limit: Option<usize>,
    given: Vec<Ident>,
}

impl Options {
    pub(super) fn parse(tokens: TokenStream, diagnostics: &Diagnostics) -> Self {
        let mut options = Options::default();
        let parse = |input: ParseStream<'_>| -> syn::Result<()> {
            while !input.is_empty() {
                options.option(input, diagnostics)?;
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        diagnostics.ok(parse.parse2(tokens));
        options
    }

    fn option(&mut self, input: ParseStream<'_>, diagnostics: &Diagnostics) -> syn::Result<()> {
        let option: Ident = input.parse()?;
        if self.given.contains(&option) {
            diagnostics.error(option.span(), format!("`{option}` is given twice"));
        }
        match option.to_string().as_str() {
            "name" => {
                let name = text(input)?;
                if is_name(&name.value()) {
                    self.name = Some(name);
                } else {
                    diagnostics.error(
                        name.span(),
                        "providers take 1 to 64 letters, digits, `_` and `-` as the name of a tool",
                    );
                }
            }
            "description" => self.description = Some(text(input)?.value()),
            "timeout" => self.timeout = duration(&text(input)?, diagnostics).map(|limit| (option.span(), limit)),
            "blocking" => self.blocking = true,
            "idempotent" => self.idempotent = true,
            "output_limit" => {
                input.parse::<Token![=]>()?;
                self.output_limit = Some(input.parse::<LitInt>()?.base10_parse()?);
            }
            "retry" => {
                let message = "`retry` does not go on a tool: what it may do twice is up to the one who calls it; use the modifier, `.retry(..)`";
                diagnostics.error(option.span(), message);
                skip(input)?;
            }
            unknown => {
                let hint = match nearest(unknown, &NAMES) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", list(&NAMES)),
                };
                diagnostics.error(option.span(), format!("`#[tool]` has no option `{unknown}`: {hint}"));
                skip(input)?;
            }
        }
        self.given.push(option);
        Ok(())
    }
}

pub(super) fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}
