//! Merging of ranked lists.

use super::{DocumentLists, dedup_key::DedupBy};
use crate::retrieval::{Document, buffered::whole};
use catena::{
    __private::{Call, Started, ready},
    Context, Details, Error, ErrorKind, Kind, Node, Record, Result, Runnable, Step, Types,
};
use serde_json::json;
use std::collections::{HashMap, hash_map::Entry};

/// A step that merges the lists in the fields of a record, best first: `<words: .., vectors: ..> | Fuse::by_rank()`.
///
/// A document in several lists occurs once, with the sum of its scores. A settled field that failed counts as an empty
/// list. If all fields failed, the step fails. Documents with equal scores keep the order of the fields.
///
/// ```
/// use catena::prelude::*;
/// use catena_llm::retrieval::{Document, Fuse};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let list = |ids: &[&str]| ids.iter().map(|id| Document::new(*id).with_id(*id)).collect::<Vec<_>>();
/// let found = record! { words: list(&["a", "b"]), vectors: list(&["b", "c"]) };
/// let merged = Fuse::by_rank().top(2).invoke(found).await?;
/// assert_eq!(merged.iter().filter_map(Document::id).collect::<Vec<_>>(), ["b", "a"]);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// The number of weights is checked by the compiler:
/// ```compile_fail
/// # use catena::prelude::*;
/// # use catena_llm::retrieval::{Document, Fuse};
/// # async fn run() -> catena::Result<()> {
/// let found = record! { words: Vec::<Document>::new(), vectors: Vec::<Document>::new() };
/// Fuse::by_rank().weights([1.0, 1.0, 1.0]).invoke(found).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Fuse<W = EqualWeights> {
    scoring: Scoring,
    dedup_by: DedupBy,
    top: Option<usize>,
    weights: W,
}

#[derive(Clone, Copy, Debug)]
enum Scoring {
    Rank { k: f64 },
    Score,
}

/// Equal weights for all lists.
#[derive(Clone, Copy, Debug)]
pub struct EqualWeights;

impl Fuse {
    /// Merges by rank: a document scores `1 / (60 + rank)` in each list (reciprocal-rank fusion). Ranks of different
    /// retrievers are comparable, scores are not.
    pub fn by_rank() -> Self {
        Fuse { scoring: Scoring::Rank { k: 60.0 }, dedup_by: DedupBy::Id, top: None, weights: EqualWeights }
    }

    /// Merges by score. In each list the scores are scaled so that the best document scores 1. A score of 0 stays 0,
    /// unless there are negative scores; then the lowest one becomes 0. A list without scores gets evenly spaced ones.
    pub fn by_score() -> Self {
        Fuse { scoring: Scoring::Score, ..Fuse::by_rank() }
    }
}

impl<W> Fuse<W> {
    /// Sets the weights of the lists, in the order of the fields. The default is 1.
    pub fn weights<const N: usize>(self, weights: [f64; N]) -> Fuse<[f64; N]> {
        let Fuse { scoring, dedup_by, top, weights: _ } = self;
        Fuse { scoring, dedup_by, top, weights }
    }

    /// Treats documents as the same if their texts differ at most in case, spacing and punctuation, whatever their ids.
    pub fn same_by_content(mut self) -> Self {
        self.dedup_by = DedupBy::Content;
        self
    }

    /// Sets the maximum number of documents.
    pub fn top(mut self, limit: usize) -> Self {
        self.top = Some(limit);
        self
    }

    /// Merges by rank with another constant than 60. A smaller constant gives more weight to the first ranks.
    pub fn rank_constant(mut self, k: f64) -> Self {
        self.scoring = Scoring::Rank { k };
        self
    }

    /// Returns a step that merges a `Vec` of lists, such as the results of several queries:
    /// `retrieve.map() | Fuse::by_rank().lists()`.
    pub fn lists(self) -> FuseLists<W> {
        FuseLists(self)
    }

    pub(in crate::retrieval) fn merge(
        &self,
        lists: Vec<Vec<Document>>,
        weight: impl Fn(usize) -> f64,
    ) -> Result<Vec<Document>> {
        if let Scoring::Rank { k } = self.scoring
            && !(k.is_finite() && k >= 0.0)
        {
            return Err(wrong(&format!("the constant of the ranks is {k}")));
        }
        let mut merged: Vec<(Document, f64)> = Vec::new();
        let mut places = HashMap::new();
        for (at, list) in lists.into_iter().enumerate() {
            let weight = weight(at);
            if !(weight.is_finite() && weight >= 0.0) {
                return Err(wrong(&format!("weight {} is {weight}", at + 1)));
            }
            let scores = self.scores(&list);
            // A document that is in a list twice counts once, by its better rank.
            let mut counted = vec![false; merged.len() + list.len()];
            for (document, score) in list.into_iter().zip(scores) {
                let place = match places.entry(self.dedup_by.key(&document)) {
                    Entry::Occupied(place) => *place.get(),
                    Entry::Vacant(place) => {
                        merged.push((document, 0.0));
                        *place.insert(merged.len() - 1)
                    }
                };
                if !std::mem::replace(&mut counted[place], true) {
                    merged[place].1 = (merged[place].1 + weight * score).min(f64::MAX);
                }
            }
        }
        // The sort is stable: equal scores keep their order.
        merged.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        merged.truncate(self.top.unwrap_or(usize::MAX));
        Ok(merged.into_iter().map(|(document, score)| document.with_score(score)).collect())
    }

