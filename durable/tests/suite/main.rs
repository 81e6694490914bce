//! Durable runs, through the public API.

mod agents;
mod changed;
mod compatibility;
mod cost;
mod hostile;
mod killed;
mod observed;
mod pauses;
#[cfg(feature = "postgres")]
mod postgres;
mod runs;
mod steps;
mod streams;
mod traces;
mod work;
