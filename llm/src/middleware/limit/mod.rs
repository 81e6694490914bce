//! How much is asked of a model at once and in a minute.
//!
//! | limit | of | given by |
//! |---|---|---|
//! | [`ConcurrencyLimit`] | requests at once | [`Chat::concurrency_limited`](crate::Chat::concurrency_limited) |
//! | [`RateLimit`] (feature `rate-limit`) | requests and tokens a minute | [`Chat::rate_limited`](crate::Chat::rate_limited) |
//!
//! Clones of one limit are the same limit, so that several models, chains and runs can share it. What has to wait goes in
//! the order it came, within the run's deadline; a run that is cancelled stops waiting.

#[cfg(feature = "rate-limit")]
mod bucket; // one quota a minute
mod concurrency; // requests in flight
#[cfg(feature = "rate-limit")]
mod rate; // requests and tokens a minute

pub use concurrency::{ConcurrencyLimit, ConcurrencyLimited};
#[cfg(feature = "rate-limit")]
pub use rate::{RateLimit, RateLimited};
