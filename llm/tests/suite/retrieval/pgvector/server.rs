//! Postgres with pgvector, from Python's packages.

use super::cluster::{Cluster, is_root};
use std::{
    env, fs,
    io::Write,
    ops::Deref,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

pub(super) struct Server {
    cluster: Cluster,
    /// The programs, where any user can read them.
    _copied: Option<tempfile::TempDir>,
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
        let Some(installed) = installed() else {
            let _ = writeln!(
                std::io::stderr().lock(),
                "SKIPPED: vectors in Postgres, for pgvector is not here: `.ci/install-pgvector`"
            );
            assert!(env::var_os("CATENA_REQUIRE_PGVECTOR").is_none(), "pgvector is not here");
            return None;
        };
        if !is_root() {
            return Some(Server { cluster: Cluster::with(installed.join(PROGRAMS)), _copied: None });
        }
        let copied = tempfile::tempdir().unwrap();
        // The programs find their libraries by their places.
        for part in ["pgserver/pginstall", "pgserver.libs"] {
            copy(&installed.join(part), &copied.path().join(part));
        }
        fs::set_permissions(copied.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Some(Server { cluster: Cluster::with(copied.path().join(PROGRAMS)), _copied: Some(copied) })
    }
}

impl Deref for Server {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        &self.cluster
    }
}
