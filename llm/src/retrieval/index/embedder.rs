//! Texts as vectors.

use catena::{Context, Details, Result};
#[cfg(feature = "sqlite")]
use catena::{Error, ErrorKind};
use std::{future::Future, sync::Arc};

/// A text as a vector: what is near in meaning is near in direction.
pub type Embedding = Vec<f32>;

/// Makes vectors of texts: a model of a provider, or [`HashingEmbedder`](super::HashingEmbedder).
pub trait Embedder: Send + Sync {
    /// The name of the model: vectors of different models do not compare.
    fn name(&self) -> &str;

    /// Tell how it is set up, for graphs and manifests.
    fn details(&self, _details: &mut Details) {}

    /// A vector for each text, in their order, all of one length.
    fn embed<'a>(
        &'a self,
        texts: &'a [String],
        cx: &'a Context,
    ) -> impl Future<Output = Result<Vec<Embedding>>> + Send + 'a;
}

macro_rules! pointer {
    ($($Pointer:ty),*) => {$(
        impl<E: Embedder> Embedder for $Pointer {
            fn name(&self) -> &str {
                (**self).name()
            }

            fn details(&self, details: &mut Details) {
                (**self).details(details);
            }

            fn embed<'a>(
                &'a self,
                texts: &'a [String],
                cx: &'a Context,
            ) -> impl Future<Output = Result<Vec<Embedding>>> + Send + 'a {
                (**self).embed(texts, cx)
            }
        }
    )*};
}
pointer!(&E, Arc<E>);

/// Whether they are what was asked for: one for each text, all of the same length, and numbers.
#[cfg(feature = "sqlite")]
pub(super) fn check(embedder: &str, texts: usize, vectors: &[Embedding]) -> Result<()> {
    let wrong = |message: String| Err(Error::new(ErrorKind::Step, message).with_retryable(false));
    if vectors.len() != texts {
        return wrong(format!("{embedder} made {} vectors of {texts} texts", vectors.len()));
    }
    let length = vectors.first().map_or(0, Vec::len);
    if let Some(other) = vectors.iter().find(|vector| vector.len() != length) {
        return wrong(format!("{embedder} made vectors of {length} and of {} numbers", other.len()));
    }
    if texts > 0 && length == 0 {
        return wrong(format!("{embedder} made vectors without numbers"));
    }
    if vectors.iter().flatten().any(|number| !number.is_finite()) {
        return wrong(format!("{embedder} made a vector with something in it that is no number"));
    }
    Ok(())
}
