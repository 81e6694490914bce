use crate::{ChatModel, ChatRequest, ModelIdentity};

/// The identity of a request in a [`CacheStore`](super::CacheStore): a hash of the [relevant parts](super) of the
/// request. Neither the request nor a key can be read from it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CacheKey(String);

impl CacheKey {
    pub(super) fn of(model: &impl ChatModel, request: &ChatRequest) -> Self {
        let digits = ModelIdentity::of(model, request).map(|byte| format!("{byte:02x}"));
        CacheKey(digits.concat())
    }

    /// Returns the SHA-256 hash as 64 hexadecimal digits. It is the same in every program.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
