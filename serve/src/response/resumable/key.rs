//! The identity of a stream.

use crate::request::Holder;
use std::sync::Arc;

/// The identity of a stream. A user who asks for a stream of another chain or of another user finds none, and one who
/// takes the name of such a stream for another does not take its place.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct StreamKey(Arc<Identity>);

#[derive(PartialEq, Eq, Hash)]
struct Identity {
    chain: String,
    holder: Holder,
    name: String,
}

impl StreamKey {
    pub(crate) fn new(chain: &str, holder: Holder, name: String) -> Self {
        StreamKey(Arc::new(Identity { chain: chain.to_owned(), holder, name }))
    }
}
