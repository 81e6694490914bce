//! Whether rustdoc is what runs the macro.

use std::{env, ffi::OsStr, path::Path, sync::LazyLock};

/// Whether rustdoc is what runs the macro: only then does anybody read what is drawn.
///
/// `cfg(doc)` is set for what the macro expands to and cannot be asked before. But rustdoc runs macros in its own process, and
/// so do rustc, clippy and rust-analyzer.
///
/// Drawing always would cost: for a crate of 100 chain functions, `cargo check` took 1.13 times the user time of that without
/// drawings, and it now takes 1.01 times that (medians of 6 rounds; `benches/README.md`). And rust-analyzer would show the
/// source of a drawing wherever it shows docs.
pub(super) fn runs() -> bool {
    static RUNS: LazyLock<bool> = LazyLock::new(|| {
        let program = env::current_exe().ok().or_else(|| env::args_os().next().map(Into::into));
        program
            .as_deref()
            .and_then(Path::file_stem)
            .and_then(OsStr::to_str)
            .is_some_and(|name| name.starts_with("rustdoc"))
    });
    *RUNS
}
