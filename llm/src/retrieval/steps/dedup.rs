use super::dedup_key::DedupBy;
use crate::retrieval::{Document, buffered::whole};
use catena::{
    __private::{Call, Started, ready},
    Context, Details, Kind, Node, Runnable, Step, Types,
};
use std::collections::HashSet;

/// A step that removes duplicates and keeps the first of them: `Vec<Document>` to `Vec<Document>`.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::retrieval::{Deduplicate, Document};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let twice = vec![Document::new("Hello, World!"), Document::new("hello world"), Document::new("Bye")];
/// assert_eq!(Deduplicate::by_content().invoke(twice).await?.len(), 2);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Deduplicate(DedupBy);

impl Deduplicate {
    /// Treats documents with the same id as duplicates. Documents without an id are compared by content.
    pub fn by_id() -> Self {
        Deduplicate(DedupBy::Id)
    }

    /// Treats documents as duplicates if their texts differ at most in case, spacing and punctuation.
    pub fn by_content() -> Self {
        Deduplicate(DedupBy::Content)
    }
}

impl Step for Deduplicate {
    const NODE: Node = Node::leaf("deduplicate", Kind::Function).idempotent();

    fn details(&self, details: &mut Details) {
        details.set("by", serde_json::to_value(self.0).unwrap_or_default());
    }
}

impl Runnable<Vec<Document>> for Deduplicate {
    type Output = Vec<Document>;
    whole!(Vec<Document>);

    fn types(&self, types: &mut Types) {
        types.serialize::<Vec<Document>>();
        types.clone::<Vec<Document>>();
    }

    fn input_json(&self, documents: &Vec<Document>) -> Option<serde_json::Value> {
        serde_json::to_value(documents).ok()
    }

    fn start<'a>(
        &'a self,
        mut documents: Vec<Document>,
        _cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Vec<Document>>, Vec<Document>> {
        let mut seen = HashSet::new();
        documents.retain(|document| seen.insert(self.0.key(document)));
        ready(Ok(documents))
    }
}
