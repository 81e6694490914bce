//! Values without their secrets.

use serde_json::{Value, json};

/// The replacement of a secret.
pub(crate) fn secret(id: &str) -> Value {
    json!({ "lc": 1, "type": "secret", "id": [id] })
}

/// Returns `true` if this stands for a secret.
pub(crate) fn is_secret(value: &Value) -> bool {
    value["lc"] == 1 && value["type"] == "secret"
}

/// A value without its secrets.
pub(crate) fn safe(name: &str, value: Value) -> Value {
    if is_secret(&value) {
        return value;
    }
    match value {
        Value::String(text) if names_secret(name) || looks_secret(&text) => secret(name),
        Value::String(text) => {
            let text = without_credentials(&text);
            without_keys(&text).unwrap_or(text).into()
        }
        Value::Array(items) => items.into_iter().map(|item| safe(name, item)).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name.clone(), safe(&name, value))).collect(),
        value => value,
    }
}

/// Names with one of these words are those of secrets.
const WORDS: [&str; 9] =
    ["key", "apikey", "token", "secret", "password", "passwd", "authorization", "credential", "credentials"];

/// Returns whether a setting of this name is a secret.
pub fn names_secret(name: &str) -> bool {
    let (mut words, mut after_lowercase) = (String::new(), false);
    for c in name.chars() {
        // `apiKey` is two words, `API_KEY` too.
        if c.is_uppercase() && after_lowercase {
            words.push(' ');
        }
        after_lowercase = c.is_lowercase();
        words.extend(c.to_lowercase());
    }
    words.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word))
}

/// The beginnings of the keys of well-known services.
const PREFIXES: [&str; 13] =
    ["sk-", "sk_", "AIza", "ghp_", "gho_", "ghs_", "github_pat_", "xoxb-", "xoxp-", "hf_", "gsk_", "glpat-", "AKIA"];

/// The words before a key, in lower case.
const SCHEMES: [&str; 2] = ["bearer", "basic"];

/// The minimum length of a key after its prefix; `sk-8` is not a key.
const LONG: usize = 12;

/// Returns `true` if a setting's value is a key. Shorter keys are recognised here than inside of a text.
fn looks_secret(text: &str) -> bool {
    let text = text.trim();
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    let is_scheme = SCHEMES.iter().any(|scheme| lower.strip_prefix(scheme).is_some_and(|rest| rest.starts_with(' ')));
    is_scheme || PREFIXES.iter().any(|prefix| text.starts_with(prefix))
}

/// Returns the text without words that look like a key; `None` if it has none.
pub fn without_keys(text: &str) -> Option<String> {
    let is_key = |c: char| c.is_ascii_alphanumeric() || "-_.=+/~".contains(c);
    let (mut out, mut last) = (String::new(), 0);
    // Words of the characters that keys consist of.
    let mut words = text.char_indices().peekable();
    let mut is_after_scheme = false;
    while let Some((begin, c)) = words.next() {
        if !is_key(c) {
            // Between the scheme and the key are spaces, `=` or quotes at most.
            is_after_scheme &= c.is_whitespace() || "\"':\\".contains(c);
            continue;
        }
        while words.next_if(|(_, c)| is_key(*c)).is_some() {}
        let end = words.peek().map_or(text.len(), |(at, _)| *at);
        let word = &text[begin..end];
        let key = if is_after_scheme && word.len() >= LONG { Some(0) } else { begin_of_key(word) };
        if let Some(at) = key {
            out.push_str(&text[last..begin + at]);
            out.push_str("[redacted]");
            last = end;
        }
        is_after_scheme = SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
    }
    (last > 0).then(|| out + &text[last..])
}

/// Returns where a key begins in a word: at a prefix that follows no letter.
fn begin_of_key(word: &str) -> Option<usize> {
    let is_begin = |at: usize| !word[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
    let of = |prefix: &&str| {
        let fits = |at: &usize| is_begin(*at) && word.len() - at - prefix.len() >= LONG;
        word.match_indices(*prefix).map(|(at, _)| at).find(fits)
    };
    PREFIXES.iter().filter_map(of).min()
}

/// A URL without user, password, the values of its query, and what follows that; any other text as it is.
fn without_credentials(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    if scheme.is_empty() || !scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)) {
        return text.to_owned();
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let (host, path) = place.find('/').map_or((place, ""), |at| place.split_at(at));
    let host = host.rsplit('@').next().unwrap_or_default();
    let mut url = format!("{scheme}://{host}{path}");
    for (at, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        url.push(if at == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((name, _)) => url.extend([name, "=[redacted]"]),
            None => url.push_str("[redacted]"),
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::without_keys;

    #[test]
    fn what_looks_like_a_key_is_removed() {
        for (text, clean) in [
            ("the key is sk-proj-abcdefghijkl, is it?", "the key is [redacted], is it?"),
            ("Authorization: Bearer abcdef123456789", "Authorization: Bearer [redacted]"),
            ("authorization: bearer abcdef123456789", "authorization: bearer [redacted]"),
            ("BASIC  abcdef123456789", "BASIC  [redacted]"),
            (r#"{"authorization": "Bearer abcdef123456789"}"#, r#"{"authorization": "Bearer [redacted]"}"#),
            ("AIzaSyA1234567890 and sk-ant-api03-xyzxyzxyz", "[redacted] and [redacted]"),
            ("desk-sk-abcdefghijklmnop", "desk-[redacted]"),
            ("disk-images/sk-proj-abcdefghijkl", "disk-images/[redacted]"),
            ("key=sk-abcdefghijklmnop", "key=[redacted]"),
            ("\"sk-abcdefghijklmnop\"", "\"[redacted]\""),
        ] {
            assert_eq!(without_keys(text).as_deref(), Some(clean));
        }
        for text in [
            "ask-me-anything-you-like",
            "a risk-taker",
            "sk-8",
            "Bearer of bad news",
            "Basic facts",
            "Bearer [redacted]",
            "",
        ] {
            assert_eq!(without_keys(text), None, "{text}");
        }
    }
}
