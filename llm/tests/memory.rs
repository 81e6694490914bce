//! Conversations that are remembered: by which steps, in which stores, how much of them.
#![cfg(all(feature = "genai", feature = "simulator", feature = "sqlite"))]

#[path = "memory/killed.rs"]
mod killed;
#[path = "memory/recorded.rs"]
mod recorded;
#[path = "memory/stores.rs"]
mod stores;
#[path = "memory/trim.rs"]
mod trim;
#[path = "memory/turns.rs"]
mod turns;
