//! Which processes are alive.
//!
//! Each open journal holds the lock of a file of its own, beside the database. The system gives the lock back when the process
//! ends, in whichever way and at once. So a lease needs no clock: the owner of a run is alive while its file is locked.

use catena::{Error, ErrorKind, Result};
use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

/// This journal, as an owner of runs.
pub(super) struct Owner {
    id: String,
    folder: PathBuf,
    /// The lock is held while the file is open.
    _locked: File,
}

impl Owner {
    pub(super) fn new(database: &Path) -> Result<Self> {
        let mut folder = database.as_os_str().to_owned();
        folder.push("-owners");
        let folder = PathBuf::from(folder);
        let failed = |error: std::io::Error| {
            let message = format!("the folder {} of the journal's owners cannot be used: {error}", folder.display());
            Error::new(ErrorKind::BadInput, message).with_source(error)
        };
        fs::create_dir_all(&folder).map_err(failed)?;
        let id = uuid::Uuid::new_v4().to_string();
        // Under another name until it is locked: a file that is not locked is taken for that of a dead owner, and removed.
        let (new, path) = (folder.join(format!("{id}.new")), folder.join(&id));
        let file = File::create(&new).map_err(failed)?;
        file.try_lock().map_err(|error| failed(error.into()))?;
        fs::rename(&new, &path).map_err(failed)?;
        Ok(Owner { id, folder, _locked: file })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Returns `true` if the owner of this id is alive. The file of one that is not is removed.
    pub(super) fn is_alive(&self, id: &str) -> bool {
        if id == self.id {
            return true;
        }
        let path = self.folder.join(id);
        let Ok(file) = File::open(&path) else { return false };
        match file.try_lock() {
            // The name is never used again, so that nothing else can be removed.
            Ok(()) => {
                let _ = fs::remove_file(&path);
                false
            }
            // If the system has no locks, nothing is known of it. To wait is safe, and to run a run twice is not.
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.folder.join(&self.id));
    }
}
