//! Errors of Postgres, with explanations.

use catena::{Error, ErrorKind};
use catena_postgres::Server;
use std::error::Error as _;
use tokio_postgres::error::SqlState;

/// Returns whether the same request may succeed later: connections, resources, the server's end and its start, conflicts.
fn passes(code: &SqlState) -> bool {
    ["08", "53", "57P", "40"].iter().any(|class| code.code().starts_with(class))
}

pub(super) fn explain(error: tokio_postgres::Error, server: &Server) -> Error {
    if let Some(why) = server.explain(&error) {
        let message = format!("the Postgres server of the vectors cannot be used: {why}");
        return Error::new(ErrorKind::BadInput, message).with_source(error);
    }
    let unavailable = ErrorKind::Unavailable { retry_after: None };
    let (kind, message) = match error.as_db_error() {
        None => {
            let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            (unavailable, format!("the Postgres server of the vectors cannot be reached: {why}"))
        }
        Some(told) => {
            let (code, said) = (told.code(), told.message());
            let of_extension = said.contains("extension \"vector\"");
            if passes(code) {
                (unavailable, format!("the Postgres server of the vectors cannot be used: {said}"))
            } else if code.code().starts_with("28") {
                (ErrorKind::Auth, format!("the Postgres server of the vectors refused the user: {said}"))
            } else if of_extension && *code == SqlState::INSUFFICIENT_PRIVILEGE {
                let cure = "let an administrator run `CREATE EXTENSION vector` in it";
                (
                    ErrorKind::BadInput,
                    format!("the database has no extension pgvector, and the user may not create it: {cure}"),
                )
            } else if of_extension || said.contains("extension control file") {
                let cure = "install it on the server, for example by Debian's package `postgresql-16-pgvector`";
                (ErrorKind::BadInput, format!("the Postgres server has no extension pgvector: {cure} ({said})"))
            } else if *code == SqlState::INVALID_CATALOG_NAME {
                (ErrorKind::BadInput, format!("the Postgres server of the vectors: {said}"))
            } else {
                (ErrorKind::Step, format!("the vectors in Postgres: {said}"))
            }
        }
    };
    Error::new(kind, message).with_source(error)
}
