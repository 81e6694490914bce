//! Events of a run, and the observers that receive them.
//!
//! | file | contents |
//! |---|---|
//! | [`event`], [`observer`] | the events, and the trait of their receivers |
//! | [`run_guard`] | the guard of an observed run: emits its start, its chunks and its end |
//! | [`run_scope`] | what is open in a run; it ends before the run does |
//! | [`observers`] | the observers of a run, as a shared list |
//! | [`trace_context`] | the observers of a run, and the position of the next run in it |
//! | [`learn`] | the types of a step, registered at most once |
//! | [`instrument`] | macros that wrap the body of a step in a run |
//! | [`output`] | the output of a stream, recorded for the event of its end |
//! | [`event_stream`], [`event_queue`] | events as a stream, through a bounded queue |
//! | `run_log` | the log of a run as JSON Patch operations |
//! | [`listeners`] | closures for the start, the end and the error of a step |
//! | [`console`], [`latency`], [`tracing_spans`] | observers that print, measure, and open `tracing` spans |

pub(crate) mod console;
pub(crate) mod event;
mod event_queue;
pub(crate) mod event_stream;
pub(crate) mod instrument;
pub(crate) mod latency;
pub(crate) mod learn;
pub(crate) mod listeners;
pub(crate) mod observer;
pub(crate) mod observers;
pub(crate) mod output;
pub(crate) mod run_guard;
#[cfg(feature = "run-log")]
pub(crate) mod run_log;
pub(crate) mod run_scope;
pub(crate) mod trace_context;
pub(crate) mod tracing_spans;
