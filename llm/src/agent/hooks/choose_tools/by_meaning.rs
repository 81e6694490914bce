//! The similarity of tools to a question, by an embedder.

use crate::retrieval::{Embedder, Embedding, checked_embeddings};
use catena::{Context, Result};
use futures_util::future::BoxFuture;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// An embedder of any type.
trait AnyEmbedder: Send + Sync {
    fn name(&self) -> &str;
    fn embed<'a>(&'a self, texts: &'a [String], cx: &'a Context) -> BoxFuture<'a, Result<Vec<Embedding>>>;
}

impl<E: Embedder> AnyEmbedder for E {
    fn name(&self) -> &str {
        Embedder::name(self)
    }

    fn embed<'a>(&'a self, texts: &'a [String], cx: &'a Context) -> BoxFuture<'a, Result<Vec<Embedding>>> {
        Box::pin(checked_embeddings(self, texts, cx))
    }
}

/// The most texts whose vectors are kept.
const KEPT: usize = 10_000;

/// Compares texts by an embedder. The vectors of tools are computed once.
#[derive(Clone)]
pub(super) struct Meaning {
    embedder: Arc<dyn AnyEmbedder>,
    kept: Arc<Mutex<HashMap<String, Arc<Embedding>>>>,
}

impl Meaning {
    pub(super) fn new(embedder: impl Embedder + 'static) -> Self {
        Meaning { embedder: Arc::new(embedder), kept: Arc::default() }
    }

    pub(super) fn name(&self) -> &str {
        self.embedder.name()
    }

    /// Returns the similarity of each text to the question.
    pub(super) async fn scores(&self, question: &str, texts: &[String], cx: &Context) -> Result<Vec<f64>> {
        let wanted = || texts.iter().map(String::as_str).chain([question]);
        let mut missing: Vec<String> = {
            let kept = self.kept();
            wanted().filter(|text| !kept.contains_key(*text)).map(str::to_owned).collect()
        };
        missing.sort_unstable();
        missing.dedup();
        let vectors = if missing.is_empty() { Vec::new() } else { self.embedder.embed(&missing, cx).await? };
        let mut kept = self.kept();
        if kept.len() + missing.len() > KEPT {
            // Questions differ, and tools come again.
            kept.retain(|text, _| texts.contains(text));
        }
        kept.extend(missing.into_iter().zip(vectors.into_iter().map(Arc::new)));
        let zero = Arc::new(Embedding::new());
        let of = |text: &str| kept.get(text).unwrap_or(&zero);
        let asked = of(question);
        let cosine = |text: &String| of(text).iter().zip(asked.iter()).map(|(a, b)| f64::from(a * b)).sum();
        Ok(texts.iter().map(cosine).collect())
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<String, Arc<Embedding>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Meaning").field(&self.name()).finish()
    }
}
