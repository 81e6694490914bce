use crate::{ChatModel, ChatRequest};
use catena::Details;
use sha2::{Digest, Sha256};
use std::fmt;

/// The identity of a model: a hash of everything besides the request on which its answers may depend. Created by
/// [`ChatModel::identity`].
///
/// The hash is SHA-256, so that no one can find a second model or request with the same one, and no value can be read
/// from it.
#[derive(Clone)]
pub struct ModelIdentity(Sha256);

impl ModelIdentity {
    /// Returns the identity of a request to this model.
    pub(crate) fn of(model: &(impl ChatModel + ?Sized), request: &ChatRequest) -> [u8; 32] {
        let mut identity = ModelIdentity(Sha256::new());
        let mut details = Details::default();
        model.details(&mut details);
        identity.add("name", model.name());
        identity.add("host", model.host().unwrap_or_default());
        identity.add("provider", model.provider().unwrap_or_default());
        for name in ["provider", "base_url"] {
            identity.add(name, details.get(name).map(ToString::to_string).unwrap_or_default());
        }
        model.identity(&mut identity);
        identity.add("request", request.to_json().to_string());
        identity.0.finalize().into()
    }

    /// Adds a value under a name. The order counts.
    pub fn add(&mut self, name: &str, value: impl AsRef<[u8]>) {
        for part in [name.as_bytes(), value.as_ref()] {
            // With its length no value can pass for two.
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }
}

impl fmt::Debug for ModelIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelIdentity").finish_non_exhaustive()
    }
}
