//! Checks of a chain at compile time, by its type: what `assert_streams!` and `assert_chain!` expand to.

use crate::{Node, Step, node::const_str::Message};
use std::marker::PhantomData;

/// What is behind [`assert_streams!`](crate::assert_streams).
struct Streams<S>(PhantomData<fn() -> S>);

impl<S: Step> Streams<S> {
    /// What is wrong with the chain, if anything is.
    const PROBLEM: Option<Message> =
        if let Some(step) = S::NODE.first_block() {
            let message = Message::new()
                .with("this chain does not stream: `")
                .with(step)
                .with("` waits for all of its input, which comes in pieces (a generator takes them as they come)");
            Some(message)
        } else if S::NODE.gives_pieces() {
            None
        } else {
            Some(Message::new().with(
                "this chain does not stream: its output comes in one piece, because its last step gives it whole",
            ))
        };

    /// Fails to compile where the stream stops.
    const CHECKED: () = if let Some(problem) = &Self::PROBLEM {
        panic!("{}", problem.text());
    };
}

/// Checks the chain that a value is.
pub const fn value_streams<S: Step>(_: &S) {
    let () = Streams::<S>::CHECKED;
}

/// What is wrong with the chain that a function builds, if anything is.
pub const fn problem_of<F: Fn() -> S, S: Step>(_: &F) -> Option<&'static str> {
    match &Streams::<S>::PROBLEM {
        Some(problem) => Some(problem.text()),
        None => None,
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
