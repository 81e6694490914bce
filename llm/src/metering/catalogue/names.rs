//! Names of models, with and without dates.

use std::collections::HashMap;

/// Returns the entry of a model: that of its name, or of the longest name of which it is a dated version.
pub(in crate::metering) fn find<'a, T>(entries: &'a HashMap<String, T>, model: &str) -> Option<&'a T> {
    // Google writes `models/gemini-2.5-flash`, resellers `openai/gpt-4o`.
    let short = model.rsplit('/').next().unwrap_or(model);
    [model, short].into_iter().find_map(|name| entries.get(name).or_else(|| undated(entries, name)))
}

fn undated<'a, T>(entries: &'a HashMap<String, T>, name: &str) -> Option<&'a T> {
    let ends = name.match_indices(['-', '@']).map(|(at, _)| at).collect::<Vec<_>>();
    ends.into_iter().rev().find_map(|at| {
        let entry = entries.get(&name[..at])?;
        is_date(&name[at + 1..]).then_some(entry)
    })
}

/// Returns whether the end of a name is a date, or stands for the newest version: `2024-08-06`, `preview-05-20`, `001`,
/// `latest`. A single number is more likely a version, as in `claude-opus-4-5`, and versions have their own entries.
fn is_date(end: &str) -> bool {
    let digits = end.bytes().filter(u8::is_ascii_digit).count();
    (digits == 0 || digits >= 3)
        && end.split(['-', '@']).all(|word| {
            matches!(word, "latest" | "preview" | "exp")
                || (!word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()))
        })
}
