//! Errors of SQLite, with explanations.

use catena::{Error, ErrorKind};
use rusqlite::ErrorCode;
use std::path::Path;

/// Returns whether another connection holds the lock.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

pub(super) fn explain(error: rusqlite::Error, path: &Path) -> Error {
    let file = format!("the journal {}", path.display());
    let unavailable = ErrorKind::Unavailable { retry_after: None };
    let (kind, message) = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            (unavailable, format!("{file} is locked: another process or connection is writing to it"))
        }
        Some(ErrorCode::DiskFull) => (unavailable, format!("{file} cannot grow: the disk or its limit is full")),
        Some(ErrorCode::SystemIoFailure) => (unavailable, format!("{file} cannot be read or written: {error}")),
        Some(ErrorCode::NotADatabase) => {
            (ErrorKind::BadInput, format!("{file} is a file of another sort, not SQLite's"))
        }
        Some(ErrorCode::DatabaseCorrupt) => (
            ErrorKind::BadInput,
            format!("{file} is damaged: {error}; put a copy of it back, or begin a new journal beside it"),
        ),
        Some(ErrorCode::CannotOpen) => {
            (ErrorKind::BadInput, format!("{file} cannot be opened: is its folder there, and may it be written to?"))
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            (ErrorKind::BadInput, format!("{file} cannot be written to: {error}"))
        }
        Some(ErrorCode::TooBig) => {
            (ErrorKind::BadInput, format!("{file} keeps no value of more than a gigabyte: {error}"))
        }
        _ => (ErrorKind::Step, format!("{file}: {error}")),
    };
    Error::new(kind, message).with_source(error)
}
