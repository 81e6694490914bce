//! Small helpers that know nothing of steps.
//!
//! | file | contents |
//! |---|---|
//! | [`arity`] | the list of arities, for macros that implement a trait for tuples |
//! | [`cast`] | a cast between two types that are one type |
//! | [`coop`] | cooperative yielding: a loop that is always ready lets other tasks run |
//! | [`labels`] | tables of labels as types |
//! | [`one_of`] | enums of one to twelve types |
//! | [`redact`] | values without their secrets |
//! | [`seconds`] | times as text |
//! | [`visible`] | text that a terminal or a log shows as it is |
//! | [`suggest`] | the name that was likely meant |

pub(crate) mod arity;
pub(crate) mod cast;
pub(crate) mod coop;
pub(crate) mod labels;
pub(crate) mod one_of;
pub(crate) mod redact;
pub(crate) mod seconds;
pub(crate) mod suggest;
pub(crate) mod visible;
