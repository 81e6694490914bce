use super::secret::Secret;
use catena::{Error, ErrorKind, Result};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::fmt;

/// The user's headers. Their values may be secrets, and are treated as such.
#[derive(Clone, Default)]
pub(super) struct Headers(Vec<(String, String)>);

/// Headers of the client itself. A second one would make the request invalid.
const RESERVED: [&str; 4] = ["content-length", "content-type", "host", "transfer-encoding"];

/// The headers in which providers expect the key.
const KEYS: [&str; 4] = ["api-key", "authorization", "x-api-key", "x-goog-api-key"];

/// Shorter values are not secrets: `1`, `true`.
const SHORT: usize = 6;

/// Returns whether a value of a header, a query or a field may be a secret.
pub(super) fn is_secret(value: &str) -> bool {
    value.trim().len() >= SHORT
}

impl Headers {
    pub(super) fn set(&mut self, name: String, value: String) {
        self.0.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        self.0.push((name, value));
    }

    /// Checks that the headers can be sent.
    pub(super) fn check(&self, has_key: bool) -> Result<()> {
        let wrong = |message: String| Err(Error::new(ErrorKind::BadInput, message));
        for (name, value) in &self.0 {
            if HeaderName::from_bytes(name.as_bytes()).is_err() {
                return wrong(format!("`{name}` cannot be the name of a header"));
            }
            if RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
                return wrong(format!("the header `{name}` is set by the client itself"));
            }
            if has_key && KEYS.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
                return wrong(format!("the header `{name}` is for the key: give that to `.api_key(..)`"));
            }
            if HeaderValue::from_str(value).is_err() {
                return wrong(format!(
                    "the value of the header `{name}` has a character in it that no header can have"
                ));
            }
        }
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Returns the values that must not be shown.
    pub(super) fn secrets(&self) -> impl Iterator<Item = Secret> {
        // Includes the second word of `Bearer abc` alone.
        let values =
            self.0.iter().flat_map(|(_, value)| [Some(value.as_str()), value.rsplit_once(' ').map(|(_, end)| end)]);
        values.flatten().filter(|value| is_secret(value)).filter_map(Secret::new)
    }

    /// Adds the headers to those of the connection. Logs show neither these values nor the key.
    pub(super) fn add_to(&self, head: &mut HeaderMap) {
        for (name, value) in &self.0 {
            if let (Ok(name), Ok(mut value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
                value.set_sensitive(true);
                head.insert(name, value);
            }
        }
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
