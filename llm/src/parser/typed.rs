use super::{
    OutputParser, ParseError, Parser, Reader,
    error::failed,
    json::{Growing, extract},
};
use crate::schema;
use catena::{Assemble, Details, Error, Result, Types};
use schemars::JsonSchema;
use serde::{Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;
use std::{borrow::Cow, fmt};

/// Creates a parser of JSON as a value of a type. It searches like [`json`](super::json()), and takes the first JSON
/// that is such a value.
///
/// The model needs to know the schema as well. [`structured`](crate::Chat::structured) sends the schema and parses the
/// answer.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::parser;
/// use schemars::JsonSchema;
/// use serde::Deserialize;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct City { name: String, people: u64 }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let error = parser::typed::<City>().invoke(r#"{"name": "Rome"}"#).await.err().unwrap();
/// assert!(error.message().contains("missing field `people`"));
/// # });
/// ```
///
/// # Streaming
/// Yields [`Partial`]s, as often as [`json`](super::json()) yields values. The last one is complete, and its value is
/// what `invoke` returns.
pub const fn typed<T: Answer>() -> Parser<Typed<T>> {
    Parser::new(Typed(Functions {
        extract: |text| extract(text, &expected::<T>()),
        read: |json| T::deserialize(json).ok(),
        schema: schema::of::<T>,
        name: T::schema_name,
    }))
}

/// A type that a model can answer with, as JSON: one with `serde::Deserialize` and `schemars::JsonSchema`.
///
/// ```
/// use schemars::JsonSchema;
/// use serde::Deserialize;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct City { name: String, people: u64 }
///
/// fn can_be_asked_for<T: catena_llm::parser::Answer>() {}
/// can_be_asked_for::<City>();
/// ```
#[diagnostic::on_unimplemented(
    message = "no model can answer with `{Self}`: it is read from JSON, by its schema",
    label = "this needs `serde::Deserialize` and `schemars::JsonSchema`",
    note = "derive both: `#[derive(serde::Deserialize, schemars::JsonSchema)]`"
)]
pub trait Answer: DeserializeOwned + JsonSchema + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema + Send + 'static> Answer for T {}

/// The functions of a type that need its bounds. So only [`typed`] has the bounds, and a type without them is a single
/// error.
struct Functions<T> {
    extract: fn(&str) -> std::result::Result<T, ParseError>,
    read: fn(&Value) -> Option<T>,
    schema: fn() -> Value,
    name: fn() -> Cow<'static, str>,
}

impl<T> Clone for Functions<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Functions<T> {}

/// The format of [`typed`].
pub struct Typed<T>(Functions<T>);

impl<T> Clone for Typed<T> {
    fn clone(&self) -> Self {
        Typed(self.0)
    }
}

impl<T> fmt::Debug for Typed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

impl<T: Send + 'static> OutputParser for Typed<T> {
    const NAME: &'static str = "typed";
    const STREAMS: bool = true;
    const REPLACES: bool = true;
    type Output = T;
    type Reader = TypedReader<T>;

    fn reader(&self) -> TypedReader<T> {
        TypedReader { growing: Growing::default(), functions: self.0 }
    }

    fn instructions(&self) -> String {
        schema::instructions(&(self.0.schema)())
    }

    fn details(&self, details: &mut Details) {
        details.set("type", (self.0.name)().as_ref());
    }

    fn types(&self, types: &mut Types) {
        types.serialize::<Partial<T>>();
        types.schema::<T>(self.0.schema);
    }

    fn parse(&self, text: &str) -> Result<T> {
        (self.0.extract)(text).map_err(failed)
    }
}

fn expected<T: JsonSchema>() -> String {
    format!("the JSON of `{}`", T::schema_name())
}

