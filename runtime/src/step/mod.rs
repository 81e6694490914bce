//! What a step is, and how one is called.
//!
//! | file | contents |
//! |---|---|
//! | [`runnable`] | the traits [`Step`](runnable::Step) and [`Runnable`](runnable::Runnable), and macros that fill them in |
//! | [`call`] | futures that get their step and context on each poll |
//! | [`call_map`] | a call with its output mapped, and calls that are never pending |
//! | [`invoke`] | the call at the top of a run that asks for nothing |
//! | [`locate`] | names of steps in the paths of errors |
//! | [`shared_input`] | inputs that several steps borrow |
//! | [`retain_input`] | a call that gives its input back when it fails |
//! | [`recover`] | a call with a continuation for its error |
//! | [`cold`] | a boxed future for the cold path |

pub(crate) mod call;
pub(crate) mod call_map;
pub(crate) mod cold;
pub(crate) mod invoke;
pub(crate) mod locate;
pub(crate) mod recover;
pub(crate) mod retain_input;
pub(crate) mod runnable;
pub(crate) mod shared_input;