    /// Returns the scores within a list, between 0 and 1.
    fn scores(&self, list: &[Document]) -> Vec<f64> {
        let places = (0..u32::try_from(list.len()).unwrap_or(u32::MAX)).map(f64::from);
        match self.scoring {
            Scoring::Rank { k } => places.map(|place| 1.0 / (k + place + 1.0)).collect(),
            Scoring::Score => {
                let known: Option<Vec<f64>> = list.iter().map(Document::score).collect();
                let Some(known) = known.filter(|scores| scores.iter().all(|score| score.is_finite())) else {
                    let length = f64::from(u32::try_from(list.len()).unwrap_or(u32::MAX));
                    return places.map(|place| 1.0 - place / length).collect();
                };
                // The range of huge scores would be infinite.
                let largest = known.iter().fold(0.0, |largest: f64, score| largest.max(score.abs()));
                let scale = if largest > f64::MAX / 2.0 { 0.5 } else { 1.0 };
                let known: Vec<f64> = known.into_iter().map(|score| score * scale).collect();
                let worst = known.iter().copied().fold(0.0, f64::min);
                let range = known.iter().copied().fold(worst, f64::max) - worst;
                known.iter().map(|score| if range > 0.0 { (score - worst) / range } else { 0.0 }).collect()
            }
        }
    }

    fn describe(&self, details: &mut Details, weights: Option<&[f64]>) {
        match self.scoring {
            Scoring::Rank { k } => {
                details.set("by", "rank");
                details.set("c", k);
            }
            Scoring::Score => details.set("by", "score"),
        }
        if let Some(weights) = weights {
            details.set("weights", json!(weights));
        }
        if let Some(top) = self.top {
            details.set("k", top);
        }
        details.class(["langchain", "retrievers", "ensemble", "EnsembleRetriever"]);
    }
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::BadInput, format!("{what}: it has to be 0 or more")).while_doing("merging documents")
}

/// Weights for a record with these parts.
#[diagnostic::on_unimplemented(
    message = "these weights are not for a record with so many fields of documents",
    label = "`Fuse` gets a record whose fields do not match its weights",
    note = "`.weights([..])` has one weight for each field of the record"
)]
pub trait Weights<P>: ListWeights {}

/// Weights by the index of the list.
pub trait ListWeights: Send + Sync {
    /// Returns the weight of a list.
    fn weight(&self, at: usize) -> f64;
    /// Returns all weights; `None` if they are all 1.
    fn all(&self) -> Option<&[f64]>;
}

impl ListWeights for EqualWeights {
    fn weight(&self, _at: usize) -> f64 {
        1.0
    }

    fn all(&self) -> Option<&[f64]> {
        None
    }
}

impl<const N: usize> ListWeights for [f64; N] {
    fn weight(&self, at: usize) -> f64 {
        self.get(at).copied().unwrap_or(1.0)
    }

    fn all(&self) -> Option<&[f64]> {
        Some(self)
    }
}

impl<P: DocumentLists> Weights<P> for EqualWeights {}

macro_rules! weigh {
    ($($N:literal $($L:ident)*;)*) => {$(
        impl<$($L),*> Weights<($(Option<$L>,)*)> for [f64; $N] {}
    )*};
}
weigh! {
    1 A;
    2 A B;
    3 A B C;
    4 A B C D;
    5 A B C D E;
    6 A B C D E F;
    7 A B C D E F G;
    8 A B C D E F G H;
    9 A B C D E F G H I;
    10 A B C D E F G H I J;
    11 A B C D E F G H I J K;
    12 A B C D E F G H I J K L;
}

const NODE: Node = Node::leaf("fuse", Kind::Function).idempotent();

impl<W: ListWeights> Step for Fuse<W> {
    const NODE: Node = NODE;

    fn details(&self, details: &mut Details) {
        self.describe(details, self.weights.all());
    }
}

impl<R, W> Runnable<R> for Fuse<W>
where
    R: Record<Parts: DocumentLists> + Send,
    W: Weights<R::Parts>,
{
    type Output = Vec<Document>;
    whole!(R);

    fn types(&self, types: &mut Types) {
        types.serialize::<Vec<Document>>();
        types.clone::<Vec<Document>>();
    }

    fn start<'a>(&'a self, input: R, _cx: &'a Context) -> Started<impl Call<'a, Self, Vec<Document>>, Vec<Document>> {
        let lists = input.into_parts().into_lists();
        ready(lists.and_then(|lists| self.merge(lists, |at| self.weights.weight(at))))
    }
}

/// A step that merges several lists: `Vec<Vec<Document>>` to `Vec<Document>`; created by [`Fuse::lists`].
///
/// Lists after the last weight have weight 1.
#[derive(Clone, Copy, Debug)]
pub struct FuseLists<W = EqualWeights>(Fuse<W>);

impl<W: ListWeights> Step for FuseLists<W> {
    const NODE: Node = NODE;

    fn details(&self, details: &mut Details) {
        self.0.describe(details, self.0.weights.all());
    }
}

impl<W: ListWeights> Runnable<Vec<Vec<Document>>> for FuseLists<W> {
    type Output = Vec<Document>;
    whole!(Vec<Vec<Document>>);

    fn types(&self, types: &mut Types) {
        types.serialize::<Vec<Document>>();
        types.clone::<Vec<Document>>();
    }

    fn input_json(&self, lists: &Vec<Vec<Document>>) -> Option<serde_json::Value> {
        serde_json::to_value(lists).ok()
    }

    fn start<'a>(
        &'a self,
        lists: Vec<Vec<Document>>,
        _cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Vec<Document>>, Vec<Document>> {
        ready(self.0.merge(lists, |at| self.0.weights.weight(at)))
    }
}
