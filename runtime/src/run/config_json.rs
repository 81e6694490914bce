//! Configurations from JSON. Every name is checked, and none is ignored.

use crate::{Config, Error, ErrorKind, Keys, Result, RunId, util::suggest::unknown};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};

/// The settings that JSON may have, and how each is to look.
const SETTINGS: [(&str, &str); 8] = [
    ("tags", "a list of texts"),
    ("metadata", "an object"),
    ("run_name", "a text"),
    ("run_id", "a UUID"),
    ("max_concurrency", "a whole number"),
    ("recursion_limit", "a whole number"),
    ("deadline", "a number of seconds"),
    ("configurable", "an object of values by their ids"),
];

/// The highest recursion limit that JSON may set, which is safe with the stack of any worker of tokio.
const MAX_RECURSION: u32 = 100;

/// The length of a value in an error, in characters.
const SHOWN: usize = 100;

fn read<T: DeserializeOwned>(name: &str, value: &Value) -> Result<T> {
    T::deserialize(value).map_err(|_| wrong(name, value))
}

fn wrong(name: &str, value: &Value) -> Error {
    let expected = SETTINGS.iter().find(|(setting, _)| *setting == name).map_or("that", |(_, expected)| expected);
    Error::new(ErrorKind::BadInput, format!("the setting `{name}` is {}, which is not {expected}", short(value)))
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

impl Config {
    /// Reads a configuration from a JSON object with any of `tags`, `metadata`, `run_name`, `run_id`, `max_concurrency`,
    /// `recursion_limit`, `deadline` (in seconds) and `configurable`, an object of values by the ids of their [keys](Keys).
    /// A `recursion_limit` may be 100 at most.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] for an unknown name, with the nearest one, and for a value of the wrong type.
    pub fn from_json(json: &Value, keys: &Keys) -> Result<Self> {
        let Value::Object(settings) = json else {
            return Err(Error::new(
                ErrorKind::BadInput,
                format!("a configuration is a JSON object, not {}", short(json)),
            ));
        };
        let mut config = Config::new();
        for (name, value) in settings {
            match name.as_str() {
                "tags" => config.tags = read(name, value)?,
                "metadata" => {
                    let metadata: Map<String, Value> = read(name, value)?;
                    config.metadata = (!metadata.is_empty()).then(|| Arc::new(metadata));
                }
                "run_name" => config.run_name = Some(read::<String>(name, value)?.into()),
                "run_id" => {
                    let id: RunId = read::<String>(name, value)?.parse().map_err(|_| wrong(name, value))?;
                    config.run_id = Some(id);
                }
                "max_concurrency" => config.max_concurrency = Some(read(name, value)?),
                "recursion_limit" => {
                    let limit: u32 = read(name, value)?;
                    if limit > MAX_RECURSION {
                        let message = format!(
                            "the setting `recursion_limit` is {limit}, and may be {MAX_RECURSION} at most: each turn takes \
                             stack, of which the program has so much (`Config::recursion_limit` sets more in code)"
                        );
                        return Err(Error::new(ErrorKind::BadInput, message));
                    }
                    config.recursion_limit = Some(limit);
                }
                "deadline" => {
                    let seconds: f64 = read(name, value)?;
                    config.deadline = Some(Duration::try_from_secs_f64(seconds).map_err(|_| wrong(name, value))?);
                }
                "configurable" => config.values = keys.read(&read::<Map<String, Value>>(name, value)?)?,
                name => return Err(unknown("setting", name, SETTINGS.iter().map(|(setting, _)| *setting))),
            }
        }
        Ok(config)
    }
}

/// The JSON Schema of what [`Config::from_json`] takes with these keys.
pub(crate) fn schema(keys: &Keys) -> Result<Value> {
    Ok(json!({
        "title": "Config",
        "type": "object",
        "properties": {
            "tags": { "type": "array", "items": { "type": "string" } },
            "metadata": { "type": "object" },
            "run_name": { "type": "string" },
            "run_id": { "type": "string", "format": "uuid" },
            "max_concurrency": { "type": "integer", "minimum": 0 },
            "recursion_limit": { "type": "integer", "minimum": 0, "maximum": MAX_RECURSION, "default": crate::RECURSION_LIMIT },
            "deadline": { "type": "number", "minimum": 0, "description": "seconds" },
            "configurable": keys.schema()?,
        },
        "additionalProperties": false,
    }))
}
