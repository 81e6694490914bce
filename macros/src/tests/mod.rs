//! The expanders as pure functions: snapshots of their output, and random tokens that must not break them.

mod ceilings;
mod drawings;
mod half_written;
mod mutated;
mod pages;
mod random;
mod size;
mod snapshots;

use proc_macro2::TokenStream;

/// Expands the macro of this name. An attribute takes its options and its item.
fn expand(name: &str, input: TokenStream, options: TokenStream) -> TokenStream {
    match name {
        "chain" => crate::chain::expand(input),
        "record" => crate::record::expand(input),
        "derive_record" => crate::record::derive(input),
        "prompt" => crate::prompt::expand(input),
        "runnable" => crate::runnable::expand(options, input),
        "tool" => crate::tool::expand(options, input),
        other => panic!("there is no macro `{other}`"),
    }
}
