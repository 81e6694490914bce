//! A cluster of its own, in a temporary folder, reached by a socket in it.

use crate::killed::LEASE;
use catena_durable::Journal;
use std::{
    env,
    io::Write,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

pub(super) struct Server {
    folder: tempfile::TempDir,
    programs: PathBuf,
}

/// The folder of Postgres' programs, which Debian does not put into the path.
fn programs() -> Option<PathBuf> {
    let in_path = env::split_paths(&env::var_os("PATH")?).find(|folder| folder.join("initdb").exists());
    in_path.or_else(|| {
        let mut versions: Vec<PathBuf> =
            std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin")).collect();
        versions.retain(|folder| folder.join("initdb").exists());
        versions.sort();
        versions.pop()
    })
}

/// Whether this process is root's, as the kernel says: there may be no program to ask.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Whether a program can be run as the user `postgres` from here.
fn runs_as_postgres() -> bool {
    let mut nothing = Command::new("runuser");
    nothing.args(["-u", "postgres", "--", "true"]).stdout(Stdio::null()).stderr(Stdio::null());
    nothing.status().is_ok_and(|status| status.success())
}

fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr().lock(), "SKIPPED: journals in Postgres, for {why}");
    assert!(env::var_os("CATENA_REQUIRE_POSTGRES").is_none(), "{why}");
}

impl Server {
    /// Starts a server. Without Postgres the test says that it is skipped.
    pub(super) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            skipped("Postgres is not here");
            return None;
        };
        // Postgres refuses to run as root.
        if is_root() && !runs_as_postgres() {
            skipped("root cannot run it, nor run it as another user here");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            let owned = Command::new("chown").arg("postgres").arg(folder.path()).status().unwrap();
            assert!(owned.success(), "there is no user `postgres`");
        }
        let server = Server { folder, programs };
        let data = server.data();
        let args = ["-U", "catena", "-A", "trust", "-E", "UTF8", "--no-sync", "-D"];
        let made = server.program("initdb").args(args).arg(&data).stdout(Stdio::null()).status().unwrap();
        assert!(made.success(), "initdb failed");
        server.run();
        Some(server)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A program of Postgres, not as root.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path());
        command
    }

    /// Starts it, after its end too.
    pub(super) fn run(&self) {
        let options = format!("-c listen_addresses= -c fsync=off -k {}", self.folder.path().display());
        let begun = Instant::now();
        loop {
            let log = self.folder.path().join("log");
            let mut command = self.program("pg_ctl");
            let started =
                command.args(["start", "-w", "-s", "-D"]).arg(self.data()).arg("-l").arg(log).args(["-o", &options]);
            if started.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success() {
                return;
            }
            // After a kill, its processes need a moment to notice.
            assert!(begun.elapsed() < Duration::from_secs(30), "the server does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills it, without a word.
    pub(super) fn kill(&self) {
        if let Ok(text) = std::fs::read_to_string(self.data().join("postmaster.pid"))
            && let Some(process) = text.lines().next()
        {
            assert!(Command::new("kill").args(["-9", process]).status().unwrap().success());
        }
    }

    pub(super) fn settings(&self) -> String {
        format!("host={} user=catena dbname=postgres", self.folder.path().display())
    }

    pub(super) async fn journal(&self) -> Journal {
        Journal::builder().lease(LEASE).postgres(&self.settings()).await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = self.program("pg_ctl");
        let _ = stop.args(["stop", "-m", "immediate", "-s", "-D"]).arg(self.data()).stderr(Stdio::null()).status();
    }
}
