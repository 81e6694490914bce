//! Only bench targets live here: `cargo bench` in this folder runs them.
