//! The tests of the server, over real HTTP on loopback.

mod chains;
mod clients;
mod doors;
mod failures;
#[cfg(feature = "mcp")]
mod fuzzed;
mod langserve;
mod limits;
#[cfg(feature = "mcp")]
mod mcp;
mod open_api;
mod openai;
mod page;
mod resume;
mod running;
mod server;
mod ui;
