//! What several test files need: a step that does as it is told, and the record of what was done to it.

mod log;
mod scripted;

pub use log::Log;
pub use scripted::Scripted;

use std::time::Duration;

/// So many milliseconds.
pub const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// So many seconds.
pub const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}
