//! An index in memory, ranked by BM25.

use crate::library::{Document, Hit, terms};
use catena::{Result, prelude::*};
use std::collections::{BTreeSet, HashMap};

/// How soon repetition of a term stops to count.
const K1: f64 = 1.2;
/// How much a long document is held to its length.
const B: f64 = 0.75;

pub(crate) struct Bm25 {
    documents: Vec<Document>,
    /// In terms, by document.
    lengths: Vec<f64>,
    average: f64,
    /// For each term, the documents with it and how often they have it.
    postings: HashMap<String, Vec<(usize, f64)>>,
}

impl Bm25 {
    pub(crate) fn index(documents: Vec<Document>) -> Self {
        let mut postings: HashMap<String, Vec<(usize, f64)>> = HashMap::new();
        let mut lengths = Vec::with_capacity(documents.len());
        for (at, document) in documents.iter().enumerate() {
            let mut length = 0.0;
            for term in terms(&document.title).chain(terms(&document.text)) {
                length += 1.0;
                let posting = postings.entry(term).or_default();
                match posting.last_mut() {
                    Some((last, count)) if *last == at => *count += 1.0,
                    _ => posting.push((at, 1.0)),
                }
            }
            lengths.push(length);
        }
        let average = lengths.iter().sum::<f64>() / count(lengths.len().max(1));
        Bm25 { documents, lengths, average, postings }
    }

    /// The documents with any of the terms, best first.
    pub(crate) fn search(&self, query: &str) -> Vec<Hit> {
        let mut scores: HashMap<usize, f64> = HashMap::new();
        for term in terms(query).collect::<BTreeSet<_>>() {
            let Some(posting) = self.postings.get(&term) else { continue };
            let (all, with) = (count(self.documents.len()), count(posting.len()));
            let rarity = (1.0 + (all - with + 0.5) / (with + 0.5)).ln();
            for &(at, count) in posting {
                let long = 1.0 - B + B * self.lengths[at] / self.average;
                *scores.entry(at).or_default() += rarity * count * (K1 + 1.0) / (count + K1 * long);
            }
        }
        let hit = |(at, score): (usize, f64)| {
            let Document { title, text } = self.documents[at].clone();
            Hit { title, text, score }
        };
        let mut hits: Vec<Hit> = scores.into_iter().map(hit).collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.title.cmp(&b.title)));
        hits
    }
}

#[allow(clippy::cast_precision_loss, reason = "there are fewer than 2^52 documents")]
fn count(n: usize) -> f64 {
    n as f64
}

#[runnable(name = "bm25", kind = retriever)]
impl Runnable<String> for Bm25 {
    type Output = Vec<Hit>;

    async fn call_ref<'a>(&'a self, query: &'a String, _cx: &'a Context) -> Result<Vec<Hit>> {
        Ok(self.search(query))
    }
}
