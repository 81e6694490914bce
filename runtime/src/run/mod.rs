//! What a run carries, and what bounds it.
//!
//! | file | contents |
//! |---|---|
//! | [`context`] | the context that a run hands to its steps |
//! | [`config`], [`config_json`] | settings of a run, and the same from JSON |
//! | [`config_layers`] | two configurations of one run, as one |
//! | [`root`] | runs from the top: their context, and streams with settings |
//! | [`key`] | configurable values, and the keys that set them |
//! | [`limits`] | the limits in force in a part of a run |
//! | [`concurrency`] | how much of a run happens at once |
//! | [`permit_loan`] | a step's permit, lent to one of its children at a time |
//! | [`cancel`] | cancellation |
//! | [`deadline`] | work until the run's deadline or cancellation |
//! | [`recursion`] | how often a step is inside itself |
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
pub(crate) mod key;
pub(crate) mod limits;
pub(crate) mod permit_loan;
pub(crate) mod recursion;
pub(crate) mod root;
pub(crate) mod task;
