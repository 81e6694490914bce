//! Conversations that are remembered: by which steps, in which stores, how much of them.
#![cfg(all(feature = "providers", feature = "simulator", feature = "sqlite"))]

mod agents;
mod killed;
mod recorded;
mod stores;
mod trim;
mod turns;
