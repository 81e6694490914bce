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
        Value::String(text) => without_credentials(&text).into(),
        Value::Array(items) => items.into_iter().map(|item| safe(name, item)).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name.clone(), safe(&name, value))).collect(),
        value => value,
    }
}

/// Names with one of these words are those of secrets.
const WORDS: [&str; 9] =
    ["key", "apikey", "token", "secret", "password", "passwd", "authorization", "credential", "credentials"];

fn names_secret(name: &str) -> bool {
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
const PREFIXES: [&str; 8] = ["sk-", "Bearer ", "Basic ", "AIza", "ghp_", "github_pat_", "xoxb-", "hf_"];

fn looks_secret(text: &str) -> bool {
    PREFIXES.iter().any(|prefix| text.starts_with(prefix))
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
