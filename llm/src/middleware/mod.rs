//! Models around models: each wraps a [`ChatModel`](crate::ChatModel) and is one itself.
//!
//! | folder | contents |
//! |---|---|
//! | `cache` | [`Cached`](cache::Cached), which repeats earlier answers, and its stores |
//! | `limit` | limits on requests in flight ([`ConcurrencyLimited`](limit::ConcurrencyLimited)) and per minute (`RateLimited`) |
//! | `budget` | [`Budgeted`](budget::Budgeted) and [`Budget`](budget::Budget), which limit money and tokens |

pub mod budget;
pub mod cache;
pub mod limit;
