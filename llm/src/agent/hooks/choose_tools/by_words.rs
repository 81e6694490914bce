//! The words that tools share with a question.

use std::collections::{HashMap, HashSet};

/// Returns a score for each text: the more telling words it shares with the question, the higher.
pub(super) fn scores(question: &str, texts: &[String]) -> Vec<f64> {
    let asked = words(question);
    let texts: Vec<HashSet<String>> = texts.iter().map(|text| words(text)).collect();
    // A word that few tools have says more.
    let mut common: HashMap<&str, usize> = HashMap::new();
    texts.iter().flatten().for_each(|word| *common.entry(word).or_default() += 1);
    let score = |words: &HashSet<String>| -> f64 {
        let shared = asked.intersection(words).filter_map(|word| common.get(word.as_str()));
        #[allow(clippy::cast_precision_loss, reason = "a number of tools is small")]
        shared.map(|with_it| (1.0 + texts.len() as f64 / *with_it as f64).ln()).sum()
    };
    texts.iter().map(score).collect()
}

/// Returns the words of a text, in lower case and without a final `s`.
fn words(text: &str) -> HashSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).map(|word| word.strip_suffix('s').map_or(word.clone(), str::to_owned)).collect()
}
