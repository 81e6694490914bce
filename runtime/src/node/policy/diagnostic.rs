//! How a policy is asked at compile time, and its verdict told; for the expansions of macros.

use super::{Refusal, Verdict};
use crate::node::const_str::Message;

/// What the compiler says of a chain that a policy refuses.
pub struct Problem(Message);

impl Problem {
    /// What is wrong, if anything is.
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

    /// As a sentence.
    pub const fn text(&self) -> &str {
        self.0.text()
    }
}
