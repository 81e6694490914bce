//! Events, observers, traces, and runs as they are drawn.

mod batch_observed;
mod drawn;
mod drawn_docs;
mod drawn_live;
mod drawn_page;
mod ends;
mod events;
mod events_across_tasks;
mod events_owned;
mod injection;
mod names;
mod observers;
mod panics;
mod probed;
mod spans_across_tasks;
mod tracing;
mod values;
