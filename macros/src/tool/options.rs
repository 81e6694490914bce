//! `#[tool(name = "..", description = "..", timeout = "5s", blocking, idempotent, output_limit = 20_000)]`

use crate::shared::{
    diagnostics::Diagnostics,
    option_list::{self, number, skip, text, time},
};
use proc_macro2::{Ident, Span, TokenStream};
use std::time::Duration;
use syn::{LitStr, parse::ParseStream};

const NAMES: [&str; 6] = ["name", "description", "timeout", "blocking", "idempotent", "output_limit"];

#[derive(Default)]
pub(super) struct Options {
    pub(super) name: Option<LitStr>,
    pub(super) description: Option<String>,
    pub(super) timeout: Option<(Span, Duration)>,
    pub(super) blocking: bool,
    pub(super) idempotent: bool,
    pub(super) output_limit: Option<usize>,
}

impl Options {
    pub(super) fn parse(tokens: TokenStream, diagnostics: &Diagnostics) -> Self {
        let mut options = Options::default();
        option_list::parse("#[tool]", &NAMES, tokens, diagnostics, |option, input| {
            options.option(option, input, diagnostics)
        });
        options
    }

    fn option(&mut self, option: &Ident, input: ParseStream<'_>, diagnostics: &Diagnostics) -> syn::Result<bool> {
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
            "timeout" => self.timeout = time(input, option, diagnostics)?.map(|limit| (option.span(), limit)),
            "blocking" => self.blocking = true,
            "idempotent" => self.idempotent = true,
            "output_limit" => self.output_limit = Some(number(input, option)?),
            "retry" => {
                let message = "`retry` does not go on a tool: what it may do twice is up to the one who calls it; use the modifier, `.retry(..)`";
                diagnostics.error(option.span(), message);
                skip(input)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

pub(super) fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}
