//! Text that a terminal or a log shows as it is.

use std::{borrow::Cow, fmt::Write};

/// Returns the text with escapes in place of every character that a terminal would obey, that breaks a line of a log, or
/// that makes the text look like another: ESC becomes `\u{1b}`, a line break `\n`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Returns the text with each of its lines made [visible], and all but the first indented by `pad`, so that no line
/// passes for one of what is around it.
pub(crate) fn visible_lines<'a>(text: &'a str, pad: &str) -> Cow<'a, str> {
    if !text.contains('\n') {
        return visible(text);
    }
    let lines: Vec<_> = text.lines().map(visible).collect();
    Cow::Owned(lines.join(&format!("\n{pad}")))
}

/// Returns whether a character is not seen: controls, marks of direction, separators of lines, and what has no width.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::{visible, visible_lines};

    #[test]
    fn hidden_characters_are_seen() {
        for (text, seen) in [
            ("plain, ü and 🦀", "plain, ü and 🦀"),
            ("\x1b[2J\x1b]52;c;aGk=\x07", "\\u{1b}[2J\\u{1b}]52;c;aGk=\\u{7}"),
            ("a\r\nb\tc\0", "a\\r\\nb\\tc\\u{0}"),
            ("\u{9b}31m \u{202e}evil\u{2069} \u{2028}", "\\u{9b}31m \\u{202e}evil\\u{2069} \\u{2028}"),
        ] {
            assert_eq!(visible(text), seen);
        }
        // The parts of an emoji and of a script stay together.
        assert_eq!(visible("👩\u{200d}🚀 می\u{200c}خواهم"), "👩\u{200d}🚀 می\u{200c}خواهم");
        assert_eq!(visible_lines("a\n\x1bb", "  "), "a\n  \\u{1b}b");
    }
}
