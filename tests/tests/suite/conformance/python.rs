//! Errors and values in the form that the recordings have them in.

use catena::{Error, Result};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt;

/// An exception of Python's: its class, and what it was raised with.
#[derive(Clone, Debug)]
pub(crate) struct Raised(pub(crate) &'static str, pub(crate) String);

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Of all exceptions, this one shows its text as it would be written in a program.
        if self.0 == "KeyError" { f.write_str(&quoted(&self.1)) } else { f.write_str(&self.1) }
    }
}

impl std::error::Error for Raised {}

fn quoted(text: &str) -> String {
    if text.contains('\'') { format!("{text:?}") } else { format!("'{text}'") }
}

fn raised(error: &Error) -> &Raised {
    error.downcast_ref().unwrap_or_else(|| panic!("another error than one that was raised: {error}"))
}

/// `ValueError('no')`.
pub(crate) fn repr(error: &Error) -> String {
    let Raised(class, text) = raised(error);
    format!("{class}({})", quoted(text))
}

pub(crate) fn exception(error: &Error) -> Value {
    json!({ "$exc": raised(error).0, "msg": error.message() })
}

/// What `attempt` of the recordings gives.
pub(crate) fn outcome<T: Serialize>(result: Result<T>) -> Value {
    match result {
        Ok(output) => json!({ "ok": output }),
        Err(error) => json!({ "err": exception(&error) }),
    }
}
