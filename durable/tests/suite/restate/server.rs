//! A server of its own, in a temporary folder.

use serde_json::{Value, json};
use std::{
    env,
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

/// The longest wait for anything.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) struct Server {
    folder: tempfile::TempDir,
    program: PathBuf,
    ingress: u16,
    admin: u16,
    node: u16,
    child: Mutex<Option<Child>>,
    client: reqwest::Client,
}

/// The program that `.ci/install-restate` has installed beside this file.
fn program() -> Option<PathBuf> {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/restate/node_modules/@restatedev");
    let packages = std::fs::read_dir(packages).ok()?.flatten();
    let mut programs = packages.map(|package| package.path().join("bin/restate-server"));
    programs.find(|program| program.exists())
}

/// A port that nothing listens on.
pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Server {
    /// Starts a server. If it is not installed, the test says that it is skipped.
    pub(super) async fn start() -> Option<Self> {
        let Some(program) = program() else {
            let _ = writeln!(std::io::stderr().lock(), "SKIPPED: runs under Restate, for its server is not here");
            assert!(env::var_os("CATENA_REQUIRE_RESTATE").is_none(), ".ci/install-restate installs it");
            return None;
        };
        let server = Server {
            folder: tempfile::tempdir().unwrap(),
            program,
            ingress: free_port(),
            admin: free_port(),
            node: free_port(),
            child: Mutex::default(),
            client: reqwest::Client::new(),
        };
        server.run().await;
        Some(server)
    }

    /// Starts it, after its end too.
    pub(super) async fn run(&self) {
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        let child = Command::new(&self.program)
            .args(["--no-logo", "--node-name", "test", "--listen-mode", "tcp", "--base-dir"])
            .arg(self.folder.path())
            .env("RESTATE_INGRESS__BIND_ADDRESS", format!("127.0.0.1:{}", self.ingress))
            .env("RESTATE_ADMIN__BIND_ADDRESS", format!("127.0.0.1:{}", self.admin))
            .env("RESTATE_BIND_ADDRESS", format!("127.0.0.1:{}", self.node))
            // As many as needed; each of the usual 24 has to start.
            .env("RESTATE_DEFAULT_NUM_PARTITIONS", "1")
            .env("RESTATE_DISABLE_TELEMETRY", "true")
            .env("DO_NOT_TRACK", "1")
            .stdout(log)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        *self.child.lock().unwrap() = Some(child);
        for url in [self.url("restate/health"), format!("http://127.0.0.1:{}/health", self.admin)] {
            self.answered(|| self.client.get(&url)).await;
        }
    }

    /// Kills it, without a word.
    pub(super) fn kill(&self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.ingress)
    }

    /// Asks again and again until there is an answer.
    async fn answered(&self, request: impl Fn() -> reqwest::RequestBuilder) -> (u16, Value) {
        let begun = Instant::now();
        loop {
            if let Ok(response) = request().timeout(PATIENCE).send().await {
                let status = response.status().as_u16();
                // Not the server's own word, while it starts.
                if let (true, Ok(text)) = (status != 503, response.text().await) {
                    return (status, serde_json::from_str(&text).unwrap_or(Value::String(text)));
                }
            }
            assert!(begun.elapsed() < PATIENCE, "the server does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Makes a worker known, which listens on this port.
    pub(super) async fn register(&self, port: u16) {
        let url = format!("http://127.0.0.1:{}/deployments", self.admin);
        let begun = Instant::now();
        loop {
            let body = json!({ "uri": format!("http://127.0.0.1:{port}"), "force": true });
            let (status, said) = self.answered(|| self.client.post(&url).json(&body)).await;
            if status < 300 {
                return;
            }
            // The worker may not listen yet.
            assert!(begun.elapsed() < PATIENCE, "{status}: {said}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Begins a run.
    pub(super) async fn send(&self, chain: &str, run: &str, input: Value) {
        let (status, said) = self.post(&format!("{chain}/{run}/run/send"), input).await;
        assert!(status < 300, "{status}: {said}");
    }

    /// Calls a handler.
    pub(super) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let url = self.url(path);
        self.answered(|| self.client.post(&url).json(&body)).await
    }

    pub(super) async fn pauses(&self, chain: &str, run: &str) -> Value {
        let url = self.url(&format!("{chain}/{run}/waits"));
        self.answered(|| self.client.post(&url)).await.1
    }

    /// Waits for the outcome of a run.
    pub(super) async fn outcome(&self, chain: &str, run: &str) -> (u16, Value) {
        let url = self.url(&format!("restate/workflow/{chain}/{run}/attach"));
        self.answered(|| self.client.get(&url)).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
