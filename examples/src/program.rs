//! How a program ends.

use catena::Result;
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

/// Ready when Ctrl-C is pressed.
pub async fn ctrl_c() {
    if tokio::signal::ctrl_c().await.is_err() {
        // No signals here: there is no end but the program's own.
        std::future::pending::<()>().await;
    }
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
