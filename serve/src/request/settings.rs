//! The configuration that a client asks for, as LangChain's clients write it.

use crate::{chain::Served, failure::Failure, server::Limits};
use catena::{Config, RunId};
use serde_json::{Map, Value};

/// The names of settings, and the same as clients in JavaScript write them.
const NAMES: [(&str, &str); 6] = [
    ("tags", "tags"),
    ("metadata", "metadata"),
    ("run_name", "runName"),
    ("run_id", "runId"),
    ("recursion_limit", "recursionLimit"),
    ("max_concurrency", "maxConcurrency"),
];

/// Settings that mean something to the client alone.
const OF_THE_CLIENT: [&str; 6] = ["callbacks", "signal", "store", "timeout", "returnExceptions", "return_exceptions"];

/// The settings of a run that a client may make.
pub(crate) struct Settings {
    pub(crate) config: Config,
    /// The identity that the client gives to the run.
    pub(crate) run_id: Option<RunId>,
    pub(crate) max_concurrency: Option<usize>,
}

impl Settings {
    /// Reads the settings at this place in the body. A setting that is not in the list is an error, except those that
    /// clients send but do not mean for the server.
    pub(crate) fn read(
        place: &str,
        json: Map<String, Value>,
        served: &Served,
        limits: &Limits,
    ) -> Result<Self, Failure> {
        // Most requests make none.
        if json.is_empty() {
            return Ok(Settings { config: Config::new(), run_id: None, max_concurrency: None });
        }
        let mut known = Map::new();
        let mut recursion = None;
        let wrong = |name: &str, message: String| Failure::unprocessable(message).at(format!("{place}.{name}"));
        for (name, value) in json {
            if value.is_null() || OF_THE_CLIENT.contains(&&*name) {
                continue;
            }
            let plain = NAMES.iter().find(|(plain, camel)| *plain == name || *camel == name).map(|(plain, _)| *plain);
            let plain = match (plain, &*name) {
                (Some(plain), _) => plain,
                (None, "configurable" | "deadline") => &*name,
                (None, _) => {
                    let message = format!("there is no setting `{name}` that a client may make");
                    return Err(wrong(&name, message));
                }
            };
            let value = match (plain, value) {
                // What LangGraph hands on to what it runs.
                ("configurable", Value::Object(values)) => {
                    values.into_iter().filter(|(name, value)| !name.starts_with("__") && !value.is_null()).collect()
                }
                (_, value) => value,
            };
            // It may be above what JSON can set elsewhere, if the server allows it.
            if plain == "recursion_limit"
                && let Some(limit) = value.as_u64()
            {
                let allowed = u32::try_from(limit).ok().filter(|limit| *limit <= limits.recursion);
                let large = || wrong(&name, format!("`{name}` is at most {}", limits.recursion));
                recursion = Some(allowed.ok_or_else(large)?);
                continue;
            }
            known.insert(plain.to_owned(), value);
        }
        let run_id = known.get("run_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let max_concurrency = known.get("max_concurrency").and_then(Value::as_u64);
        // Zero would let nothing run.
        if max_concurrency == Some(0) {
            return Err(wrong("max_concurrency", "`max_concurrency` is at least 1".to_owned()));
        }
        let mut config = Config::from_json(&known.into(), &served.keys)
            .map_err(|error| Failure::unprocessable(error.message().to_owned()).at(place))?;
        if let Some(limit) = recursion {
            config = config.recursion_limit(limit);
        }
        let max_concurrency = max_concurrency.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
        Ok(Settings { config, run_id, max_concurrency })
    }
}
