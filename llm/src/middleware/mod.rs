//! Models around models: each wraps a [`ChatModel`](crate::ChatModel) and is one itself.
//!
//! | folder | contents |
//! |---|---|
//! | `cache` | [`Cached`](cache::Cached), which repeats earlier answers, and its stores |
//! | `limit` | [`ConcurrencyLimited`](limit::ConcurrencyLimited) and `RateLimited`, which bound concurrent requests and requests a minute |
//! | `budget` | [`Budgeted`](budget::Budgeted) and [`Budget`](budget::Budget), which bound money and tokens |

pub mod budget;
pub mod cache;
pub mod limit;
