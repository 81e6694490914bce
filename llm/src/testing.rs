//! Models for tests: of chains, without a provider, a key or a network.
//!
//! | model | answers | for |
//! |---|---|---|
//! | [`Scripted`] | what the test says, in order or by what it is asked | tests of a chain's own logic |
//!
//! To test what goes over the wire, there is the [simulator](crate::simulator) of the providers (feature `simulator`).

mod reply;
mod scripted;

pub use reply::Reply;
pub use scripted::Scripted;
