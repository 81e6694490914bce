use crate::Usage;
use catena::__private::visible;
use std::{error::Error, fmt};

/// The details of a provider's error: the source of the [`catena::Error`].
///
/// ```
/// # fn look(error: &catena::Error) {
/// if let Some(failure) = error.downcast_ref::<catena_llm::ProviderError>() {
///     println!("{:?} {:?} {}", failure.status(), failure.code(), failure.body());
/// }
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderError {
    pub(super) status: Option<u16>,
    pub(super) code: Option<String>,
    pub(super) body: String,
    pub(super) usage: Option<Usage>,
    pub(super) request_id: Option<String>,
}

impl ProviderError {
    /// Returns the HTTP status, unless the error was sent after a status of 200.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Returns the provider's own code: `insufficient_quota`, `overloaded_error`, `RESOURCE_EXHAUSTED`.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Returns the body as it was received, without the key.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Returns the provider's id of the request, which its support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns the tokens that were reported before the failure. They were used and have to be paid for.
    pub fn usage(&self) -> Option<Usage> {
        self.usage
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the provider's answer")?;
        if let Some(status) = self.status {
            write!(f, ", status {status}")?;
        }
        if let Some(code) = &self.code {
            write!(f, ", code {}", visible(code))?;
        }
        if let Some(id) = &self.request_id {
            write!(f, ", request {}", visible(id))?;
        }
        if self.body.is_empty() { Ok(()) } else { write!(f, ": {}", visible(&self.body)) }
    }
}

impl Error for ProviderError {}
