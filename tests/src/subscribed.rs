//! A subscriber of `tracing` for one test among those that run in the same process.

use std::sync::LazyLock;
use tracing::{
    Dispatch, Subscriber,
    subscriber::{DefaultGuard, NoSubscriber, set_default},
};

/// A subscriber that lives as long as the process.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// Makes a subscriber the default of this thread until the guard is dropped.
///
/// While there is only one subscriber, `tracing` asks the thread that first reaches a callsite, and remembers its answer for
/// all threads: a test beside this one, which has no subscriber, would silence it. Among two it asks both.
#[must_use = "the subscriber is the default until the guard is dropped"]
pub fn subscribed(subscriber: impl Subscriber + Send + Sync + 'static) -> DefaultGuard {
    LazyLock::force(&SECOND);
    set_default(subscriber)
}
