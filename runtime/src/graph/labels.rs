//! The texts of settings in drawings.

use crate::util::seconds::seconds;
use serde_json::{Map, Value};

/// The settings of a retry that differ from the default.
pub(super) fn retry(settings: &Map<String, Value>) -> Option<String> {
    let delays = settings.get("exponential_jitter_params");
    let delay = |name: &str, default: f64| {
        delays.and_then(|delays| delays[name].as_f64()).filter(|delay| (delay - default).abs() > 1e-9)
    };
    let mut words = Vec::new();
    match delay("initial", 0.2) {
        Some(0.0) => words.push("at once".to_owned()),
        Some(base) => words.push(format!("after {}", seconds(base))),
        None => {}
    }
    if let Some(factor) = delay("exp_base", 2.0) {
        words.push(format!("then ×{factor}"));
    }
    if let Some(max) = delay("max", 30.0) {
        words.push(format!("at most {}", seconds(max)));
    }
    if let Some(total) = settings.get("total_delay").and_then(Value::as_f64) {
        words.push(format!("{} in all", seconds(total)));
    }
    if settings.contains_key("when") {
        words.push("some errors".to_owned());
    }
    (!words.is_empty()).then(|| words.join(", "))
}

/// The settings of a configuration.
pub(super) fn config(settings: &Map<String, Value>) -> String {
    let mut words = Vec::new();
    for (name, value) in settings {
        match (name.as_str(), value) {
            ("tags", Value::Array(tags)) => {
                words.extend(tags.iter().filter_map(Value::as_str).map(|tag| format!("#{tag}")));
            }
            ("configurable", Value::Array(ids)) => {
                words.extend(ids.iter().filter_map(Value::as_str).map(|id| format!("sets {id}")));
            }
            ("metadata", Value::Object(fields)) => {
                words.extend(fields.iter().filter_map(|(name, value)| line(name, value)));
            }
            ("deadline", value) => {
                words.extend(value.as_f64().map(|deadline| format!("deadline {}", seconds(deadline))));
            }
            ("max_concurrency", value) => words.push(format!("{value} at once")),
            ("run_name", Value::String(name)) => words.push(format!("as {name}")),
            (name, value) => words.extend(line(name, value)),
        }
    }
    words.join(", ")
}

/// The longest text that is a line of a box.
const LONGEST: usize = 40;

/// A setting in a line; none for those that need more than a line, for addresses, and for secrets.
pub(super) fn line(name: &str, value: &Value) -> Option<String> {
    let shown = match value {
        Value::String(text)
            if text.chars().count() > LONGEST || text.contains(['\n', '\r']) || text.contains("://") =>
        {
            return None;
        }
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            return line(name, &items.join(", ").into());
        }
        _ => return None,
    };
    // The names of these say what they are.
    Some(if matches!(name, "model" | "provider") { shown } else { format!("{} {shown}", name.replace('_', " ")) })
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn what_takes_more_than_a_line_is_left_out() {
        assert_eq!(line("temperature", &0.5.into()).as_deref(), Some("temperature 0.5"));
        assert_eq!(line("model", &"gpt-4o".into()).as_deref(), Some("gpt-4o"));
        assert_eq!(line("template", &"x".repeat(41).into()), None);
        assert_eq!(line("key", &serde_json::json!({ "lc": 1, "type": "secret", "id": ["K"] })), None);
    }
}
