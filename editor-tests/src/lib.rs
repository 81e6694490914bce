//! A rust-analyzer with a project open that uses `catena`, to be asked what it shows at a place in a text.

use std::path::Path;

mod client;
mod project;

pub use client::Client;
pub use project::{Offer, Project};

/// Returns whether std's sources are installed (the component `rust-src`), without which a rust-analyzer knows nothing of std.
pub fn sources_of_std() -> bool {
    let output = std::process::Command::new("rustc").args(["--print", "sysroot"]).output();
    let sysroot = output.ok().and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/std").exists()
}

/// Whether there is a rust-analyzer that runs, by the name that `CATENA_RUST_ANALYZER` gives or else its own.
pub fn rust_analyzer() -> Option<String> {
    let name = std::env::var("CATENA_RUST_ANALYZER").unwrap_or_else(|_| "rust-analyzer".to_owned());
    let output = std::process::Command::new(&name).arg("--version").output().ok()?;
    output.status.success().then_some(name)
}
