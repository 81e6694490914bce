//! From what the sources found to one list: the last steps of the chain.

use crate::library::{Hit, fingerprint};
use catena::{Result, prelude::*};
use clap::ValueEnum;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap, hash_map::Entry};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Source {
    Sqlite,
    Bm25,
    Remote,
}

impl Source {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Source::Sqlite => "sqlite",
            Source::Bm25 => "bm25",
            Source::Remote => "remote",
        }
    }
}

/// How much each source counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Weights([f64; 3]);

impl Weights {
    /// 1 for those that are not given; of one given twice the last.
    pub(crate) fn new(given: &[(Source, f64)]) -> Self {
        let mut weights = [1.0; 3];
        for (source, weight) in given {
            weights[*source as usize] = *weight;
        }
        Weights(weights)
    }

    pub(crate) fn of(self, source: Source) -> f64 {
        self.0[source as usize]
    }
}

/// `remote=0.5`
pub(crate) fn parse_weight(written: &str) -> std::result::Result<(Source, f64), String> {
    let (source, weight) = written.split_once('=').ok_or("write the source and its weight, such as `remote=0.5`")?;
    let source = Source::from_str(source, false)
        .map_err(|_| format!("there is no source `{source}`: there are `sqlite`, `bm25` and `remote`"))?;
    match weight.parse::<f64>() {
        Ok(weight) if weight.is_finite() && weight >= 0.0 => Ok((source, weight)),
        _ => Err(format!("`{weight}` is not a weight: write a number from 0 up")),
    }
}

/// A result, and who found it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ranked {
    pub(crate) score: f64,
    pub(crate) sources: BTreeSet<Source>,
    pub(crate) title: String,
    pub(crate) text: String,
}

/// All hits in one list. A source's best hit scores its weight, so that scores compare.
#[runnable]
pub(crate) fn merge(sqlite: Result<Vec<Hit>>, bm25: Vec<Hit>, remote: Vec<Hit>, weights: Weights) -> Vec<Ranked> {
    let weighted = |source: Source, hits: Vec<Hit>| {
        let best = hits.iter().map(|hit| hit.score).fold(f64::MIN_POSITIVE, f64::max);
        let weight = weights.of(source);
        hits.into_iter().map(move |Hit { title, text, score }| {
            let score = weight * score / best;
            Ranked { score, sources: BTreeSet::from([source]), title, text }
        })
    };
    // Where SQLite failed, its part is missing. The report tells why.
    weighted(Source::Sqlite, sqlite.unwrap_or_default())
        .chain(weighted(Source::Bm25, bm25))
        .chain(weighted(Source::Remote, remote))
        .collect()
}

/// Results with the same content become one, with their scores added up and the title of the best of them.
#[runnable]
pub(crate) fn deduplicate(results: Vec<Ranked>) -> Vec<Ranked> {
    let mut unique: Vec<(Ranked, f64)> = Vec::new();
    let mut places = HashMap::new();
    for result in results {
        match places.entry(fingerprint(&result.text)) {
            Entry::Vacant(place) => {
                place.insert(unique.len());
                let score = result.score;
                unique.push((result, score));
            }
            Entry::Occupied(place) => {
                let (kept, best) = &mut unique[*place.get()];
                kept.score += result.score;
                kept.sources.extend(result.sources);
                if result.score > *best {
                    *best = result.score;
                    kept.title = result.title;
                }
            }
        }
    }
    unique.into_iter().map(|(result, _)| result).collect()
}

#[runnable]
pub(crate) fn best_first(mut results: Vec<Ranked>) -> Vec<Ranked> {
    results.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.title.cmp(&b.title)));
    results
}
