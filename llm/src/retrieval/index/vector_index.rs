//! A vector index: an embedder and a store.

use super::{
    EmbeddedDocument, Embedder, VectorSpace, VectorStore,
    embedder::checked_embeddings,
    sync::{BATCH, Plan, Synced},
};
use crate::retrieval::{Document, Filter, Query, Retriever};
use catena::{Context, Details, Result};

#[cfg(feature = "sqlite")]
type DefaultStore = super::SqliteVectors;
/// Without SQLite there is no store by default.
#[cfg(not(feature = "sqlite"))]
type DefaultStore = ();

/// A vector index, which finds the documents nearest to a text by cosine similarity. It embeds texts by an [`Embedder`],
/// and keeps them in a [`VectorStore`], by default a SQLite file.
///
/// The score is the cosine, 1 for the same direction. All vectors must be of one model, whose name the store has, and of
/// one length; anything else is an error.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::retrieval::{Document, HashingEmbedder, Retrieve, VectorIndex};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let index = VectorIndex::in_memory(HashingEmbedder::new(256))?;
/// index.add([Document::new("Backups run at two."), Document::new("Coffee is upstairs.")]).await?;
/// let found = Retrieve::new(index).top(1).invoke("Where is the coffee?").await?;
/// assert_eq!(found[0].content(), "Coffee is upstairs.");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct VectorIndex<E, S = DefaultStore> {
    embedder: E,
    store: S,
}

#[cfg(feature = "sqlite")]
impl<E: Embedder> VectorIndex<E> {
    /// Opens the index in the SQLite file at this path, which is created if it does not exist. A [`Bm25`](super::Bm25), a
    /// history and other programs can share the file.
    ///
    /// # Errors
    /// If the file cannot be opened, is not a database, or has a newer version.
    pub async fn open(path: impl AsRef<std::path::Path>, embedder: E) -> Result<Self> {
        Ok(VectorIndex::new(embedder, super::SqliteVectors::open(path).await?))
    }

    /// Creates an index in memory, which is dropped with its last clone.
    ///
    /// # Errors
    /// If SQLite cannot allocate memory.
    pub fn in_memory(embedder: E) -> Result<Self> {
        Ok(VectorIndex::new(embedder, super::SqliteVectors::in_memory()?))
    }
}

impl<E: Embedder, S: VectorStore> VectorIndex<E, S> {
    /// Creates an index with this store.
    pub fn new(embedder: E, store: S) -> Self {
        VectorIndex { embedder, store }
    }

    /// Returns the embedder.
    pub fn embedder(&self) -> &E {
        &self.embedder
    }

    /// Returns the store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Adds documents, all or none, after computing their vectors. A document replaces one with the same id; a document
    /// without an id is always new.
    ///
    /// # Errors
    /// Those of the embedder and of the store. [`BadInput`](catena::ErrorKind::BadInput) if the store has vectors of
    /// another model or of another length.
    pub async fn add(&self, documents: impl IntoIterator<Item = Document> + Send) -> Result<()> {
        self.add_in(documents.into_iter().collect(), &Context::new()).await
    }

    /// Adds documents as [`add`](Self::add) does, in the context of a run, which counts and traces the calls of the
    /// embedder.
    ///
    /// # Errors
    /// Those of [`add`](Self::add).
    pub async fn add_in(&self, documents: Vec<Document>, cx: &Context) -> Result<()> {
        let texts: Vec<String> = documents.iter().map(|document| document.content().to_owned()).collect();
        if texts.is_empty() {
            return Ok(());
        }
        // Fails for a store of another model before the embedder is paid for.
        self.space().await?;
        let vectors = checked_embeddings(&self.embedder, &texts, cx).await?;
        let space = self.space_of(vectors.first().map_or(0, Vec::len));
        let documents = documents.into_iter().zip(vectors);
        let documents = documents.map(|(document, vector)| EmbeddedDocument { document, vector }).collect();
        self.store.add(space, documents).await
    }

