//! Models for tests of chains, without a provider, a key or a network.
//!
//! | model | answers | use |
//! |---|---|---|
//! | [`Scripted`] | those of the test, in order or by request | tests of a chain's own logic |
//! | [`Cassette`] | recorded answers of a real model | tests with real answers, and of prompts that must not change |
//!
//! For tests of the wire protocol there is a simulator of the providers (module and feature `simulator`).

mod cassette; // a model that records and replays
mod reply; // one answer of a scripted model
mod scripted; // a model that answers from a script
mod tape; // the file of a cassette

pub use cassette::{Cassette, CassetteMode};
pub use reply::Reply;
pub use scripted::Scripted;
