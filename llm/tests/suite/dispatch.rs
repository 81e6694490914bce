//! A subscriber of `tracing` for one test among those that run in the same process.

use std::sync::LazyLock;
use tracing::{Dispatch, Subscriber, subscriber::NoSubscriber};

/// A subscriber that lives as long as the process.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// A subscriber, to be made the default of some work or of a thread.
///
/// While there is only one subscriber, `tracing` asks the thread that first reaches a callsite, and remembers its answer for
/// all threads: a test beside this one, which has no subscriber, would silence it. Among two it asks both.
pub(crate) fn dispatch(subscriber: impl Subscriber + Send + Sync + 'static) -> Dispatch {
    LazyLock::force(&SECOND);
    Dispatch::new(subscriber)
}
