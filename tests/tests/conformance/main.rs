//! The same chains as in recordings of langchain-core, and the same outcomes, except where Catena differs on purpose:
//! see "Where Catena differs from LangChain" in `runtime/docs/langchain.md`.

mod batches;
mod chunks;
mod events;
mod recorded_events;
mod runs;
mod streams;
