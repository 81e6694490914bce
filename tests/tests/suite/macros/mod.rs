//! What the macros expand to: steps, names, structure, graphs and manifests.

mod graph;
mod graph_const;
mod hygiene;
mod prelude;
mod runnable;
