//! Bodies and causes as readable text.

use std::error::Error;

/// The maximum length of a text in error messages.
const SHOWN: usize = 300;

/// Returns a body as one line: the words of HTML, or the beginning of any other text.
pub(crate) fn readable(body: &str) -> String {
    let start = body.trim_start().get(..20).unwrap_or(body.trim_start()).to_ascii_lowercase();
    if start.starts_with("<!doctype") || start.starts_with("<html") || start.starts_with("<head") {
        short(&words(body))
    } else {
        short(body)
    }
}

/// Returns the beginning of a text, as one line.
pub(super) fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Returns the words between the tags. A line that repeats an earlier one, such as the title, is left out.
fn words(html: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut length = 0;
    let mut skip_until: Option<&str> = None;
    for piece in html.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let name = tag.split([' ', '\n', '\t']).next().unwrap_or_default().to_ascii_lowercase();
        match skip_until {
            Some(end) if name == end => skip_until = None,
            Some(_) => continue,
            None if name == "style" => skip_until = Some("/style"),
            None if name == "script" => skip_until = Some("/script"),
            None => {}
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if skip_until.is_none() && !text.is_empty() && !lines.contains(&text) {
            length += text.chars().count();
            lines.push(text);
        }
        // The rest is not shown.
        if length > SHOWN {
            break;
        }
    }
    lines.join(" | ")
}

/// Returns the causes of an error, without its own message, which may contain a URL.
pub(crate) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut causes: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        // Many errors repeat the message of their cause.
        match causes.last_mut() {
            Some(last) if last.ends_with(&text) => {}
            _ => causes.push(text),
        }
        next = cause.source();
    }
    if causes.is_empty() { "the connection was lost".to_owned() } else { causes.join(": ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_its_words() {
        let page = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title><style>h1 { color: red }</style></head>
            <body><h1>502 Bad Gateway</h1><hr>\n<p>nginx/1.25</p></body></html>";
        assert_eq!(readable(page), "502 Bad Gateway | nginx/1.25");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(readable(&"ä".repeat(400)), "ä".repeat(300) + "…");
        assert_eq!(readable("upstream\n  reset"), "upstream reset");
        assert_eq!(readable("<"), "<");
    }
}
