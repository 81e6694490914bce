use crate::{ChatModel, ChatRequest};
use catena::Details;
use serde_json::json;

/// What a request is known by in a [`CacheStore`](super::CacheStore): all of it that [matters](super), as JSON text. No keys.
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

    /// The text: as long as the request.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A number of the text that stays the same from one program to the next (FNV-1a), to look it up by. Other requests may
    /// have the same.
    pub fn hash64(&self) -> u64 {
        self.0.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}
