//! Models for tests: of chains, without a provider, a key or a network.
//!
//! | model | answers | for |
//! |---|---|---|
//! | [`Scripted`] | what the test says, in order or by what it is asked | tests of a chain's own logic |
//! | [`Cassette`] | what a real model once said | tests with real answers, and of prompts that must not change |
//!
//! To test what goes over the wire, there is the simulator of the providers (module `simulator`, a feature of that name).

mod cassette; // a model that records and replays
mod redact; // recordings without secrets
mod reply; // one answer of a scripted model
mod scripted; // a model that answers from a script
mod tape; // the file of a cassette

pub use cassette::{Cassette, CassetteMode};
pub use reply::Reply;
pub use scripted::Scripted;
