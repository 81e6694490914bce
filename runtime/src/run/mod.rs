//! The context, the settings and the limits of a run.
//!
//! | file | contents |
//! |---|---|
//! | [`context`] | the context that a run passes to its steps |
//! | [`config`], [`config_json`] | the settings of a run, and their JSON |
//! | [`config_layers`] | two configurations of one run, as one |
//! | [`root`] | runs from the top: their context, and streams with settings |
//! | [`extensions`] | values by their types |
//! | [`key`] | configurable values, and the keys that set them |
//! | [`lifecycle`] | work before and after a whole run |
//! | [`place`] | the items and scopes that a call is in |
//! | [`recorder`] | calls inside of a step whose outcomes are kept |
//! | [`limits`] | the limits in force in a part of a run |
//! | [`concurrency`] | the limit on concurrency |
//! | [`permit_loan`] | a step's permit, which one of its children uses at a time |
//! | [`cancel`] | cancellation |
//! | [`deadline`] | work until the run's deadline or cancellation |
//! | [`recursion`] | the depth of recursion |
//! | [`task`] | tasks, and work on other threads |
//! | [`blocking`] | calls from threads that may block, and work that blocks |

pub(crate) mod blocking;
mod cancel;
pub(crate) mod concurrency;
pub(crate) mod config;
pub(crate) mod config_json;
mod config_layers;
pub(crate) mod context;
pub(crate) mod deadline;
mod extensions;
pub(crate) mod key;
pub(crate) mod lifecycle;
pub(crate) mod limits;
pub(crate) mod permit_loan;
mod place;
pub(crate) mod recorder;
pub(crate) mod recursion;
pub(crate) mod root;
pub(crate) mod task;
