//! The changes around a part, and of its settings.

use super::{Difference, matching};
use crate::{
    Component, ComponentKind,
    util::{redact::is_secret, seconds::seconds},
};
use serde_json::{Map, Value};

/// The changes around a part: added, removed and changed wrappers.
pub(super) fn compare_around(place: &str, old: &[&Component], new: &[&Component], said: &mut Difference) {
    let same = |a: &Component, b: &Component| a.kind == b.kind;
    let pairs = matching(old, new, |a, b| same(a, b));
    for (at, around) in old.iter().enumerate() {
        if pairs.iter().all(|(a, _)| *a != at) {
            said.say(place, format!("no longer {}", is_now(around)));
        }
    }
    for (at, around) in new.iter().enumerate() {
        match pairs.iter().find(|(_, b)| *b == at) {
            None => said.say(place, format!("now {}", is_now(around))),
            Some((a, _)) => {
                if around.name != old[*a].name {
                    said.say(place, format!("is now called {}", around.name));
                }
                settings(place, &old[*a].settings, &around.settings, said);
            }
        }
    }
}

fn is_now(around: &Component) -> String {
    match around.kind {
        ComponentKind::Retry => match around.settings.get("max_attempt_number") {
            Some(attempts) => format!("tried again on failure (attempts {attempts})"),
            None => "tried again on failure".to_owned(),
        },
        ComponentKind::Timeout => match around.settings.get("seconds").and_then(Value::as_f64) {
            Some(limit) => format!("limited in time ({})", seconds(limit)),
            None => "limited in time".to_owned(),
        },
        ComponentKind::Map => "run for each item".to_owned(),
        ComponentKind::Spawned => "in a task of its own".to_owned(),
        ComponentKind::Choice => "choosing the step that runs next".to_owned(),
        ComponentKind::Settled => "settled: its failure is a value".to_owned(),
        ComponentKind::Named => format!("under the name {}", around.name),
        ComponentKind::Configurable => match around.settings.get("key").and_then(Value::as_str) {
            Some(key) => format!("configurable by `{key}`"),
            None => "configurable".to_owned(),
        },
        _ => "configured by itself".to_owned(),
    }
}

/// The name of a setting in a line.
fn title(name: &str) -> &str {
    match name {
        "max_attempt_number" => "attempts",
        "exponential_jitter_params" => "delays",
        "wait_exponential_jitter" => "jitter",
        "seconds" => "limit",
        name => name,
    }
}

pub(super) fn settings(place: &str, old: &Map<String, Value>, new: &Map<String, Value>, said: &mut Difference) {
    for (name, before) in old {
        match new.get(name) {
            None => said.say(place, format!("{} is no longer set (was {})", title(name), show(name, before))),
            Some(now) if now == before => {}
            Some(Value::Object(now)) if before.is_object() && !is_secret(before) => {
                settings(place, before.as_object().unwrap_or(&Map::new()), now, said);
            }
            Some(now) => said.say(place, format!("{} {} -> {}", title(name), show(name, before), show(name, now))),
        }
    }
    for (name, now) in new {
        if !old.contains_key(name) {
            said.say(place, format!("{} is now set ({})", title(name), show(name, now)));
        }
    }
}

fn show(name: &str, value: &Value) -> String {
    match value {
        secret if is_secret(secret) => format!("secret {}", secret["id"][0].as_str().unwrap_or_default()),
        Value::Number(number) if name == "seconds" => seconds(number.as_f64().unwrap_or_default()),
        Value::String(text) if !text.is_empty() && !text.contains([' ', '\n']) => text.clone(),
        value => value.to_string(),
    }
}
