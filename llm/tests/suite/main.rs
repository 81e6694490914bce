//! The tests of `catena-llm` through its public API, as one program: a module for each file.
//!
//! `cargo test -p catena-llm --all-features tools` runs those of one file. They share a process: what is global to it
//! (environment variables, the current directory, the default of `tracing`) is not theirs to set.

mod account;
mod agents;
mod cassettes;
mod chat;
mod compatibility;
mod cross_check;
mod dispatch;
mod evaluation;
mod events;
mod exchange;
mod faults;
#[cfg(all(feature = "providers", feature = "simulator"))]
mod files;
mod fuzzed;
mod graph;
mod hostile;
mod keys;
mod limits;
#[cfg(feature = "mcp")]
mod mcp;
mod memory;
mod messages;
mod models;
mod observed;
#[cfg(all(feature = "providers", feature = "simulator"))]
mod options;
mod parsers;
mod prompts;
mod requests;
mod retrieval;
mod simulator;
#[cfg(all(feature = "providers", feature = "simulator"))]
mod thinking;
mod tools;

/// A client for servers on this machine, which no proxy of the environment leads to.
#[cfg(any(feature = "providers", feature = "simulator"))]
fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}
