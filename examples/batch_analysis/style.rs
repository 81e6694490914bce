//! The analysis that needs no model.

use catena::runnable;
use serde::Serialize;
use std::collections::HashMap;

/// How a text is written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Style {
    pub(crate) words: usize,
    pub(crate) sentences: usize,
    /// Flesch's formula: 100 is very easy, 0 very hard. It knows English only; none for other scripts.
    pub(crate) reading_ease: Option<f64>,
    /// At most three, those said most often first, of equals the longer ones.
    pub(crate) keywords: Vec<String>,
}

const COMMON: [&str; 35] = [
    "about", "after", "again", "although", "and", "because", "been", "before", "could", "does", "ever", "every",
    "from", "have", "into", "only", "that", "than", "their", "them", "then", "there", "they", "this", "though", "was",
    "were", "what", "when", "which", "with", "would", "your", "you", "the",
];

#[runnable]
pub(crate) fn measure(text: &str) -> Style {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| word.chars().any(char::is_alphabetic))
        .map(str::to_lowercase)
        .collect();
    let ends = |c| matches!(c, '.' | '!' | '?' | '。' | '！' | '？');
    let sentences = text.split(ends).filter(|sentence| sentence.chars().any(char::is_alphanumeric)).count();
    Style { words: words.len(), sentences, reading_ease: reading_ease(&words, sentences), keywords: keywords(&words) }
}

#[allow(clippy::cast_precision_loss, reason = "texts are shorter than 2^52 words")]
fn reading_ease(words: &[String], sentences: usize) -> Option<f64> {
    let latin = !words.is_empty() && words.iter().all(|word| word.chars().all(|c| c <= '\u{24f}'));
    let syllables: usize = words.iter().map(|word| syllables(word)).sum();
    let (words, sentences) = (words.len() as f64, sentences as f64);
    latin.then(|| 206.835 - 1.015 * words / sentences - 84.6 * syllables as f64 / words)
}

/// Groups of vowels, without a silent `e` at the end.
fn syllables(word: &str) -> usize {
    let vowel = |c: char| "aeiouyäöüáéíóúàèìòùâêîôû".contains(c);
    let mut groups = 0;
    let mut inside = false;
    for c in word.chars() {
        groups += usize::from(vowel(c) && !inside);
        inside = vowel(c);
    }
    let silent = word.ends_with('e') && !word.ends_with("le") && groups > 1;
    (groups - usize::from(silent)).max(1)
}

fn keywords(words: &[String]) -> Vec<String> {
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
    for (place, word) in words.iter().enumerate() {
        if word.chars().count() > 3 && !COMMON.contains(&word.as_str()) {
            counts.entry(word).or_insert((0, place)).0 += 1;
        }
    }
    let mut words: Vec<_> = counts.into_iter().collect();
    words.sort_by_key(|(word, (count, place))| (usize::MAX - count, usize::MAX - word.chars().count(), *place));
    words.into_iter().take(3).map(|(word, _)| word.to_owned()).collect()
}
