//! Outcomes as JSON: `{"output": ..}`, `{"chunks": [..]}` or `{"error": {..}}`.

use super::failure::Failure;
use crate::error::JournalError;
use catena::{Error, Result};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Written<'a, O> {
    Output(&'a O),
    Chunks(&'a [Value]),
    Error(Failure),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept<O> {
    Output(O),
    Chunks(Vec<Value>),
    Error(Failure),
}

/// An outcome that was kept.
pub(crate) enum Outcome<O> {
    Output(O),
    /// The chunks that the output came in.
    Chunks(Vec<Value>),
    Error(Error),
}

/// Writes an outcome, and reads it back: one that cannot be read is of no use later.
pub(crate) fn write<O: Serialize + DeserializeOwned>(key: &str, outcome: &Result<O>) -> Result<Vec<u8>> {
    let payload = match outcome {
        Ok(output) => serde_json::to_vec(&Written::Output(output)),
        Err(error) => serde_json::to_vec(&Written::<O>::Error(Failure::of(error))),
    };
    let payload = payload.map_err(|error| unwritable(key, &error))?;
    match serde_json::from_slice::<Kept<O>>(&payload) {
        Ok(_) => Ok(payload),
        Err(error) => Err(unwritable(key, &error)),
    }
}

/// Writes the chunks of a stream.
pub(crate) fn write_chunks(key: &str, chunks: &[Value]) -> Result<Vec<u8>> {
    serde_json::to_vec(&Written::<()>::Chunks(chunks)).map_err(|error| unwritable(key, &error))
}

/// Reads an outcome.
pub(crate) fn read<O: DeserializeOwned>(key: &str, payload: &[u8]) -> Result<Outcome<O>> {
    match serde_json::from_slice(payload) {
        Ok(Kept::Output(output)) => Ok(Outcome::Output(output)),
        Ok(Kept::Chunks(chunks)) => Ok(Outcome::Chunks(chunks)),
        Ok(Kept::Error(failure)) => Ok(Outcome::Error(failure.into_error())),
        Err(error) => Err(unreadable(key, &error)),
    }
}

/// The error of what cannot be read as the type that is expected now.
#[cold]
pub(crate) fn unreadable(key: &str, error: &serde_json::Error) -> Error {
    JournalError::Unreadable { key: key.to_owned(), why: error.to_string() }.into()
}

/// The error of what cannot be written.
#[cold]
pub(crate) fn unwritable(key: &str, error: &serde_json::Error) -> Error {
    JournalError::Unwritable { key: key.to_owned(), why: error.to_string() }.into()
}
