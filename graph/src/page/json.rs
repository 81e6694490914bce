//! Data for the page's script, which nothing in it can get out of.

use std::fmt::Write as _;

/// A string of JSON that can stand in a `<script>`: what HTML or JavaScript would read otherwise is escaped.
pub(super) fn string(text: &str, into: &mut String) {
    into.push('"');
    for c in text.chars() {
        match c {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '\0'..=' ' | '<' | '>' | '&' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' if c != ' ' => {
                let _ = write!(into, "\\u{:04x}", u32::from(c));
            }
            c => into.push(c),
        }
    }
    into.push('"');
}

/// `"name":"text"`, after a comma where something stands before.
pub(super) fn field(name: &str, text: &str, into: &mut String) {
    if !into.ends_with('{') {
        into.push(',');
    }
    string(name, into);
    into.push(':');
    string(text, into);
}

/// `"name":["text",…]`.
pub(super) fn list<'a>(name: &str, texts: impl Iterator<Item = &'a str>, into: &mut String) {
    if !into.ends_with('{') {
        into.push(',');
    }
    string(name, into);
    into.push_str(":[");
    for (at, text) in texts.enumerate() {
        if at > 0 {
            into.push(',');
        }
        string(text, into);
    }
    into.push(']');
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_string_stays_one() {
        let mut json = String::new();
        super::string("</script><!-- \"\\\n\u{2028}&é\0", &mut json);
        assert_eq!(json, r#""\u003c/script\u003e\u003c!-- \"\\\n\u2028\u0026é\u0000""#);
    }
}
