//! A cluster of Postgres of its own, in a temporary folder, reached by a socket in it.
//!
//! The tests of `catena-durable` and of `catena-llm` have this file too, by its path.

// Not all that include it use all of it.
#![allow(dead_code, unreachable_pub)]

use std::{
    env, fs,
    io::Write,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// The id of the user without rights on Unix systems: Postgres refuses to run as root.
const NOBODY: u32 = 65534;

pub struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
    /// The addresses that it listens on, and its TLS.
    options: String,
}

/// Returns the folder of Postgres' programs, which Debian does not put into the path.
fn installed() -> Option<PathBuf> {
    let in_path = env::split_paths(&env::var_os("PATH")?).find(|folder| folder.join("initdb").exists());
    in_path.or_else(|| {
        let mut versions: Vec<PathBuf> =
            fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin")).collect();
        versions.retain(|folder| folder.join("initdb").exists());
        versions.sort();
        versions.pop()
    })
}

/// Whether this process is root's, as the kernel says: there may be no program to ask.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// A program, not as root.
fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new(program);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn skipped(tests: &str, why: &str) {
    let _ = writeln!(std::io::stderr().lock(), "SKIPPED: {tests}, for {why}");
    assert!(env::var_os("CATENA_REQUIRE_POSTGRES").is_none(), "{why}");
}

impl Cluster {
    /// Starts the Postgres of this machine. Without one the tests of this name say that they are skipped.
    pub fn start(tests: &str) -> Option<Self> {
        let Some(programs) = installed() else {
            skipped(tests, "Postgres is not here");
            return None;
        };
        if !unprivileged(&programs.join("initdb")).arg("--version").status().is_ok_and(|status| status.success()) {
            skipped(tests, "root cannot run it, nor run it as another user here");
            return None;
        }
        Some(Cluster::with(programs))
    }

    /// Starts the Postgres of these programs.
    pub fn with(programs: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let cluster = Cluster { folder, programs, options: "-c listen_addresses=".to_owned() };
        let args = ["-U", "catena", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "-D"];
        let mut create = cluster.program("initdb");
        create.args(args).arg(cluster.data()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let made = create.output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        cluster.run();
        cluster
    }

    /// Starts it again, so that it listens on a port of 127.0.0.1 too, which is returned. `options` are those of `postgres`.
    pub fn listen(&mut self, options: &str) -> u16 {
        self.stop();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        self.options = format!("-c listen_addresses=127.0.0.1 -p {port} {options}");
        self.run();
        port
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// Writes a file that only the server can read.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        if is_root() {
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        path
    }

    /// A program of Postgres, not as root.
    fn program(&self, name: &str) -> Command {
        let mut command = unprivileged(&self.programs.join(name));
        command.current_dir(self.folder());
        command
    }

    /// Starts it, after its end too.
    pub fn run(&self) {
        let options = format!("{} -c fsync=off -k {}", self.options, self.folder().display());
        let begun = Instant::now();
        let log = self.folder().join("log");
        loop {
            let mut start = self.program("pg_ctl");
            start.args(["start", "-w", "-s", "-D"]).arg(self.data()).arg("-l").arg(&log).args(["-o", &options]);
            if start.status().unwrap().success() {
                return;
            }
            // After a kill, its processes need a moment to notice.
            let told = || fs::read_to_string(&log).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(30), "the server does not start: {}", told());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills it, without a word.
    pub fn kill(&self) {
        if let Ok(text) = fs::read_to_string(self.data().join("postmaster.pid"))
            && let Some(process) = text.lines().next()
        {
            // By Postgres' own program: there may be no other that kills.
            assert!(self.program("pg_ctl").args(["kill", "KILL", process]).status().unwrap().success());
        }
    }

    pub fn stop(&self) {
        let mut stop = self.program("pg_ctl");
        let _ = stop.args(["stop", "-m", "immediate", "-s", "-D"]).arg(self.data()).status();
    }

    /// The settings of a connection by the socket, which has the port of the addresses in its name.
    pub fn settings(&self) -> String {
        format!("host={} user=catena dbname=postgres", self.folder().display())
    }

    /// Executes statements as the administrator. Returns what they give, as text.
    pub async fn sql(&self, sql: &str) -> String {
        let mut command = self.program("psql");
        command.args(["-h"]).arg(self.folder()).args(["-U", "catena", "-d", "postgres", "-v", "ON_ERROR_STOP=1"]);
        sql.split("; ").for_each(|statement| {
            command.args(["-c", statement]);
        });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let said = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8_lossy(&said.stdout).into_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}
