use super::dedup_key::DedupBy;
use crate::retrieval::{Document, buffered::whole};
use catena::{Context, Details, Kind, Node, Result, Runnable, Step, Types};
use std::{collections::HashSet, future::Future};

/// A step that takes out documents which are there already, the first of them stays: `Vec<Document>` to `Vec<Document>`.
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
    /// Those of one id are the same; those without one, if their content is.
    pub fn by_id() -> Self {
        Deduplicate(DedupBy::Id)
    }

    /// Those whose texts differ in nothing but case, spacing and punctuation are the same.
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

    async fn call_unobserved<'a>(&'a self, mut documents: Vec<Document>, _cx: &'a Context) -> Result<Vec<Document>> {
        let mut seen = HashSet::new();
        documents.retain(|document| seen.insert(self.0.key(document)));
        Ok(documents)
    }
}
