use super::{QdrantVectors, server::Server};
use crate::HttpClient;
use catena::Result;
use std::{fmt, sync::Arc, time::Duration};

/// Creates a builder of a store of vectors in a collection of the Qdrant server at this URL, such as
/// `http://localhost:6333`.
pub fn qdrant(url: impl Into<String>, collection: impl Into<String>) -> QdrantBuilder {
    QdrantBuilder {
        url: url.into(),
        collection: collection.into(),
        api_key: None,
        timeout: Duration::from_secs(30),
        http_client: None,
    }
}

/// A builder of a store in Qdrant; created by [`qdrant`].
#[derive(Clone)]
#[must_use = "there is no store before `build`"]
pub struct QdrantBuilder {
    pub(super) url: String,
    pub(super) collection: String,
    pub(super) api_key: Option<String>,
    pub(super) timeout: Duration,
    pub(super) http_client: Option<HttpClient>,
}

impl QdrantBuilder {
    /// Sets the key, which is sent as the header `api-key`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Sets the longest time for an answer of the server. The default is 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the HTTP client; see [`ModelBuilder::http_client`](crate::ModelBuilder::http_client).
    pub fn http_client(mut self, client: impl Into<HttpClient>) -> Self {
        self.http_client = Some(client.into());
        self
    }

    /// Builds the store. No request is sent.
    ///
    /// # Errors
    /// [`BadInput`](catena::ErrorKind::BadInput) for an invalid URL, and for a collection without a name.
    /// [`Auth`](catena::ErrorKind::Auth) for a key that no header can have.
    pub fn build(self) -> Result<QdrantVectors> {
        Ok(QdrantVectors { server: Arc::new(Server::new(self)?) })
    }
}

impl fmt::Debug for QdrantBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QdrantBuilder")
            .field("collection", &self.collection)
            .field("api_key", &self.api_key.as_ref().map(|_| "[redacted]"))
            .finish_non_exhaustive()
    }
}
