//! `#[runnable(name = "..", kind = tool, idempotent, retry = 3, timeout = "5s", tags("a"), blocking, deny(untimed_model))]`

use super::deny::{self, Policy};
use crate::shared::{
    diagnostics::Diagnostics,
    option_list::{self, duration_tokens, list, number, skip, text, time},
};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use std::time::Duration;
use syn::{LitStr, Token, parenthesized, parse::ParseStream, punctuated::Punctuated};

const NAMES: [&str; 8] = ["name", "kind", "retry", "timeout", "tags", "blocking", "idempotent", "deny"];
const KINDS: [(&str, &str); 6] = [
    ("function", "Function"),
    ("prompt", "Prompt"),
    ("model", "Model"),
    ("parser", "Parser"),
    ("tool", "Tool"),
    ("retriever", "Retriever"),
];

#[derive(Default)]
pub(crate) struct Options {
    pub(crate) name: Option<String>,
    kind: Option<&'static str>,
    retry: Option<Retry>,
    timeout: Option<Duration>,
    tags: Vec<String>,
    pub(crate) blocking: bool,
    idempotent: bool,
    pub(crate) denied: Vec<Policy>,
    given: Vec<Ident>,
}

/// `retry = 3` or `retry(attempts = 3, base = "100ms", max_delay = "2s", total_delay = "10s")`
#[derive(Default)]
struct Retry {
    attempts: u32,
    delays: Vec<(Ident, Duration)>,
}

/// A step inside wrappers.
pub(crate) struct Wrapped {
    pub(crate) ty: TokenStream,
    pub(crate) value: TokenStream,
    /// The `Node` of the step.
    pub(crate) node: TokenStream,
}

impl Options {
    pub(crate) fn parse(tokens: TokenStream, diagnostics: &Diagnostics) -> Self {
        let mut options = Options::default();
        options.given = option_list::parse("#[runnable]", &NAMES, tokens, diagnostics, |option, input| {
            options.option(option, input, diagnostics)
        });
        options
    }

