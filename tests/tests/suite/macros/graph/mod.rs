//! Chains that are there, drawn and written down: `graph`, `manifest`, `assert_graph!`, `graph_main!`.

mod checks;
mod combinators;
mod command;
mod difference;
mod hostile;
mod manifest;
mod models;
