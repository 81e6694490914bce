//! Events, observers, traces, and runs as they are drawn.

mod batch_observed;
mod drawn;
mod drawn_docs;
mod drawn_live;
mod drawn_page;
mod events;
mod names;
mod observers;
mod probed;
mod tracing;
mod values;
