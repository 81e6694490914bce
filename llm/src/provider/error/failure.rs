use crate::Usage;
use std::{error::Error, fmt};

/// What a provider said about a request it did not answer: the source of the [`catena::Error`], for programs that look
/// closer than its kind.
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
    /// The HTTP status, unless the error was told after a 200.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The provider's own code: `insufficient_quota`, `overloaded_error`, `RESOURCE_EXHAUSTED`.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The body as it came, without the key.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The provider's id of the request, to ask its support by.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The tokens it told of before it failed: they were used, and are to be paid for.
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
            write!(f, ", code {code}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, ", request {id}")?;
        }
        if self.body.is_empty() { Ok(()) } else { write!(f, ": {}", self.body) }
    }
}

impl Error for ProviderError {}
