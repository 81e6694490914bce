//! A process that ends with its connection.

use super::Stdio;
use crate::Redactor;
use catena::{Error, ErrorKind, Result};
use process_wrap::tokio::{ChildWrapper, CommandWrap};
use std::{
    process::Stdio as Pipe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{ChildStderr, ChildStdin, ChildStdout, Command},
    runtime::Handle,
};

/// The variables that a process gets from this one.
const INHERITED: &[&str] = if cfg!(windows) {
    &[
        "APPDATA",
        "HOMEDRIVE",
        "HOMEPATH",
        "LOCALAPPDATA",
        "PATH",
        "PATHEXT",
        "PROCESSOR_ARCHITECTURE",
        "PROGRAMFILES",
        "SYSTEMDRIVE",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "USERNAME",
        "USERPROFILE",
    ]
} else {
    &["HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "USER"]
};

/// The time that a process has to end after its input was closed.
const GRACE: Duration = Duration::from_secs(2);

/// The number of bytes of the last errors that are kept.
const KEPT: usize = 2000;

/// A process and all that it has started. It ends when this is dropped: within two seconds by itself, or else killed.
pub(super) struct Process {
    child: Option<Killed>,
    errors: Arc<Mutex<String>>,
}

/// A group of processes that is killed when this is dropped.
struct Killed(Box<dyn ChildWrapper>);

impl Drop for Killed {
    fn drop(&mut self) {
        // It fails if all of them have ended.
        let _ = self.0.start_kill();
    }
}

impl Process {
    /// Starts a program. Returns its standard output and input, too.
    pub(super) fn start(program: &Stdio, redactor: &Redactor) -> Result<(Self, ChildStdout, ChildStdin)> {
        let mut command = Command::new(&program.program);
        command.args(&program.arguments).stdin(Pipe::piped()).stdout(Pipe::piped()).stderr(Pipe::piped());
        command.env_clear().kill_on_drop(true);
        command.envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.envs(program.environment.iter().map(|(name, value)| (name, value)));
        if let Some(directory) = &program.directory {
            command.current_dir(directory);
        }
        let mut command = CommandWrap::from(command);
        #[cfg(unix)]
        command.wrap(process_wrap::tokio::ProcessGroup::leader());
        #[cfg(windows)]
        command.wrap(process_wrap::tokio::JobObject);
        let mut child = Killed(command.spawn().map_err(|error| program.cannot_start(error))?);
        let (input, output, errors) = (child.0.stdin().take(), child.0.stdout().take(), child.0.stderr().take());
        let (Some(input), Some(output), Some(errors)) = (input, output, errors) else {
            return Err(Error::new(
                ErrorKind::Unavailable { retry_after: None },
                "a process was started without pipes",
            ));
        };
        let kept = Arc::new(Mutex::new(String::new()));
        tokio::spawn(keep_errors(errors, Arc::clone(&kept), redactor.clone(), program.shown()));
        Ok((Process { child: Some(child), errors: kept }, output, input))
    }

    /// Returns the last lines of the process's standard error.
    pub(super) fn last_errors(&self) -> String {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the id, while the process runs.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.as_ref()?.0.id()
    }
}

/// Keeps the last lines of a standard error, and passes all of them to the log.
async fn keep_errors(errors: ChildStderr, kept: Arc<Mutex<String>>, redactor: Redactor, program: String) {
    let mut lines = BufReader::new(errors);
    let mut line = Vec::new();
    loop {
        line.clear();
        // A line without end is read in parts.
        let limit = u64::try_from(KEPT).unwrap_or(u64::MAX);
        match (&mut lines).take(limit).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = redactor.clean_keys(String::from_utf8_lossy(&line).trim_end());
        tracing::debug!(target: "catena_llm::mcp", program, "{text}");
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.is_empty() {
            kept.push('\n');
        }
        kept.push_str(&text);
        let surplus = kept.len().saturating_sub(KEPT);
        let start = (surplus..=kept.len()).find(|at| kept.is_char_boundary(*at)).unwrap_or(kept.len());
        kept.drain(..start);
    }
}

/// The input of the process is closed by now, or will be soon: it is a part of the connection.
impl Drop for Process {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        // Without a runtime, and if the runtime ends before, the process is killed.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                let _ = tokio::time::timeout(GRACE, child.0.wait()).await;
                drop(child);
            });
        }
    }
}
