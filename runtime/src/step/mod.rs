//! What a step is, and how one is called.
//!
//! | file | contents |
//! |---|---|
//! | [`runnable`] | the traits [`Step`](runnable::Step) and [`Runnable`](runnable::Runnable), and macros that fill them in |
//! | [`call`] | calls that have been started, and the future that they are inside of |
//! | [`outcome`] | what a wrapper makes of the outcome of its step |
//! | [`invoke`] | the call at the top of a run that asks for nothing |
//! | [`locate`] | names of steps in the paths of errors |
//! | [`shared_input`] | inputs that several steps borrow |
//! | [`recover`] | a call with a continuation for its error, which gets the input back |
//! | [`cold`] | a boxed future for the cold path |

pub(crate) mod call;
pub(crate) mod cold;
pub(crate) mod invoke;
pub(crate) mod locate;
pub(crate) mod outcome;
pub(crate) mod recover;
pub(crate) mod runnable;
pub(crate) mod shared_input;
