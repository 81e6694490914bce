//! The trait of embedders.

use catena::{Context, Details, Error, ErrorKind, Result};
use std::{future::Future, sync::Arc};

/// A text as a vector. Texts with similar meanings have vectors with similar directions.
pub type Embedding = Vec<f32>;

/// A model that turns texts into vectors: one of a provider, or [`HashingEmbedder`](super::HashingEmbedder).
pub trait Embedder: Send + Sync {
    /// Returns the name of the model. Vectors of different models are not comparable.
    fn name(&self) -> &str;

    /// Adds the settings, for graphs and manifests.
    fn details(&self, _details: &mut Details) {}

    /// Returns one vector per text, in order, all of the same length.
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

/// Returns the vectors of texts, checked and normalised to length 1.
pub(crate) async fn checked_embeddings<E: Embedder>(
    embedder: &E,
    texts: &[String],
    cx: &Context,
) -> Result<Vec<Embedding>> {
    let mut vectors = embedder.embed(texts, cx).await?;
    check(embedder.name(), texts.len(), &vectors)?;
    for vector in &mut vectors {
        normalise(vector);
    }
    Ok(vectors)
}

/// Checks that there is one vector per text, that all have the same length, and that they consist of finite numbers.
fn check(embedder: &str, texts: usize, vectors: &[Embedding]) -> Result<()> {
    let wrong = |message: String| Err(Error::new(ErrorKind::Step, message).with_retryable(false));
    if vectors.len() != texts {
        return wrong(format!("{embedder} returned {} vectors for {texts} texts", vectors.len()));
    }
    let length = vectors.first().map_or(0, Vec::len);
    if let Some(other) = vectors.iter().find(|vector| vector.len() != length) {
        return wrong(format!("{embedder} returned vectors of {length} and of {} numbers", other.len()));
    }
    if texts > 0 && length == 0 {
        return wrong(format!("{embedder} returned vectors of length 0"));
    }
    if vectors.iter().flatten().any(|number| !number.is_finite()) {
        return wrong(format!("{embedder} returned a vector with a value that is not a finite number"));
    }
    Ok(())
}

/// Scales a vector to length 1. A vector of zeros stays as it is.
fn normalise(vector: &mut [f32]) {
    // In `f64`, because squares of large numbers overflow `f32`.
    let length = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
    if length > 0.0 {
        for number in vector {
            #[allow(clippy::cast_possible_truncation, reason = "it is between -1 and 1")]
            {
                *number = (f64::from(*number) / length) as f32;
            }
        }
    }
}
