//! Limits, caps, caches and budgets, as a chain with them behaves.

mod budget;
mod cache;
mod cap;
#[cfg(feature = "rate-limit")]
mod rate;
