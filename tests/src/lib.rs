//! What several test files need: a step that does as it is told, the record of what was done to it, and the recordings of
//! LangChain.

mod cases;
mod log;
mod recording;
mod scripted;
mod subscribed;

pub use cases::Cases;
pub use log::Log;
pub use recording::{assert_test, differences, in_workspace, recording, sources};
pub use scripted::Scripted;
pub use subscribed::subscribed;

use std::time::Duration;

/// So many milliseconds.
pub const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// So many seconds.
pub const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}
