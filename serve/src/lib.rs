//! Serves [Catena](catena) chains over HTTP, in the protocols that clients speak.
//!
//! ```no_run
//! use catena::prelude::*;
//! use catena_serve::Server;
//!
//! #[runnable]
//! async fn support(question: String) -> String { format!("{question} Have you tried turning it off and on again?") }
//!
//! #[tokio::main]
//! async fn main() -> catena::Result<()> {
//!     Server::new().chain("support", support).serve("127.0.0.1:8000").await
//! }
//! ```
//!
//! The example is a program of its own. For an application that has routes already, [`Server::router`] returns an
//! [`axum::Router`] to nest or merge.
//!
//! - **Put chains in:** [`Server::chain`], [`Server::model`]. What a chain needs for it: [`Input`], [`Output`],
//!   [`ModelInput`], [`ModelOutput`].
//! - **Set runs by their request:** [`Server::configure`]; [`RequestId`] and [`TraceParent`] are in the context of the
//!   run, and an
//!   [`Owner`] may be.
//! - **Bound them:** [`Limits`].
//! - **Doors:** [LangServe's paths](doors::langserve), [OpenAI's](doors::openai), [streams for user
//!   interfaces](doors::ui),
//!   [a page](doors::page), and [MCP](doors::mcp) with the feature `mcp`.
//! - **When a request fails:** [the status for each error](errors).
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `mcp` | chains as tools of the Model Context Protocol, by `rmcp` |
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod chain;
pub mod doors;
mod failure;
mod langserve;
mod lock;
#[cfg(feature = "mcp")]
mod mcp;
mod open_api;
mod openai;
mod page;
mod request;
mod response;
mod server;
mod ui;

#[doc = include_str!("../docs/errors.md")]
pub mod errors {}

pub use chain::{Input, ModelInput, ModelOutput, Output};
pub use request::{Owner, RequestId, TraceParent};
pub use server::{Limits, Server};

/// The README's code, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
