//! Durable runs, through the public API.

mod agents;
mod changed;
mod compatibility;
mod cost;
mod fuzzed;
mod hostile;
mod killed;
mod observed;
mod pauses;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "restate")]
mod restate;
mod runs;
mod steps;
mod streams;
mod traces;
mod work;
