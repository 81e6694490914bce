//! Steps that end the run until later.
//!
//! | file | contents |
//! |---|---|
//! | `answer` | [`pause`], which waits for an answer |
//! | `timer` | [`sleep_until`] and its like, which wait for a time |

mod answer;
mod timer;

pub use answer::{Pause, pause};
pub use timer::{After, At, By, Sleep, WakeTime, sleep_for, sleep_until, sleep_until_with};