/// A value of `T` that may be incomplete.
///
/// [`get`](Partial::get) returns the value as soon as the received JSON deserializes. With `Option` fields and fields
/// with `#[serde(default)]` that is the case from the first chunk on. If all fields of the type are required, read an
/// intermediate state as a draft type with optional fields:
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::parser;
/// use futures_util::StreamExt;
/// use schemars::JsonSchema;
/// use serde::Deserialize;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Recipe { title: String, steps: Vec<String> }
///
/// #[derive(Default, Deserialize)]
/// #[serde(default)]
/// struct Draft { title: String, steps: Vec<String> }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let parser = parser::typed::<Recipe>();
/// let mut recipe = parser.stream(r#"{"title": "Tea", "steps": ["Boil water"]}"#);
/// while let Some(partial) = recipe.next().await {
///     let partial = partial?;
///     if let Some(draft) = partial.read::<Draft>() {
///         println!("{}: {} steps", draft.title, draft.steps.len());
///     }
/// }
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// `Serialize` writes the JSON received so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Partial<T> {
    json: Value,
    value: Option<T>,
    complete: bool,
}

impl<T> Partial<T> {
    /// Creates a complete value.
    pub const fn complete(value: T) -> Self {
        Partial { json: Value::Null, value: Some(value), complete: true }
    }

    /// Creates a value that may be incomplete.
    pub(crate) const fn growing(json: Value, value: Option<T>) -> Self {
        Partial { json, value, complete: false }
    }

    /// Returns the value, if the received JSON deserializes. Its strings, numbers and lists may still grow.
    pub const fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Returns the JSON received so far, with its brackets closed. `Null` for a value that was not received as JSON,
    /// such as one of a fallback.
    pub const fn json(&self) -> &Value {
        &self.json
    }

    /// Deserializes the received JSON as another type, such as one with optional fields. `None` if that fails.
    pub fn read<D: DeserializeOwned>(&self) -> Option<D> {
        D::deserialize(&self.json).ok()
    }

    /// Returns whether this is the last chunk.
    pub const fn is_complete(&self) -> bool {
        self.complete
    }

    /// Returns the value, if it is complete.
    pub fn into_complete(self) -> Option<T> {
        self.value.filter(|_| self.complete)
    }
}

impl<T> Serialize for Partial<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

/// The reader of [`typed`].
pub struct TypedReader<T> {
    growing: Growing,
    functions: Functions<T>,
}

impl<T: Send + 'static> Reader for TypedReader<T> {
    type Output = T;
    type Chunk = Partial<T>;
    type Assembler = TypedAssembler<T>;

    fn assembler(&self) -> TypedAssembler<T> {
        TypedAssembler::default()
    }

    fn push(&mut self, text: &str, emit: &mut dyn FnMut(Partial<T>)) -> std::result::Result<(), ParseError> {
        if let Some(json) = self.growing.push(text) {
            let value = (self.functions.read)(json);
            emit(Partial { json: json.clone(), value, complete: false });
        }
        Ok(())
    }

    fn finish(&mut self, emit: &mut dyn FnMut(Partial<T>)) -> std::result::Result<(), ParseError> {
        let value = (self.functions.extract)(&self.growing.text)?;
        let json = match extract::<Value>(&self.growing.text, "") {
            // In prose, the value may not be the first JSON.
            Ok(json) if (self.functions.read)(&json).is_some() => json,
            _ => Value::Null,
        };
        emit(Partial { json, value: Some(value), complete: true });
        Ok(())
    }
}

/// An assembler of [`Partial`]s, which returns the complete value.
#[derive(Debug)]
pub struct TypedAssembler<T>(Option<T>);

impl<T> Default for TypedAssembler<T> {
    fn default() -> Self {
        TypedAssembler(None)
    }
}

impl<T: Send + 'static> Assemble for TypedAssembler<T> {
    type Chunk = Partial<T>;
    type Output = T;

    fn push(&mut self, chunk: Partial<T>) {
        self.0 = chunk.into_complete();
    }

    fn finish(self) -> Result<T> {
        self.0.ok_or_else(|| Error::msg("the stream of a typed answer ended before the answer was complete"))
    }

    fn split(&self, output: T, emit: &mut dyn FnMut(Partial<T>)) {
        emit(Partial::complete(output));
    }

    fn fork(&self) -> Option<Self> {
        Some(TypedAssembler::default())
    }
}
