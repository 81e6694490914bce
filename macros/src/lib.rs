//! The macros of Catena. Use them through the `catena` and `catena-llm` crates, which document them.
//!
//! | macro | creates | documented at |
//! |---|---|---|
//! | [`chain!`] | a chain: a sequence of steps, parallel maps, branches, closures | `catena::chain!` |
//! | [`#[runnable]`](macro@runnable) | a step from a function, with a retry, a timeout, a name; a chain with a name and a drawing in its docs | `catena::runnable` |
//! | [`#[derive(Record)]`](macro@Record), [`record!`] | structs whose fields steps take by name | `catena::Record`, `catena::record!` |
//! | [`prompt!`] | a prompt whose variables the compiler checks | `catena_llm::prompt!` |
//! | [`#[tool]`](macro@tool) | a tool that a model or an agent calls | `catena_llm::tool` |
//!
//! Each macro is a pipeline: parse (tokens to a tree), validate, expand (a tree to tokens). The pipelines are pure
//! functions over token streams. They collect every error they find and never panic. This file only connects them to
//! the compiler.
//!
//! `cargo run -q -p catena-macros --example expand -- 'chain!(String => prompt | model)'` prints the expansion of a
//! macro. It also reads a file from its standard input. `cargo +nightly fuzz run expand`, in `macros/fuzz`, feeds
//! arbitrary tokens to the macros.

mod chain;
mod drawing;
mod hygiene;
mod prompt;
mod record;
mod runnable;
mod shared;
#[cfg(test)]
mod tests;
mod tool;

use proc_macro::TokenStream;

/// Composes steps into a chain; see `catena::chain!`.
#[proc_macro]
pub fn chain(input: TokenStream) -> TokenStream {
    hygiene::expand([input.into()], |[input]| chain::expand(input)).into()
}

/// Turns functions, `impl` blocks and chain-building functions into steps; see `catena::runnable`.
#[proc_macro_attribute]
pub fn runnable(options: TokenStream, item: TokenStream) -> TokenStream {
    hygiene::expand([options.into(), item.into()], |[options, item]| runnable::expand(options, item)).into()
}

/// Makes a struct a record, whose fields steps take by name; see `catena::Record`.
#[proc_macro_derive(Record, attributes(record))]
pub fn derive_record(item: TokenStream) -> TokenStream {
    hygiene::expand([item.into()], |[item]| record::derive(item)).into()
}

/// Creates an anonymous record; see `catena::record!`.
#[proc_macro]
pub fn record(input: TokenStream) -> TokenStream {
    hygiene::expand([input.into()], |[input]| record::expand(input)).into()
}

/// Creates a prompt whose variables are fields of its input; see `catena_llm::prompt!`.
#[proc_macro]
pub fn prompt(input: TokenStream) -> TokenStream {
    hygiene::expand([input.into()], |[input]| prompt::expand(input)).into()
}

/// Turns a function into a tool that a model may call; see `catena_llm::tool`.
#[proc_macro_attribute]
pub fn tool(options: TokenStream, item: TokenStream) -> TokenStream {
    hygiene::expand([options.into(), item.into()], |[options, item]| tool::expand(options, item)).into()
}
