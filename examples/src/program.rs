//! How a program ends.

use catena::{CancellationToken, Error, ErrorKind as Kind, Result};
use std::{
    io::{ErrorKind, Write},
    process::ExitCode,
};

/// What a program has to say in the end.
pub struct Printed {
    /// For stdout.
    pub text: String,
    /// Whether Ctrl-C ended it.
    pub interrupted: bool,
}

/// A token that Ctrl-C cancels, for [`Config::cancel`](catena::Config::cancel).
pub fn ctrl_c() -> CancellationToken {
    let token = CancellationToken::new();
    let pressed = token.clone();
    tokio::spawn(async move {
        // Where there are no signals, there is no end but the program's own.
        if tokio::signal::ctrl_c().await.is_ok() {
            pressed.cancel();
        }
    });
    token
}

/// Nothing, where the run was cancelled.
pub fn unless_cancelled<T>(outcome: Result<T>) -> Option<Result<T>> {
    let is_cancelled = |error: &Error| error.kind() == &Kind::Cancelled;
    if outcome.as_ref().err().is_some_and(is_cancelled) { None } else { Some(outcome) }
}

/// Prints, and says how it went the way a shell expects: 130 after Ctrl-C.
pub fn finish(outcome: Result<Printed>) -> ExitCode {
    match outcome {
        Ok(Printed { text, interrupted }) => match writeln!(std::io::stdout(), "{}", text.trim_end()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
            // Whoever closes the pipe has read enough.
            _ if interrupted => ExitCode::from(130),
            _ => ExitCode::SUCCESS,
        },
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
