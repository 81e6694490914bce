//! `deny(untimed_model, more_models_than::<3>, path::to::own)`: policies that are checked on a chain at compile time.

use crate::shared::{
    diagnostics::{Diagnostics, nearest},
    option_list::list,
    turbofish::turbofish,
};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Path, Token, parenthesized, parse::ParseStream, punctuated::Punctuated, spanned::Spanned};

/// The policies of `catena::policy`, which need no path.
const READY: [&str; 6] =
    ["untimed_model", "unbounded_retry", "blocking_stream", "unmarked_tool_retry", "more_models_than", "opaque_step"];

/// A policy as it is written, and its position.
pub(crate) struct Policy {
    /// The name in errors.
    written: String,
    path: TokenStream,
    span: Span,
}

pub(crate) fn parse(input: ParseStream<'_>, option: &Ident, diagnostics: &Diagnostics) -> syn::Result<Vec<Policy>> {
    let policies;
    parenthesized!(policies in input);
    let paths = Punctuated::<Path, Token![,]>::parse_terminated(&policies)?;
    if paths.is_empty() {
        diagnostics.error(option.span(), format!("say what to deny: there are {}", list(&READY)));
    }
    Ok(paths.iter().filter_map(|path| policy(path, diagnostics)).collect())
}

fn policy(path: &Path, diagnostics: &Diagnostics) -> Option<Policy> {
    let written = path.to_token_stream().to_string().replace(' ', "");
    let path = &turbofish(path);
    let last = path.segments.last()?.ident.clone();
    if path.segments.len() > 1 || path.leading_colon.is_some() {
        return Some(Policy { written, path: path.to_token_stream(), span: last.span() });
    }
    let word = last.to_string();
    if READY.contains(&word.as_str()) {
        let path = quote_spanned!(last.span()=> ::catena::policy::#path);
        return Some(Policy { written, path, span: last.span() });
    }
    let hint = match nearest(&word, &READY) {
        Some(near) => format!("did you mean `{near}`? There"),
        None => "there".to_owned(),
    };
    let message = format!(
        "there is no policy `{word}`: {hint} are {}; one of your own is written with its path, `self::{word}`",
        list(&READY)
    );
    diagnostics.error(path.span(), message);
    None
}

/// Wraps the chain in a check of each policy on its type.
pub(crate) fn asked(policies: &[Policy], chain: TokenStream) -> TokenStream {
    policies.iter().fold(chain, |chain, Policy { written, path, span }| {
        // At the policy, where the compiler reports that the chain breaks it.
        let check = quote_spanned! {*span=>
            const {
                let __structure = ::catena::__private::Structure::new();
                let __verdict: ::catena::policy::Verdict = #path(::catena::__private::Structure::node(&__structure));
                if let ::core::option::Option::Some(__problem) = ::catena::__private::Problem::of(#written, &__verdict) {
                    ::core::panic!("{}", ::catena::__private::Problem::text(&__problem));
                }
                __structure
            }
        };
        quote_spanned!(*span=> ::catena::__private::Structure::is(#check, #chain))
    })
}
