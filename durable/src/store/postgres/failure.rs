//! Errors of Postgres, with explanations.

use catena::{Error, ErrorKind};
use catena_postgres::{Server, is_tls};
use std::error::Error as _;
use tokio_postgres::error::SqlState;

/// Returns `true` if the same request may succeed later, by another connection.
pub(super) fn passes(error: &tokio_postgres::Error) -> bool {
    let Some(code) = error.code() else {
        // Not an answer of the server: the connection broke, or none could be made.
        let is_io = || error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
        return error.is_closed() || is_io() && !is_tls(error);
    };
    // Connections, resources (a full disk, too many connections), the server's end and its start, conflicts.
    ["08", "53", "57P", "40"].iter().any(|class| code.code().starts_with(class))
}

pub(super) fn explain(error: tokio_postgres::Error, server: &Server) -> Error {
    if let Some(why) = server.explain(&error) {
        let message = format!("the journal's Postgres server cannot be used: {why}");
        return Error::new(ErrorKind::BadInput, message).with_source(error);
    }
    let unavailable = ErrorKind::Unavailable { retry_after: None };
    let (kind, message) = match (error.as_db_error(), error.code()) {
        (Some(told), Some(code)) if *code == SqlState::DISK_FULL => {
            (unavailable, format!("the journal in Postgres cannot grow: {}", told.message()))
        }
        (Some(told), Some(_)) if passes(&error) => {
            (unavailable, format!("the journal's Postgres server cannot be used: {}", told.message()))
        }
        (Some(told), Some(code)) if code.code().starts_with("28") => {
            (ErrorKind::Auth, format!("the journal's Postgres server refused the user: {}", told.message()))
        }
        (Some(told), Some(code)) if *code == SqlState::INVALID_CATALOG_NAME => {
            (ErrorKind::BadInput, format!("the journal's Postgres server: {}", told.message()))
        }
        (Some(told), _) => (ErrorKind::Step, format!("the journal in Postgres: {}", told.message())),
        (None, _) => {
            let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            (unavailable, format!("the journal's Postgres server cannot be reached: {why}"))
        }
    };
    Error::new(kind, message).with_source(error)
}
