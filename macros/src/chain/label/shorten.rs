//! Patterns shortened to the length of a label.

use crate::shared::source_text;
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use unicode_segmentation::UnicodeSegmentation as _;

/// The maximum number of characters of a label.
const LONGEST: usize = 40;

/// The identifier in place of tokens that are left out. No pattern contains it.
const LEFT_OUT: &str = "__catena_left_out";

/// Returns a pattern as it is written, in at most 40 characters.
///
/// Whole items are left out first: fields, elements, alternatives. So brackets stay balanced, and each name, number and
/// operator that remains is whole. Only a single item that is too long by itself is cut, between two characters.
pub(super) fn shortened(pattern: TokenStream) -> String {
    let mut text = source_text::pattern(pattern.clone());
    if fits(&text) {
        return text;
    }
    let mut tokens = pattern;
    loop {
        let shorter: Vec<(String, TokenStream)> = candidates(&tokens)
            .into_iter()
            .map(|tokens| (source_text::pattern(tokens.clone()).replace(LEFT_OUT, "…"), tokens))
            .filter(|(candidate, _)| candidate.chars().count() < text.chars().count())
            .collect();
        // Leave out the least that suffices. If nothing suffices, leave out as much as possible, and repeat.
        let length = |(text, _): &&(String, TokenStream)| text.chars().count();
        if let Some((best, _)) = shorter.iter().filter(|(text, _)| fits(text)).max_by_key(length) {
            return best.clone();
        }
        match shorter.into_iter().min_by_key(|(text, _)| text.chars().count()) {
            Some(next) => (text, tokens) = next,
            None => return cut(&text),
        }
    }
}

fn fits(text: &str) -> bool {
    text.chars().count() <= LONGEST
}

/// Returns variants of the tokens: without some in the middle of a group, or without the value of a field.
fn candidates(tokens: &TokenStream) -> Vec<TokenStream> {
    let mut all = Vec::new();
    within(tokens, false, &mut |tokens| all.push(tokens));
    all
}

fn within(tokens: &TokenStream, in_group: bool, found: &mut dyn FnMut(TokenStream)) {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut leave_out = |from: usize, to: usize| {
        if !is_left_out(&tokens[from..to]) {
            let mark = TokenTree::Ident(Ident::new(LEFT_OUT, Span::call_site()));
            found(tokens[..from].iter().cloned().chain([mark]).chain(tokens[to..].iter().cloned()).collect());
        }
    };
    let items = items(&tokens);
    let most = if in_group { items.len() } else { items.len().saturating_sub(1) };
    for count in 1..=most {
        let left = items.len() - count;
        for first in left / 2..=left.div_ceil(2) {
            leave_out(items[first].0, items[first + count - 1].1);
        }
    }
    for &(from, to) in &items {
        if let Some(value) = value_of(&tokens[from..to]) {
            leave_out(from + value, to);
        }
    }
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        within(&group.stream(), true, &mut |inner| {
            let group = TokenTree::Group(Group::new(group.delimiter(), inner));
            found(tokens[..at].iter().cloned().chain([group]).chain(tokens[at + 1..].iter().cloned()).collect());
        });
    }
}

/// Returns the ranges of the items in a group, which `,` and `|` separate.
fn items(tokens: &[TokenTree]) -> Vec<(usize, usize)> {
    let separates = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if matches!(sign.as_char(), ',' | '|'));
    let mut items = Vec::new();
    let mut from = 0;
    for item in tokens.split(separates) {
        if !item.is_empty() {
            items.push((from, from + item.len()));
        }
        from += item.len() + 1;
    }
    items
}

/// Returns the start of the value in an item `name: value`.
fn value_of(item: &[TokenTree]) -> Option<usize> {
    match item {
        [TokenTree::Ident(_), TokenTree::Punct(colon), next, ..] if colon.as_char() == ':' => {
            let path = matches!(next, TokenTree::Punct(sign) if sign.as_char() == ':' && colon.spacing() == proc_macro2::Spacing::Joint);
            (!path).then_some(2)
        }
        _ => None,
    }
}

fn is_left_out(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [TokenTree::Ident(word)] if word == LEFT_OUT)
}

