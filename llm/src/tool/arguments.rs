//! The arguments of a call, parsed and checked against the schema.

use super::{integers::to_integers, mend::mended, schema::schema_of};
use crate::ToolCall;
use catena::{Error, ErrorKind, Result};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A type that can be a parameter of a tool: one that derives `serde::Deserialize` and `schemars::JsonSchema`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a tool: the model writes it as JSON, by its schema",
    label = "this needs `serde::Deserialize` and `schemars::JsonSchema`",
    note = "derive both: `#[derive(serde::Deserialize, schemars::JsonSchema)]`",
    note = "a handle is no parameter: a closure has it, `tool_fn!(name, docs, async move |arguments: Arguments| ..)`, or the run, `cx: &Context`"
)]
pub trait ToolParameter: Sized {
    /// How a value of the type is read, and its schema.
    #[doc(hidden)]
    const PARAMETER: Parameter<Self>;

    /// Returns the schema of a tool with these arguments.
    #[doc(hidden)]
    fn schema() -> Value;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema> ToolParameter for T {
    const PARAMETER: Parameter<T> =
        Parameter { read: serde_json::from_value::<T>, schema: SchemaGenerator::subschema_for::<T> };

    fn schema() -> Value {
        schema_of::<T>()
    }
}

/// A parameter of a tool: how its value is read, and its schema.
///
/// The bound of its type stands in one place, so that a type without it is a single error.
#[doc(hidden)]
#[derive(Debug)]
pub struct Parameter<T> {
    pub(super) read: fn(Value) -> serde_json::Result<T>,
    pub(super) schema: fn(&mut SchemaGenerator) -> Schema,
}

/// The arguments of one call, taken one by one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Arguments {
    fields: Map<String, Value>,
    problems: Vec<String>,
}

impl Arguments {
    /// Creates the arguments from a JSON object.
    pub fn new(arguments: Value) -> Self {
        let fields = if let Value::Object(fields) = arguments { fields } else { Map::new() };
        Arguments { fields, problems: Vec::new() }
    }

    /// Removes and deserializes an argument. Returns `None` and records the problem if it is missing or has the wrong
    /// type.
    pub fn take<T>(&mut self, parameter: &Parameter<T>, name: &str) -> Option<T> {
        let value = self.fields.remove(name);
        let missing = value.is_none();
        match (parameter.read)(value.unwrap_or_default()) {
            Ok(value) => Some(value),
            Err(_) if missing => {
                self.problems.push(format!("`{name}` is missing"));
                None
            }
            Err(error) => {
                self.problems.push(format!("`{name}`: {error}"));
                None
            }
        }
    }

    /// Checks that all arguments were valid.
    ///
    /// # Errors
    /// If one was not. The error lists all problems.
    pub fn finish(self) -> Result<()> {
        problems(&self.problems)
    }
}

#[cold]
fn problems(found: &[String]) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Parse { raw: String::new() }, found.join("; ")))
}

/// Parses the arguments that the model wrote into an object. Only the top level of the object is checked against the
/// schema. Where the schema wants an integer, `1.0` is 1.
///
/// Arguments that are not JSON are read if they have only one meaning; see [`mended`].
pub(crate) fn read(call: &ToolCall, schema: &Value) -> Result<Value> {
    let fail = |why: String| {
        let message = format!("the arguments of `{}` are not right: {why}", call.name);
        Error::new(ErrorKind::Parse { raw: call.raw_arguments.clone() }, message)
    };
    let value = match call.raw_arguments.trim() {
        "" => Value::Object(Map::new()),
        text => parse(text).map_err(|error| fail(format!("they are not JSON: {error}")))?,
    };
    let fields = match value {
        Value::Object(fields) => fields,
        // A tool without parameters.
        Value::Null => Map::new(),
        // Some models write the object as a string.
        Value::String(text) => match parse(&text) {
            Ok(Value::Object(fields)) => fields,
            _ => return Err(fail("they are a text, not an object".to_owned())),
        },
        other => return Err(fail(format!("they are {}, not an object", kind(&other)))),
    };
    let found = misfits(&fields, schema);
    if !found.is_empty() {
        return Err(fail(found.join("; ")));
    }
    let mut value = Value::Object(fields);
    to_integers(&mut value, schema);
    Ok(value)
}

/// Parses JSON, or else text that is almost JSON.
fn parse(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text)
        .or_else(|error| mended(text).and_then(|json| serde_json::from_str(&json).ok()).ok_or(error))
}

/// Adds the call to the error of a parameter.
pub(super) fn about(error: Error, call: &ToolCall) -> Error {
    match error.kind() {
        ErrorKind::Parse { raw } if raw.is_empty() => {
            let message = format!("the arguments of `{}` are not right: {}", call.name, error.message());
            Error::new(ErrorKind::Parse { raw: call.raw_arguments.clone() }, message)
        }
        _ => error,
    }
}

/// Returns the fields that are missing, unknown or of another type.
fn misfits(fields: &Map<String, Value>, schema: &Value) -> Vec<String> {
    let none = Map::new();
    let known = schema["properties"].as_object().unwrap_or(&none);
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let missing = required.iter().filter_map(Value::as_str).filter(|name| !fields.contains_key(*name));
    let mut found: Vec<String> = missing
        .map(|name| match known.get(name).and_then(expected) {
            Some(expected) => format!("`{name}` is missing: it is {expected}"),
            None => format!("`{name}` is missing"),
        })
        .collect();
    for (name, value) in fields {
        match known.get(name) {
            None if schema["additionalProperties"] == false => {
                let names: Vec<String> = known.keys().map(|name| format!("`{name}`")).collect();
                let there = if names.is_empty() { "there are none".to_owned() } else { names.join(", ") };
                found.push(format!("there is no parameter `{name}`: {there}"));
            }
            Some(property) if !fits(value, property) => {
                let expected = expected(property).unwrap_or_else(|| "something else".to_owned());
                found.push(format!("`{name}` is {}, and has to be {expected}", kind(value)));
            }
            _ => {}
        }
    }
    found
}

/// Returns the types that a schema allows; empty if it names none.
fn types(property: &Value) -> Vec<&str> {
    match &property["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn fits(value: &Value, property: &Value) -> bool {
    let types = types(property);
    types.is_empty()
        || types.iter().any(|name| match *name {
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0),
            "number" => value.is_number(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            "null" => value.is_null(),
            _ => true,
        })
}

fn expected(property: &Value) -> Option<String> {
    if let Some(allowed) = property["enum"].as_array() {
        let allowed: Vec<String> = allowed.iter().map(Value::to_string).collect();
        return Some(format!("one of {}", allowed.join(", ")));
    }
    let names: Vec<&str> = types(property).into_iter().map(article).collect();
    (!names.is_empty()).then(|| names.join(" or "))
}

fn article(kind: &str) -> &str {
    match kind {
        "string" => "a string",
        "boolean" => "a boolean",
        "integer" => "an integer",
        "number" => "a number",
        "array" => "an array",
        "object" => "an object",
        other => other,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
