//! The check of a policy at compile time, and its message, for the expansions of macros.

use super::{Refusal, Verdict};
use crate::node::const_str::Message;

/// The message of the compiler about a chain that a policy refuses.
pub struct Problem(Message);

impl Problem {
    /// The refusal, if there is one.
    pub const fn of(policy: &str, verdict: &Verdict) -> Option<Problem> {
        let Verdict::Refused(Refusal { step, inside, why }) = verdict else { return None };
        let mut message = Message::new().quoted(policy).with(" refuses this chain: ");
        if let Some(step) = step {
            message = message.quoted(step);
            if let Some(inside) = inside {
                message = message.with(" in ").quoted(inside);
            }
            message = message.with(" ");
        }
        Some(Problem(message.with(why)))
    }

    /// Returns the message as a sentence.
    pub const fn text(&self) -> &str {
        self.0.text()
    }
}