    fn option(&mut self, option: &Ident, input: ParseStream<'_>, diagnostics: &Diagnostics) -> syn::Result<bool> {
        match option.to_string().as_str() {
            "name" => self.name = Some(text(input)?.value()),
            "kind" => self.kind = kind(input, diagnostics)?,
            "retry" => self.retry = Some(retry(input, option, diagnostics)?),
            "timeout" => self.timeout = time(input, option, diagnostics)?,
            "tags" => {
                if !input.peek(syn::token::Paren) {
                    return Err(syn::Error::new(input.span(), "expected tags in parentheses: `tags(\"a\", \"b\")`"));
                }
                let tags;
                parenthesized!(tags in input);
                let tags = Punctuated::<LitStr, Token![,]>::parse_terminated(&tags)?;
                self.tags.extend(tags.iter().map(LitStr::value));
            }
            "blocking" => self.blocking = true,
            "idempotent" => self.idempotent = true,
            "deny" => self.denied.extend(deny::parse(input, option, diagnostics)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Reports the options that make no sense on this kind of item.
    pub(crate) fn only(&self, allowed: &[&str], on: &str, diagnostics: &Diagnostics) {
        for given in &self.given {
            let name = given.to_string();
            if NAMES.contains(&name.as_str()) && !allowed.contains(&name.as_str()) {
                let modifier = match name.as_str() {
                    "retry" | "timeout" => format!("; use the modifier, `.{name}(..)`"),
                    "deny" => "; policies are for a function that builds a chain, `-> impl Runnable<..>`".to_owned(),
                    "idempotent" => "; mark the steps".to_owned(),
                    _ => String::new(),
                };
                diagnostics.error(given.span(), format!("`{name}` does not go on {on}{modifier}"));
            }
        }
    }

    /// Returns the `Node` of a step with a buffered input and a buffered output.
    pub(crate) fn node(&self, default_name: &str) -> TokenStream {
        self.streaming_node(default_name, "Function", "Whole", "Whole")
    }

    /// Returns the `Node` of a step. `takes` and `gives` are variants of `Extent`.
    pub(crate) fn streaming_node(&self, default_name: &str, kind: &str, takes: &str, gives: &str) -> TokenStream {
        let name = self.name.as_deref().unwrap_or(default_name);
        let kind = format_ident!("{}", self.kind.unwrap_or(kind));
        let tags = (!self.tags.is_empty()).then(|| {
            let tags = &self.tags;
            quote!(.tagged(&[#(#tags),*]))
        });
        let streaming = ((takes, gives) != ("Whole", "Whole")).then(|| {
            let (takes, gives) = (format_ident!("{takes}"), format_ident!("{gives}"));
            quote!(.streaming(::catena::__private::Extent::#takes, ::catena::__private::Extent::#gives))
        });
        let idempotent = self.idempotent.then(|| quote!(.idempotent()));
        quote!(::catena::__private::Node::leaf(#name, ::catena::__private::Kind::#kind) #tags #streaming #idempotent)
    }

    /// Puts a step into the wrappers that the options ask for. Returns `None` if they ask for none. A timeout limits
    /// each attempt.
    pub(crate) fn wrapped(&self, step: &TokenStream, value: &TokenStream) -> Option<Wrapped> {
        let mut wrapped = None;
        let bare = quote!(<#step as ::catena::__private::Step>::NODE);
        if let Some(after) = self.timeout {
            let after = duration_tokens(after);
            wrapped = Some(Wrapped {
                ty: quote!(::catena::__private::Timeout<#step>),
                value: quote!(::catena::__private::Timeout::new(#value, #after)),
                node: quote! {
                    ::catena::__private::Node::Timeout { after: ::core::option::Option::Some(#after), node: &#bare }
                },
            });
        }
        if let Some(retry) = &self.retry {
            let inner = Wrapped { ty: step.clone(), value: value.clone(), node: bare };
            let Wrapped { ty, value, node } = wrapped.unwrap_or(inner);
            let attempts = retry.attempts.max(1);
            let delays = retry.delays.iter().map(|(name, delay)| {
                let delay = duration_tokens(*delay);
                quote!(.#name(#delay))
            });
            wrapped = Some(Wrapped {
                ty: quote!(::catena::__private::Retried<#ty, #attempts>),
                value: quote!(::catena::__private::Retried::new(
                    #value,
                    ::catena::__private::Retry::times::<#attempts>() #(#delays)*,
                )),
                node: quote! {
                    ::catena::__private::Node::Retry {
                        attempts: ::core::option::Option::Some(#attempts),
                        node: &#node,
                    }
                },
            });
        }
        wrapped
    }
}

fn kind(input: ParseStream<'_>, diagnostics: &Diagnostics) -> syn::Result<Option<&'static str>> {
    input.parse::<Token![=]>()?;
    let (written, span) = if input.peek(LitStr) {
        let literal: LitStr = input.parse()?;
        (literal.value(), literal.span())
    } else {
        let word: Ident = input.parse()?;
        (word.to_string(), word.span())
    };
    let found = KINDS.iter().find(|(name, _)| *name == written);
    if found.is_none() {
        let kinds = KINDS.map(|(name, _)| name);
        diagnostics.error(span, format!("there is no kind `{written}`: there are {}", list(&kinds)));
    }
    Ok(found.map(|(_, variant)| *variant))
}

fn retry(input: ParseStream<'_>, option: &Ident, diagnostics: &Diagnostics) -> syn::Result<Retry> {
    if input.peek(Token![=]) {
        return Ok(Retry { attempts: number(input, option)?, delays: Vec::new() });
    }
    let settings;
    parenthesized!(settings in input);
    let mut retry = Retry::default();
    while !settings.is_empty() {
        let name: Ident = settings.parse()?;
        match name.to_string().as_str() {
            "attempts" => {
                retry.attempts = number(&settings, &name)?;
            }
            "base" | "max_delay" | "total_delay" => {
                let delay = time(&settings, &name, diagnostics)?;
                retry.delays.extend(delay.map(|delay| (name, delay)));
            }
            unknown => {
                let names = ["attempts", "base", "max_delay", "total_delay"];
                diagnostics
                    .error(name.span(), format!("`retry` has no setting `{unknown}`: there are {}", list(&names)));
                skip(&settings)?;
            }
        }
        if !settings.is_empty() {
            settings.parse::<Token![,]>()?;
        }
    }
    if retry.attempts == 0 {
        diagnostics.error(option.span(), "say how many attempts there are in all: `retry(attempts = 3)`");
    }
    Ok(retry)
}
