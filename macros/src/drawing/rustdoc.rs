//! The detection of rustdoc.

use std::{env, ffi::OsStr, path::Path, sync::LazyLock};

/// Returns whether rustdoc runs the macro. No other tool needs the drawings.
///
/// `cfg(doc)` is set for the expansion, and a macro cannot read it. But rustdoc runs macros in its own process, as
/// rustc, clippy and rust-analyzer do.
///
/// Drawing in every build would cost time. For a crate of 100 chain functions, `cargo check` took 1.13 times its user
/// time without drawings. It now takes 1.01 times that (medians of 6 rounds; `benches/README.md`). Also, rust-analyzer
/// would show the source of a drawing wherever it shows docs.
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
