use crate::{ChatModel, ChatRequest};
use catena::Details;
use serde_json::json;

/// The identity of a request in a [`CacheStore`](super::CacheStore): the [relevant parts](super) of the request, as
/// JSON. It has no API keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CacheKey(String);

impl CacheKey {
    pub(super) fn of(model: &impl ChatModel, request: &ChatRequest) -> Self {
        let mut details = Details::default();
        model.details(&mut details);
        let key = json!({
            "model": model.name(),
            "host": model.host(),
            "provider": details.get("provider"),
            "base_url": details.get("base_url"),
            "request": request.to_json(),
        });
        CacheKey(key.to_string())
    }

    /// Returns the JSON, which is as long as the request.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns a hash of the JSON (FNV-1a) that is the same in every program. Different requests may have the same
    /// hash.
    pub fn hash64(&self) -> u64 {
        self.0.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}
