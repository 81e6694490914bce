//! One run under a journal.
//!
//! | file | contents |
//! |---|---|
//! | `durable_run` | [`DurableRun`], a run to be begun or gone on with |
//! | `active` | the run while a process runs it: its lease, its records |
//! | `ticket` | a step of it that runs |
//! | `names` | the names of the durable steps of a chain |
//! | `recorder` | the calls inside of a step |

pub(crate) mod active;
pub(crate) mod durable_run;
pub(crate) mod names;
pub(crate) mod recorder;
pub(crate) mod ticket;
