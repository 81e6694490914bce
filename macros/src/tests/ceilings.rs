//! Inputs that are too large to be meant: an error that says what to do, in little time and few tokens.

use super::expand;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::time::{Duration, Instant};

/// Expands, and checks the time, the size, and that the message is in it.
fn refused(name: &str, input: TokenStream, message: &str) {
    let start = Instant::now();
    let expansion = expand(name, input, TokenStream::new()).to_string();
    assert!(start.elapsed() < Duration::from_secs(20), "{name} took {:?}", start.elapsed());
    assert!(expansion.contains(message), "{name} does not say `{message}`");
    assert!(expansion.len() < 4 << 20, "{name} expands to {} bytes", expansion.len());
}

#[test]
fn maps_of_a_thousand_branches_are_refused() {
    let names: Vec<_> = (0..1000).map(|n| format_ident!("f{n}")).collect();
    refused("chain", quote!(String => <#(#names: step),*> | last), "a map has at most 64 branches");
    // Those that are allowed are no error.
    let names = &names[..64];
    let expansion = expand("chain", quote!(String => <#(#names: step),*> | last), TokenStream::new()).to_string();
    assert!(!expansion.contains("compile_error"));
}

#[test]
fn matches_of_a_thousand_arms_are_refused() {
    let patterns = 0..1000_u32;
    refused("chain", quote!(u32 => match { #(#patterns => step,)* _ => step }), "a `match` has at most 256 arms");
}

#[test]
fn prompts_of_twenty_thousand_variables_are_refused() {
    let different: String = (0..20_000).map(|n| format!("{{v{n}}} ")).collect::<Vec<_>>().concat();
    for text in [different, "{same} ".repeat(20_000), "{optional?}\n".repeat(20_000)] {
        refused("prompt", quote!(#text), "a text of a prompt shows at most 1000 variables");
    }
    let texts = vec![quote!(user: "Hi"); 20_000];
    refused("prompt", quote!(#(#texts),*), "a prompt has at most 256 messages");
    let values = (0..20_000).map(|n| format_ident!("v{n}"));
    refused("prompt", quote!("{v0}", #(#values = 1),*), "a prompt is given at most 256 values");
}
