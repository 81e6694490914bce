//! The same chains as in recordings of langchain-core, and the same outcomes, except where Catena differs on purpose:
//! see "Where Catena differs from LangChain" in `runtime/docs/langchain.md`.

mod batches;
mod chunks;
mod composition;
mod differences;
mod each;
mod events;
mod fallbacks;
mod graphs;
mod limits;
mod listeners;
mod manifests;
mod python;
mod recorded_events;
mod run_log;
mod runs;
mod schemas;
mod streams;
mod table;
