//! Text that came from anywhere, made fit to be drawn.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// The text on one line: without control characters, line breaks, marks of direction and what XML forbids.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let fine = |c: char| matches!(c, ' '..='~') || (c > '\u{a0}' && !hidden(c));
    if text.chars().all(fine) && !text.contains("  ") && !text.starts_with(' ') && !text.ends_with(' ') {
        return Cow::Borrowed(text);
    }
    let visible: String = text
        .chars()
        .filter_map(|c| {
            if c.is_whitespace() || (c.is_control() && c != '\u{7f}') {
                Some(' ')
            } else {
                Some(c).filter(|&c| fine(c))
            }
        })
        .collect();
    Cow::Owned(visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
}

/// Not seen, or makes what is seen lie.
fn hidden(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// A link that can do no more than lead somewhere: within the pages, or by HTTP.
pub(crate) fn address(link: &str) -> Option<String> {
    let link = clean(link);
    let scheme = link.split(['/', '?', '#']).next().and_then(|start| start.split_once(':')).map(|(scheme, _)| scheme);
    let harmless = scheme.is_none_or(|scheme| ["http", "https"].iter().any(|known| known.eq_ignore_ascii_case(scheme)));
    (harmless && !link.is_empty()).then(|| link.into_owned())
}

/// The path of an item, as rustdoc reads it.
pub(crate) fn path(item: &str) -> Option<String> {
    let plain = item.split("::").all(|name| {
        name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    });
    plain.then(|| item.to_owned())
}

/// How many columns of a terminal, or halves of an em, the text takes.
pub(crate) fn cells(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The text cleaned and, where it is longer than so many cells, cut off with an ellipsis.
pub(crate) fn fit(text: &str, most: usize) -> Cow<'_, str> {
    fit_with(text, most, "…")
}

/// The same, with another mark of what is left out.
pub(crate) fn fit_with<'a>(text: &'a str, most: usize, mark: &str) -> Cow<'a, str> {
    match clean(text) {
        Cow::Borrowed(text) => truncate(text, most, mark),
        Cow::Owned(text) => Cow::Owned(truncate(&text, most, mark).into_owned()),
    }
}

/// The text as it is, cut off where it is too long.
pub(crate) fn truncate<'a>(text: &'a str, most: usize, mark: &str) -> Cow<'a, str> {
    if cells(text) <= most {
        return Cow::Borrowed(text);
    }
    let room = most.saturating_sub(cells(mark));
    let mut kept = String::new();
    let mut used = 0;
    for piece in text.graphemes(true) {
        let width = cells(piece);
        if used + width > room {
            break;
        }
        kept.push_str(piece);
        used += width;
    }
    kept.truncate(kept.trim_end().len());
    if most >= cells(mark) {
        kept.push_str(mark);
    }
    // Widths do not always add up where characters join.
    if cells(&kept) > most { Cow::Borrowed("") } else { Cow::Owned(kept) }
}

#[cfg(test)]
mod tests {
    use super::{address, cells, clean, fit};

    #[test]
    fn one_line_of_what_can_be_seen() {
        assert_eq!(clean("a\n\tb\u{202e}\0c"), "a b c");
        assert_eq!(clean("  plain  "), "plain");
        assert_eq!(clean("日本 👩‍👩‍👧"), "日本 👩‍👩‍👧");
    }

    #[test]
    fn links_lead_somewhere() {
        assert_eq!(address("fn.a.html#x:y").as_deref(), Some("fn.a.html#x:y"));
        assert_eq!(address("HTTPS://docs.rs/a").as_deref(), Some("HTTPS://docs.rs/a"));
        assert_eq!(address("java\nscript:alert(1)"), None);
        assert_eq!(address("javascript:alert(1)"), None);
        assert_eq!(address(" \u{1}javascript:alert(1)"), None);
        assert_eq!(address(" "), None);
    }

    #[test]
    fn cut_off_at_whole_characters() {
        assert_eq!(fit("hello", 5), "hello");
        assert_eq!(fit("hello!", 5), "hell…");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("hello", 0), "");
        assert!(cells(&fit("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 3)) <= 3);
    }
}
