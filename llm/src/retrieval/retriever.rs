//! The trait of retrievers, and the step around it.

use super::{AsQuery, Document, Filter, Query, buffered::whole};
use crate::telemetry::Telemetry;
use catena::{
    __private::{Call, Started, waits},
    Context, Details, Error, Kind, Node, Result, Runnable, Running, Step, Types,
};
use futures_util::TryFutureExt;
use serde_json::Value;
use std::{future::Future, sync::Arc};

/// The default number of documents that a [`Retrieve`] returns.
pub const DEFAULT_TOP: usize = 4;

/// A source of documents that match a text.
///
/// ```
/// use catena::{Context, RunnableExt};
/// use catena_llm::retrieval::{Document, Query, Retrieve, Retriever};
///
/// struct Dictionary(Vec<Document>);
///
/// impl Retriever for Dictionary {
///     fn name(&self) -> &str {
///         "dictionary"
///     }
///
///     async fn retrieve(&self, query: Query<'_>, _cx: &Context) -> catena::Result<Vec<Document>> {
///         let fits = |document: &&Document| document.content().starts_with(query.text);
///         Ok(self.0.iter().filter(fits).take(query.limit).cloned().collect())
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let words = Dictionary(vec![Document::new("catena: a chain"), Document::new("rust: a fungus")]);
/// assert_eq!(Retrieve::new(words).invoke("rust").await?[0].content(), "rust: a fungus");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub trait Retriever: Send + Sync {
    /// Returns the name in events, graphs and error messages.
    fn name(&self) -> &str;

    /// Adds the settings, for graphs and manifests.
    fn details(&self, _details: &mut Details) {}

    /// Returns the matching documents, best first, at most `query.limit`.
    fn retrieve<'a>(
        &'a self,
        query: Query<'a>,
        cx: &'a Context,
    ) -> impl Future<Output = Result<Vec<Document>>> + Send + 'a;
}

macro_rules! pointer {
    ($($Pointer:ty),*) => {$(
        impl<R: Retriever> Retriever for $Pointer {
            fn name(&self) -> &str {
                (**self).name()
            }

            fn details(&self, details: &mut Details) {
                (**self).details(details);
            }

            fn retrieve<'a>(
                &'a self,
                query: Query<'a>,
                cx: &'a Context,
            ) -> impl Future<Output = Result<Vec<Document>>> + Send + 'a {
                (**self).retrieve(query, cx)
            }
        }
    )*};
}
pointer!(&R, Arc<R>);

/// A [`Retriever`] as a step, from [text](AsQuery) to documents, best first.
///
/// The input is borrowed. On a stream the input is buffered, and the documents are yielded as one chunk.
#[derive(Clone, Debug)]
pub struct Retrieve<R> {
    retriever: R,
    top: usize,
    filter: Filter,
}

impl<R: Retriever> Retrieve<R> {
    /// Creates a step that returns at most [`DEFAULT_TOP`] documents of this retriever.
    pub fn new(retriever: R) -> Self {
        Retrieve { retriever, top: DEFAULT_TOP, filter: Filter::new() }
    }

    /// Sets the maximum number of documents.
    pub fn top(mut self, limit: usize) -> Self {
        self.top = limit;
        self
    }

    /// Sets the filter on the documents.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Returns the retriever.
    pub fn retriever(&self) -> &R {
        &self.retriever
    }

    fn find<'a>(&'a self, text: &'a str, cx: &'a Context) -> impl Future<Output = Result<Vec<Document>>> + Send + 'a {
        Telemetry::record_top(cx, self.top);
        let query = Query::new(text, self.top, &self.filter);
        self.retriever.retrieve(query, cx).map_err(|error| self.explain(error))
    }

    #[cold]
    fn explain(&self, error: Error) -> Error {
        error.while_doing(format!("searching {}", self.retriever.name()))
    }
}

impl<R: Retriever> Step for Retrieve<R> {
    const NODE: Node = Node::leaf("", Kind::Retriever).idempotent();

    fn name(&self) -> Option<&str> {
        Some(self.retriever.name()).filter(|name| !name.is_empty())
    }

    fn details(&self, details: &mut Details) {
        details.set("retriever", self.retriever.name());
        details.set("k", self.top);
        if !self.filter.is_empty() {
            details.set("filter", serde_json::to_value(&self.filter).unwrap_or_default());
        }
        self.retriever.details(details);
    }
}

impl<Q: AsQuery + Send + Sync, R: Retriever> Runnable<Q> for Retrieve<R> {
    type Output = Vec<Document>;
    whole!(Q);

    fn types(&self, types: &mut Types) {
        types.serialize::<Vec<Document>>();
        types.clone::<Vec<Document>>();
    }

    fn input_json(&self, input: &Q) -> Option<Value> {
        Some(input.as_query().into())
    }

    fn call_ref<'a>(&'a self, input: &'a Q, cx: &'a Context) -> impl Future<Output = Result<Vec<Document>>> + Send
    where
        Q: Clone + Sync,
    {
        Running::call_ref(self, input, cx)
    }

    fn start<'a>(&'a self, input: Q, cx: &'a Context) -> Started<impl Call<'a, Self, Vec<Document>>, Vec<Document>> {
        waits(async move { self.find(input.as_query(), cx).await })
    }

    fn start_ref<'a>(
        &'a self,
        input: &'a Q,
        cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Vec<Document>>, Vec<Document>>
    where
        Q: Clone + Sync,
    {
        waits(async move { self.find(input.as_query(), cx).await })
    }
}
