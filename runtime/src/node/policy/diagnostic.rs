//! How a policy is asked at compile time, and its verdict told; for the expansions of macros.

use super::{Refusal, Verdict};
use crate::{Node, Step, node::const_str::Message};
use std::marker::PhantomData;

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

/// Stands for the type of a chain inside a `const { .. }` beside it, which cannot name it.
pub struct Structure<S>(PhantomData<fn() -> S>);

#[allow(clippy::new_without_default)]
impl<S: Step> Structure<S> {
    /// Of the chain that it meets later.
    pub const fn new() -> Self {
        Structure(PhantomData)
    }

    /// Of the chain that a function builds.
    pub const fn built_by<F: Fn() -> S>(_: &F) -> Self {
        Structure(PhantomData)
    }

    /// What is known of it.
    pub const fn node(&self) -> &'static Node {
        &S::NODE
    }

    /// This is the chain.
    pub fn is(self, chain: S) -> S {
        chain
    }

    /// This is the chain, lent.
    pub fn is_of(self, _: &S) {}
}
