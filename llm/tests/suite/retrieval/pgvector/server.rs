//! A cluster of its own, in a temporary folder, reached by a socket in it.

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

pub(super) struct Server {
    folder: tempfile::TempDir,
    /// The folder of Python's packages that Postgres is in.
    installed: PathBuf,
}

/// The folder of its programs.
const PROGRAMS: &str = "pgserver/pginstall/bin";

/// Returns the folder into which Postgres with pgvector was installed.
fn installed() -> Option<PathBuf> {
    let below = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/retrieval/pgvector/venv/lib");
    let versions = fs::read_dir(below).ok()?.flatten();
    let mut folders = versions.map(|version| version.path().join("site-packages"));
    folders.find(|folder| folder.join(PROGRAMS).join("initdb").exists())
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Copies a folder, which root has, to where any user can read it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}

impl Server {
    /// Starts a server. Without Postgres the test says that it is skipped.
    pub(super) fn start() -> Option<Self> {
        let Some(mut installed) = installed() else {
            let _ = writeln!(
                std::io::stderr().lock(),
                "SKIPPED: vectors in Postgres, for pgvector is not here: `.ci/install-pgvector`"
            );
            assert!(env::var_os("CATENA_REQUIRE_PGVECTOR").is_none(), "pgvector is not here");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            let copied = folder.path().join("postgres");
            // The programs find their libraries by their places.
            for part in ["pgserver/pginstall", "pgserver.libs"] {
                copy(&installed.join(part), &copied.join(part));
            }
            installed = copied;
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let server = Server { folder, installed };
        let args = ["-U", "catena", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "-D"];
        let made = server.program("initdb").args(args).arg(server.data()).output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        server.run();
        Some(server)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A program of Postgres, not as root.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.installed.join(PROGRAMS).join(name));
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.current_dir(self.folder.path()).stdin(Stdio::null());
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
            assert!(begun.elapsed() < Duration::from_secs(30), "the server does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(super) fn stop(&self) {
        let mut stop = self.program("pg_ctl");
        let _ = stop.args(["stop", "-m", "immediate", "-s", "-D"]).arg(self.data()).stderr(Stdio::null()).status();
    }

    pub(super) fn settings(&self) -> String {
        format!("host={} user=catena dbname=postgres", self.folder.path().display())
    }

    /// Executes statements as the administrator. Returns what they give, as text.
    pub(super) async fn sql(&self, sql: &str) -> String {
        let mut command = self.program("psql");
        command.args(["-h"]).arg(self.folder.path()).args(["-U", "catena", "-d", "postgres", "-v", "ON_ERROR_STOP=1"]);
        sql.split("; ").for_each(|statement| {
            command.args(["-c", statement]);
        });
        let said = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8_lossy(&said.stdout).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