/// Cuts an item in the middle, between two grapheme clusters and never within an escape.
fn cut(text: &str) -> String {
    let mut units: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(unit) = first_unit(rest) {
        units.push(unit);
        rest = &rest[unit.len()..];
    }
    let length = |unit: &&str| unit.chars().count();
    let (mut head, mut tail) = (String::new(), Vec::new());
    let mut room = LONGEST - 1;
    let (mut from, mut to) = (0, units.len());
    // Take characters from both ends in turn, until one does not fit.
    while from < to {
        let unit = if tail.len() < from { &units[to - 1] } else { &units[from] };
        if length(unit) > room {
            break;
        }
        room -= length(unit);
        if tail.len() < from {
            tail.push(*unit);
            to -= 1;
        } else {
            head.push_str(unit);
            from += 1;
        }
    }
    tail.reverse();
    format!("{head}…{}", tail.concat())
}

/// Returns the first escape (`\n`, `\x41`, `\u{1f600}`) or grapheme cluster of a text.
fn first_unit(text: &str) -> Option<&str> {
    if let Some(escape) = text.strip_prefix('\\') {
        let length = match escape.as_bytes().first() {
            Some(b'x') => 3,
            Some(b'u') => escape.find('}').map_or(1, |end| end + 1),
            _ => escape.chars().next().map_or(0, char::len_utf8),
        };
        return Some(text.get(..=length).unwrap_or(text));
    }
    text.graphemes(true).next()
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, shortened};
    use std::str::FromStr as _;

    fn check(written: &str, read: &str) {
        let tokens = proc_macro2::TokenStream::from_str(written).expect("these are tokens");
        assert_eq!(shortened(tokens), read);
        assert!(read.chars().count() <= LONGEST, "{read}");
    }

    #[test]
    fn what_fits_stays() {
        check("Some ( x )", "Some(x)");
        check("\"ääääääääääääääääääääääääääääääääääääää\"", "\"ääääääääääääääääääääääääääääääääääääää\"");
    }

    #[test]
    fn whole_items_are_left_out_of_the_middle() {
        check(
            "Case { verdict: Verdict { urgency: Urgency::Critical, .. }, .. }",
            "Case { verdict: Verdict { …, .. }, .. }",
        );
        check("Case { first: 1, second: 2, third: 3, fourth: 4, fifth: 5 }", "Case { first: 1, …, fifth: 5 }");
        check("North | East | South | West | Center | Nowhere", "North | East | … | Center | Nowhere");
        check("Case { id: 1, text: \"a very long text that nobody wants to read\" }", "Case { id: 1, text: … }");
        check(
            "Route::Code(Language::Rust(2024), Some(Dialect::Pedantic), -1)",
            "Route::Code(Language::Rust(2024), …, -1)",
        );
    }

    #[test]
    fn nothing_reads_as_something_else() {
        // Numbers and paths remain whole, and brackets match.
        check("1_000_000_000..=1_999_999_999 | 3_000_000_000..=3_999_999_999", "1_000_000_000..=1_999_999_999 | …");
        check(
            "Some(Inner::First(aaaaaaaaaa)) | None | Other::Second(bbbbbbbbbbbbbb, cccccc)",
            "Some(Inner::First(aaaaaaaaaa)) | …",
        );
    }

    #[test]
    fn what_is_one_is_cut_between_characters() {
        check("\"the quick brown fox jumps over the lazy dog and more\"", "\"the quick brown fox… lazy dog and more\"");
        let (a, b) = ("a".repeat(17), "b".repeat(40));
        check(&format!("\"{a}\\u{{1f600}}{b}\""), &format!("\"{a}…{}\"", &b[..17]));
        check(&format!("\"{a}\\x41\\n{b}\""), &format!("\"{a}…{}\"", &b[..17]));
        check(&format!("\"{a}\\n\\n{b}\""), &format!("\"{a}\\n…{}\"", &b[..18]));
        let family = "👨\u{200d}👩\u{200d}👧";
        check(&format!("\"{}\"", family.repeat(20)), &format!("\"{}…{}\"", family.repeat(4), family.repeat(3)));
    }
}
