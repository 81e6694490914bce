//! The user's notes: files that a server of the Model Context Protocol reads, which others wrote.

use catena::Result;
use catena_llm::{
    ToolCall, ToolResult,
    hooks::{Hook, NextTool},
    mcp::{McpServer, Stdio},
};
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tempfile::TempDir;

pub(crate) const ABSENT: &str =
    "no MCP server for files is installed (`npm install -g @modelcontextprotocol/server-filesystem`)";

const PROGRAM: &str = "mcp-server-filesystem";

/// A directory with notes, and the program that reads it.
#[derive(Clone)]
pub(crate) struct Notes {
    directory: Arc<TempDir>,
    program: PathBuf,
    /// `true` if the server is to be killed after its next call.
    kill: Arc<AtomicBool>,
}

impl Notes {
    /// Writes the notes, if there is a server for them.
    pub(crate) fn installed(kill: bool) -> Result<Option<Self>> {
        let Some(program) = find() else { return Ok(None) };
        let directory = TempDir::new()?;
        let beaches = "Lugano: the lido opens at nine, and the lake is warm from June on.\n";
        let rest = "Zurich: the baths by the lake are full when the sun shines, and closed when it rains.\n".repeat(60);
        std::fs::write(directory.path().join("swimming.txt"), format!("{beaches}{rest}"))?;
        Ok(Some(Notes { directory: Arc::new(directory), program, kill: Arc::new(AtomicBool::new(kill)) }))
    }

    /// The server, with two of its tools.
    pub(crate) fn server(&self) -> McpServer<Stdio> {
        // The shell writes down the process's id and becomes the server, so that it can be killed.
        let script = r#"echo $$ >"$0"; exec "$1" "$2""#;
        let server = if cfg!(unix) {
            let (pid, program, notes) = (self.pid_file(), self.program.clone(), self.folder());
            McpServer::stdio("sh", [Path::new("-c"), Path::new(script), &pid, &program, &notes])
        } else {
            McpServer::stdio(&self.program, [self.folder()])
        };
        server.prefix("notes").only(["read_text_file", "list_directory"])
    }

    /// The directory as the server knows it.
    fn folder(&self) -> PathBuf {
        self.directory.path().canonicalize().unwrap_or_else(|_| self.directory.path().to_owned())
    }

    fn pid_file(&self) -> PathBuf {
        self.directory.path().join("server.pid")
    }

    pub(crate) fn pid(&self) -> Option<String> {
        std::fs::read_to_string(self.pid_file()).ok().map(|pid| pid.trim().to_owned())
    }
}

/// Kills the server, once, if that is asked for.
impl Hook for Notes {
    fn name(&self) -> &'static str {
        "notes"
    }

    async fn before_model(
        &self,
        mut turn: catena_llm::hooks::Turn,
        _: &catena::Context,
    ) -> Result<catena_llm::hooks::Turn> {
        let before = turn.instructions.unwrap_or_default();
        turn.instructions = Some(format!("{before} The notes are in {}.", self.folder().display()));
        Ok(turn)
    }

    async fn around_tool(&self, call: ToolCall, next: NextTool) -> Result<ToolResult> {
        let own = call.name.starts_with("notes_");
        let result = next.call(call).await?;
        if own
            && self.kill.swap(false, Ordering::Relaxed)
            && let Some(pid) = self.pid()
        {
            let killed = Command::new("kill").args(["-9", &pid]).status();
            println!("\n  .. the server of the notes was killed: {}", killed.is_ok_and(|status| status.success()));
        }
        Ok(result)
    }
}

/// Finds the server, in the `PATH` or in this repository.
fn find() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../llm/tests/suite/mcp/servers/node_modules/.bin");
    let node = env::split_paths(&path).any(|folder| folder.join("node").exists());
    env::split_paths(&path).chain([repository]).map(|folder| folder.join(PROGRAM)).find(|file| node && file.exists())
}
