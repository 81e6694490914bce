//! Who says the same: answers are grouped by the words they share.

use serde::Serialize;
use std::collections::HashSet;

/// Two answers say the same when they share this part of all their words, those that carry no meaning left out.
const SAME: f64 = 0.5;

const FILLERS: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "for", "from", "in", "is", "it", "its", "of", "on", "or",
    "that", "the", "their", "these", "this", "to", "using", "use", "uses", "which", "with",
];

/// How far the models agree.
#[derive(Debug, Serialize)]
pub(crate) struct Agreement {
    /// The answer that most of them give: of those that say the same, the one most like the others.
    pub(crate) most_common: String,
    /// Who gives it.
    pub(crate) agreeing: Vec<&'static str>,
    /// How many were asked, whether they answered or not.
    pub(crate) asked: usize,
    /// The share of those asked that give it.
    pub(crate) consensus_rate: f64,
}

impl Agreement {
    /// Of those that answered, among so many asked; nothing if no model answered.
    pub(crate) fn of(answers: &[(&'static str, &str)], asked: usize) -> Option<Self> {
        let words: Vec<HashSet<String>> = answers.iter().map(|(_, text)| words(text)).collect();
        let like = |i: usize, j: usize| similarity(&words[i], &words[j]);
        let followers = |i: &usize| (0..answers.len()).filter(|&j| *i == j || like(*i, j) >= SAME).collect::<Vec<_>>();
        let closeness = |i: usize| (0..answers.len()).filter(|&j| i != j).map(|j| like(i, j)).sum::<f64>();
        // The first of equals: `max_by` keeps the last.
        let best = (0..answers.len()).rev().max_by(|&a, &b| {
            let size = followers(&a).len().cmp(&followers(&b).len());
            size.then(closeness(a).total_cmp(&closeness(b)))
        })?;
        let agreeing: Vec<&'static str> = followers(&best).into_iter().map(|i| answers[i].0).collect();
        #[allow(clippy::cast_precision_loss)] // a handful of models
        let consensus_rate = agreeing.len() as f64 / asked.max(1) as f64;
        Some(Agreement { most_common: answers[best].1.to_owned(), agreeing, asked, consensus_rate })
    }
}

fn words(text: &str) -> HashSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.filter(|word| !word.is_empty() && !FILLERS.contains(&word.as_str())).collect()
}

/// The words both have, as a part of the words either has.
fn similarity(a: &HashSet<String>, b: &HashSet<String>) -> f64 {
    let all = a.union(b).count();
    if all == 0 {
        return 1.0;
    }
    #[allow(clippy::cast_precision_loss)] // sentences
    let shared = a.intersection(b).count() as f64 / all as f64;
    shared
}
