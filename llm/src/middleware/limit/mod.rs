//! Limits on the requests to a model.
//!
//! | limit | of | set by |
//! |---|---|---|
//! | [`ConcurrencyLimit`] | requests in flight | [`Chat::concurrency_limited`](crate::Chat::concurrency_limited) |
//! | [`RateLimit`] (feature `rate-limit`) | requests and tokens per minute | [`Chat::rate_limited`](crate::Chat::rate_limited) |
//!
//! Clones of a limit are the same limit, so that models, chains and runs can share it. Requests above the limit wait in
//! order of arrival, until the deadline of their run. A cancelled run stops waiting.

#[cfg(feature = "rate-limit")]
mod bucket; // one quota a minute
mod concurrency; // requests in flight
#[cfg(feature = "rate-limit")]
mod rate; // requests and tokens a minute

pub use concurrency::{ConcurrencyLimit, ConcurrencyLimited};
#[cfg(feature = "rate-limit")]
pub use rate::{RateLimit, RateLimited};
