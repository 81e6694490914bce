//! Words in scripts that have no spaces between them.

/// A part of a text: characters of East Asian scripts, or others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Segment<'a> {
    EastAsian(&'a str),
    Other(&'a str),
}

/// Returns whether a character is Chinese, Japanese or Korean.
fn is_east_asian(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}'       // Hangul Jamo
        | '\u{3005}'..='\u{3007}'     // iteration mark, closing mark, zero
        | '\u{3041}'..='\u{3096}'     // Hiragana
        | '\u{309d}'..='\u{309f}'
        | '\u{30a1}'..='\u{30fa}'     // Katakana
        | '\u{30fc}'..='\u{30ff}'
        | '\u{3105}'..='\u{312f}'     // Bopomofo
        | '\u{3131}'..='\u{318e}'     // compatible Jamo
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'     // Han
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'     // Hangul syllables
        | '\u{f900}'..='\u{faff}'     // compatible Han
        | '\u{ff66}'..='\u{ff9f}'     // Katakana of half the width
        | '\u{20000}'..='\u{323af}'   // more Han
    )
}

/// Returns whether a text has characters of East Asian scripts.
pub(super) fn has_east_asian(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(is_east_asian)
}

/// Returns the parts of a text, in order.
pub(super) fn segments(text: &str) -> impl Iterator<Item = Segment<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = is_east_asian(rest.chars().next()?);
        let end = rest.find(|c| is_east_asian(c) != first).unwrap_or(rest.len());
        let (segment, after) = rest.split_at(end);
        rest = after;
        Some(if first { Segment::EastAsian(segment) } else { Segment::Other(segment) })
    })
}

/// Returns the overlapping pairs of characters in a text of at least two.
pub(super) fn pairs(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.char_indices();
    let ends = text.char_indices().skip(2).map(|(at, _)| at).chain([text.len()]);
    starts.zip(ends).map(move |((start, _), end)| &text[start..end])
}

/// Returns the text with spaces between the words that are indexed: each pair of characters, and the last character. So
/// each character begins a word, and a search for one character finds it as the beginning of a word.
pub(super) fn spaced(text: &str) -> String {
    let mut words = String::with_capacity(text.len() * 3);
    for segment in segments(text) {
        words.push(' ');
        match segment {
            Segment::Other(other) => words.push_str(other),
            Segment::EastAsian(run) => {
                if run.chars().nth(1).is_some() {
                    for pair in pairs(run) {
                        words.push_str(pair);
                        words.push(' ');
                    }
                }
                words.extend(run.chars().next_back());
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{has_east_asian, pairs, spaced};

    #[test]
    fn each_pair_of_characters_is_a_word() {
        assert_eq!(pairs("東京都").collect::<Vec<_>>(), ["東京", "京都"]);
        let words = |text: &str| spaced(text).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words("東京都へ"), ["東京", "京都", "都へ", "へ"]);
        assert_eq!(words("Rust言語、fast"), ["Rust", "言語", "語", "、fast"]);
        assert_eq!(words("猫"), ["猫"]);
        assert_eq!(words("plain text"), ["plain", "text"]);
        assert!(has_east_asian("한국어") && !has_east_asian("für 5 €。"));
    }
}
