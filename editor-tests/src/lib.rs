//! A rust-analyzer with a project open that uses `catena`, to be asked what it shows at a place in a text.

mod client;
mod project;

pub use client::Client;
pub use project::Project;

/// Whether there is a rust-analyzer that runs, by the name that `CATENA_RUST_ANALYZER` gives or else its own.
pub fn rust_analyzer() -> Option<String> {
    let name = std::env::var("CATENA_RUST_ANALYZER").unwrap_or_else(|_| "rust-analyzer".to_owned());
    let output = std::process::Command::new(&name).arg("--version").output().ok()?;
    output.status.success().then_some(name)
}
