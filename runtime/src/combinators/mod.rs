//! The combinators: steps made of other steps, one file for each.
//!
//! | file | contents |
//! |---|---|
//! | [`sequence`], [`parallel`], [`branch`] | steps after each other, beside each other, and one of several |
//! | [`map`], [`race`] | one step on many inputs, several steps on one input |
//! | [`retry`], [`fallback`], [`timeout`], [`settle`] | failures and time limits |
//! | [`tap`], [`named`], [`with_config`], [`configurable`] | steps that stay what they are, with something added |
//! | [`spawn`], [`boxed`], [`lazy`] | steps in a task, behind a pointer, and made when they run |
//! | [`router`], [`sequence_of`], [`then_run`] | steps chosen when they run |

pub(crate) mod boxed;
pub(crate) mod branch;
pub(crate) mod configurable;
pub(crate) mod fallback;
pub(crate) mod lazy;
pub(crate) mod map;
pub(crate) mod named;
pub(crate) mod parallel;
pub(crate) mod race;
pub(crate) mod retry;
pub(crate) mod router;
pub(crate) mod sequence;
pub(crate) mod sequence_of;
pub(crate) mod settle;
pub(crate) mod spawn;
pub(crate) mod tap;
pub(crate) mod then_run;
pub(crate) mod timeout;
pub(crate) mod with_config;
