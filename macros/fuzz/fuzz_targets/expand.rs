//! Arbitrary tokens as the input of any macro: an expander never panics, and its output parses.
//!
//! ```sh
//! cargo install cargo-fuzz
//! cd macros && cargo +nightly fuzz run expand
//! ```
//!
//! The first letter of an input chooses the macro: `c`hain, `r`ecord, `d`erive, `p`rompt or `t`ool. Any other letter
//! means `#[runnable]`. The options of an attribute end at the first line break. `fuzz/corpus/expand` has one input to
//! start from for each macro.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proc_macro2::TokenStream;
use std::str::FromStr;

// A crate of macros exports nothing else, so its modules are included here.
#[path = "../../src/chain/mod.rs"]
mod chain;
#[path = "../../src/drawing/mod.rs"]
mod drawing;
#[path = "../../src/prompt/mod.rs"]
mod prompt;
#[path = "../../src/record/mod.rs"]
mod record;
#[path = "../../src/runnable/mod.rs"]
mod runnable;
#[path = "../../src/shared/mod.rs"]
mod shared;
#[path = "../../src/tool/mod.rs"]
mod tool;

fuzz_target!(|text: &str| {
    let Some(first) = text.chars().next() else { return };
    let (options, text) = match (first, &text[first.len_utf8()..]) {
        ('c' | 'r' | 'd' | 'p', text) => ("", text),
        (_, text) => text.split_once('\n').unwrap_or(("", text)),
    };
    let (Ok(options), Ok(input)) = (TokenStream::from_str(options), TokenStream::from_str(text)) else { return };
    let expansion = match first {
        'c' => chain::expand(input),
        'r' => record::expand(input),
        'd' => record::derive(input),
        'p' => prompt::expand(input),
        't' => tool::expand(options, input),
        _ => runnable::expand(options, input),
    };
    let parses = match first {
        'c' | 'r' | 'p' => syn::parse2::<syn::Expr>(expansion.clone()).is_ok(),
        _ => syn::parse2::<syn::File>(expansion.clone()).is_ok(),
    };
    assert!(parses, "what does not parse: {expansion}");
});