    /// Makes the index have these documents and no others with an id. Documents whose
    /// [hash](Document::content_hash) has not changed are not embedded again.
    ///
    /// They are written in batches of 100, and removals come last. After an interruption, another call does the rest.
    ///
    /// # Errors
    /// [`BadInput`](catena::ErrorKind::BadInput) for a document without an id, and for two with the same. Further those
    /// of [`add`](Self::add).
    ///
    /// ```
    /// use catena_llm::retrieval::{Document, HashingEmbedder, VectorIndex};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let index = VectorIndex::in_memory(HashingEmbedder::new(256))?;
    /// let page = |id: &str, text: &str| Document::new(text).with_id(id);
    /// index.sync([page("a", "one"), page("b", "two"), page("c", "three")]).await?;
    /// let synced = index.sync([page("a", "one"), page("b", "TWO"), page("d", "four")]).await?;
    /// assert_eq!((synced.unchanged, synced.changed, synced.added, synced.removed), (1, 1, 1, 1));
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub async fn sync(&self, documents: impl IntoIterator<Item = Document> + Send) -> Result<Synced> {
        self.sync_in(&Filter::new(), documents.into_iter().collect(), &Context::new()).await
    }

    /// Makes the part of the index that a filter accepts, such as all of one `source`, have these documents and no
    /// others with an id. The calls of the embedder are those of this context's run.
    ///
    /// # Errors
    /// [`BadInput`](catena::ErrorKind::BadInput) for a document that the filter does not accept. Further those of
    /// [`sync`](Self::sync).
    pub async fn sync_in(&self, filter: &Filter, documents: Vec<Document>, cx: &Context) -> Result<Synced> {
        let Plan { write, remove, synced } = Plan::new(self.store.hashes(filter).await?, documents, filter)?;
        for batch in write.chunks(BATCH) {
            self.add_in(batch.to_vec(), cx).await?;
        }
        if !remove.is_empty() {
            self.store.remove(remove).await?;
        }
        Ok(synced)
    }

    /// Removes the documents with these ids. Returns the number of removed documents.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn remove<I: Into<String>>(&self, ids: impl IntoIterator<Item = I> + Send) -> Result<usize> {
        let ids: Vec<String> = ids.into_iter().map(Into::into).collect();
        self.store.remove(ids).await
    }

    /// Returns the ids of the documents that have one, sorted.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn ids(&self) -> Result<Vec<String>> {
        Ok(self.store.hashes(&Filter::new()).await?.into_keys().collect())
    }

    /// Returns the number of documents.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn len(&self) -> Result<usize> {
        self.store.len().await
    }

    /// Returns whether the index is empty.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn is_empty(&self) -> Result<bool> {
        self.store.is_empty().await
    }

    fn space_of(&self, dimensions: usize) -> VectorSpace {
        VectorSpace { model: self.embedder.name().to_owned(), dimensions }
    }

    /// Returns the space of the stored vectors, if there are any. Fails if they are of another model.
    async fn space(&self) -> Result<Option<VectorSpace>> {
        match self.store.space().await? {
            Some(space) if space.model != self.embedder.name() => Err(space.differs(&self.space_of(space.dimensions))),
            space => Ok(space),
        }
    }
}

impl<E: Embedder, S: VectorStore> Retriever for VectorIndex<E, S> {
    fn name(&self) -> &str {
        self.store.name()
    }

    fn details(&self, details: &mut Details) {
        details.set("embeddings", self.embedder.name());
        self.embedder.details(details);
        self.store.details(details);
    }

    async fn retrieve(&self, query: Query<'_>, cx: &Context) -> Result<Vec<Document>> {
        let Some(space) = self.space().await? else { return Ok(Vec::new()) };
        if query.limit == 0 || query.text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let mut vectors = checked_embeddings(&self.embedder, &[query.text.to_owned()], cx).await?;
        let Some(vector) = vectors.pop() else { return Ok(Vec::new()) };
        if vector.len() != space.dimensions {
            return Err(space.differs(&self.space_of(vector.len())));
        }
        self.store.nearest(&vector, query.limit, query.filter).await
    }
}
