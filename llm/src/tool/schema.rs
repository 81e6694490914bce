//! The JSON Schema of a tool's parameters.

use super::arguments::Parameter;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// The parameters of a tool, added one by one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Parameters {
    generator: SchemaGenerator,
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl Default for Parameters {
    fn default() -> Self {
        Parameters::new()
    }
}

impl Parameters {
    /// Creates an empty list.
    pub fn new() -> Self {
        Parameters { generator: generator(), properties: Map::new(), required: Vec::new() }
    }

    /// Adds a parameter. It is optional if its type has a value for a missing one.
    pub fn with<T>(mut self, parameter: &Parameter<T>, name: &'static str, description: &str) -> Self {
        let mut schema = (parameter.schema)(&mut self.generator).to_value();
        if let Value::Object(fields) = &mut schema
            && !description.is_empty()
        {
            fields.insert("description".to_owned(), description.into());
        }
        self.properties.insert(name.to_owned(), schema);
        if (parameter.read)(Value::Null).is_err() {
            self.required.push(name);
        }
        self
    }

    /// Returns the schema of all parameters.
    pub fn schema(mut self) -> Value {
        let mut schema = json!({
            "type": "object",
            "properties": self.properties,
            "required": self.required,
            "additionalProperties": false,
        });
        let definitions = self.generator.take_definitions(true);
        if !definitions.is_empty() {
            schema["$defs"] = Value::Object(definitions);
        }
        plain(&mut schema);
        schema
    }
}

/// Returns the schema of a type.
pub(crate) fn schema_of<T: JsonSchema>() -> Value {
    let mut schema = generator().into_root_schema_for::<T>().to_value();
    plain(&mut schema);
    schema
}

/// Creates a generator that inlines subschemas, because not all providers follow references.
fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true).into_generator()
}

/// Removes keywords that providers refuse: Rust's own number formats, and the dialect.
fn plain(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("$schema").is_some_and(Value::is_string) {
                fields.remove("$schema");
            }
            let numeric = |format: &str| ["uint", "int", "float", "double"].iter().any(|word| format.starts_with(word));
            if fields.get("format").and_then(Value::as_str).is_some_and(numeric) {
                fields.remove("format");
            }
            fields.values_mut().for_each(plain);
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}
