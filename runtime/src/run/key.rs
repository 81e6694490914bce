//! Typed values that a run can set, such as a temperature or an alternative.

use crate::{
    Context, Error, ErrorKind, Result,
    reflect::json_schema::Definitions,
    util::{
        redact::safe,
        suggest::{list, near, unknown},
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use std::{
    any::{Any, TypeId, type_name},
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::{Arc, OnceLock},
};

/// A setting that each run may change: with an id, a type and a default. Declare it as a `static`.
///
/// [`Config::set`](crate::Config::set) sets it; a value of another type is a compile error.
/// [`Config::from_json`](crate::Config::from_json) sets it by its id. A step reads it by [`Context::value`], which allocates
/// nothing. The value of a run overrides the values of its parts ([`with_config`](crate::StepExt::with_config)).
///
/// ```
/// use catena::{Config, ConfigKey, prelude::*};
///
/// static LANGUAGE: ConfigKey<String> = ConfigKey::with("language", || "English".to_owned()).describe("to answer in");
///
/// #[runnable]
/// fn ask(question: String, cx: &Context) -> String {
///     format!("{question} (in {})", cx.value(&LANGUAGE))
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(ask.invoke("why?".to_owned()).await?, "why? (in English)");
/// let french = Config::new().set(&LANGUAGE, "French".to_owned());
/// assert_eq!(ask.invoke_with("why?".to_owned(), french).await?, "why? (in French)");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub struct ConfigKey<T> {
    id: &'static str,
    default: Default<T>,
    name: Option<&'static str>,
    description: Option<&'static str>,
    options: &'static [&'static str],
}

enum Default<T> {
    Known(T),
    Made(fn() -> T, OnceLock<T>),
}

impl<T> ConfigKey<T> {
    /// Creates a key with this default. JSON names it by the id.
    pub const fn new(id: &'static str, default: T) -> Self {
        ConfigKey { id, default: Default::Known(default), name: None, description: None, options: &[] }
    }

    /// Creates a key whose default is created when it is first needed.
    pub const fn with(id: &'static str, default: fn() -> T) -> Self {
        ConfigKey { id, default: Default::Made(default, OnceLock::new()), name: None, description: None, options: &[] }
    }

    /// Sets the title, for schemas and forms.
    pub const fn title(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// Sets the description, for schemas and forms.
    pub const fn describe(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// Sets the texts that JSON may have, if the type is an enum, for error messages and schemas.
    pub const fn options(mut self, options: &'static [&'static str]) -> Self {
        self.options = options;
        self
    }

    /// Returns the id.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// The default value, for graphs and manifests: without it, where it is a secret.
    pub(crate) fn default_json(&self) -> Value
    where
        T: Serialize,
    {
        safe(self.id, serde_json::to_value(self.default()).unwrap_or_default())
    }

    /// Returns the default value.
    pub fn default(&self) -> &T {
        match &self.default {
            Default::Known(value) => value,
            Default::Made(make, value) => value.get_or_init(*make),
        }
    }
}

impl<T> fmt::Debug for ConfigKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigKey").field("id", &self.id).field("type", &type_name::<T>()).finish_non_exhaustive()
    }
}

/// A value that is set, of the type that its key says.
type Set = Arc<dyn Any + Send + Sync>;

/// The values that are set, by the ids of their keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values(HashMap<&'static str, Set>);

impl Values {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The ids of those that are set, sorted.
    pub(crate) fn ids(&self) -> Vec<&'static str> {
        let mut ids: Vec<&'static str> = self.0.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    pub(crate) fn set(&mut self, id: &'static str, value: Set) {
        self.0.insert(id, value);
    }

    pub(crate) fn get<T: 'static>(&self, key: &ConfigKey<T>) -> Option<&T> {
        let set = self.0.get(key.id)?;
        let value = set.downcast_ref();
        if value.is_none() {
            // Both are in the code, so it cannot be an error of the run; `config_keys` returns it, too.
            tracing::error!(
                id = key.id,
                "two config keys of this id have different types: the value set for one is not read for the other"
            );
        }
        value
    }

    /// Add what is not set yet: what is set further out counts.
    pub(crate) fn add(&mut self, inner: &Values) {
        for (id, value) in &inner.0 {
            self.0.entry(id).or_insert_with(|| Arc::clone(value));
        }
    }
}

impl Context {
    /// Returns the value of a key: of the run, else of this part of the chain, else the default.
    pub fn value<'a, T: 'static>(&'a self, key: &'a ConfigKey<T>) -> &'a T {
        self.set_value(key).unwrap_or_else(|| key.default())
    }

    /// The value of a key, where it is set.
    pub fn set_value<T: 'static>(&self, key: &ConfigKey<T>) -> Option<&T> {
        self.values()?.get(key)
    }
}

/// A key whose type is erased.
trait AnyKey: Send + Sync {
    fn id(&self) -> &'static str;
    fn type_id(&self) -> TypeId;
    fn read(&self, value: &Value) -> std::result::Result<Set, serde_json::Error>;
    fn expected(&self) -> Cow<'static, str>;
    fn default(&self) -> Value;
    fn options(&self) -> &'static [&'static str];
    fn texts(&self) -> (Option<&'static str>, Option<&'static str>);
}

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> AnyKey for ConfigKey<T> {
    fn id(&self) -> &'static str {
        self.id
    }

    fn type_id(&self) -> TypeId {
        TypeId::of::<T>()
    }

    fn read(&self, value: &Value) -> std::result::Result<Set, serde_json::Error> {
        Ok(Arc::new(T::deserialize(value)?))
    }

    fn expected(&self) -> Cow<'static, str> {
        if self.options.is_empty() {
            type_name::<T>().into()
        } else {
            format!("one of {}", list(self.options.iter().copied())).into()
        }
    }

    fn default(&self) -> Value {
        serde_json::to_value(ConfigKey::default(self)).unwrap_or_default()
    }

    fn options(&self) -> &'static [&'static str] {
        self.options
    }

    fn texts(&self) -> (Option<&'static str>, Option<&'static str>) {
        (self.name, self.description)
    }
}

/// The keys that JSON may set: chosen one by one, or those of [a chain](crate::StepExt::config_keys).
///
/// ```
/// use catena::{Config, ConfigKey, Keys};
/// use serde_json::json;
///
/// static TEMPERATURE: ConfigKey<f64> = ConfigKey::new("temperature", 0.7);
///
/// let keys = Keys::new().with(&TEMPERATURE);
/// let config = Config::from_json(&json!({ "tags": ["night"], "configurable": { "temperature": 0.2 } }), &keys)?;
/// let error = Config::from_json(&json!({ "configurable": { "temprature": 0.2 } }), &keys).unwrap_err();
/// assert_eq!(error.message(), "there is no configurable value `temprature`: did you mean `temperature`?");
/// # let _ = config;
/// # Ok::<(), catena::Error>(())
/// ```
#[derive(Default)]
pub struct Keys {
    keys: Vec<Declared>,
    conflict: Option<Error>,
}

struct Declared {
    key: &'static dyn AnyKey,
    schema: Option<fn() -> Value>,
}

impl Keys {
    /// Creates an empty set.
    pub fn new() -> Self {
        <Keys as std::default::Default>::default()
    }

    /// Returns the set with this key added.
    pub fn with<T>(mut self, key: &'static ConfigKey<T>) -> Self
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        self.add(key);
        self
    }

    /// Adds a key. The same key may be added several times. Two keys with the same id, but with different types or defaults, are an
    /// error when the set is used.
    pub fn add<T>(&mut self, key: &'static ConfigKey<T>)
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        self.declare(Declared { key, schema: None });
    }

    /// Adds a key with the JSON Schema of its type. Requires the feature `schema`.
    #[cfg(feature = "schema")]
    pub fn with_schema<T>(mut self, key: &'static ConfigKey<T>) -> Self
    where
        T: schemars::JsonSchema + Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        self.declare(Declared { key, schema: Some(|| schemars::schema_for!(T).to_value()) });
        self
    }

    fn declare(&mut self, new: Declared) {
        let Some(known) = self.keys.iter_mut().find(|known| known.key.id() == new.key.id()) else {
            self.keys.push(new);
            return;
        };
        if known.key.type_id() != new.key.type_id() || known.key.default() != new.key.default() {
            let id = new.key.id();
            self.conflict.get_or_insert_with(|| {
                Error::new(
                    ErrorKind::BadInput,
                    format!(
                        "there are two configurable values `{id}`, of different types or defaults: give one another id"
                    ),
                )
            });
        }
        known.schema = known.schema.or(new.schema);
    }

    /// Returns the ids, in the order in which they were added.
    pub fn ids(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.keys.iter().map(|declared| declared.key.id())
    }

    /// Read values by their ids.
    pub(crate) fn read(&self, values: &Map<String, Value>) -> Result<Values> {
        if let Some(conflict) = &self.conflict {
            return Err(conflict.clone());
        }
        let mut read = Values::default();
        for (id, value) in values {
            let Some(Declared { key, .. }) = self.keys.iter().find(|declared| declared.key.id() == id) else {
                return Err(unknown("configurable value", id, self.ids()));
            };
            let set = key.read(value).map_err(|error| {
                let hint = match value.as_str() {
                    Some(text) => near(text, key.options().iter().copied()),
                    None => None,
                };
                let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                let expected = key.expected();
                let message = format!("the configurable value `{id}` is {value}, not {expected}: {error}{hint}");
                Error::new(ErrorKind::BadInput, message)
            })?;
            read.set(key.id(), set);
        }
        Ok(read)
    }

    /// Returns the JSON Schema of an object with these keys.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] for two different keys with the same id.
    pub fn schema(&self) -> Result<Value> {
        if let Some(conflict) = &self.conflict {
            return Err(conflict.clone());
        }
        let mut properties = Map::new();
        let mut definitions = Definitions::default();
        for Declared { key, schema } in &self.keys {
            let default = key.default();
            let mut property = match schema {
                Some(schema) => definitions.embed(Some(schema())).as_object().cloned().unwrap_or_default(),
                None => simple_schema(&default, key.options()),
            };
            let (name, description) = key.texts();
            property.insert("title".into(), name.unwrap_or(key.id()).into());
            if let Some(description) = description {
                property.insert("description".into(), description.into());
            }
            if !default.is_null() {
                property.insert("default".into(), default);
            }
            properties.insert(key.id().to_owned(), property.into());
        }
        Ok(definitions.root(
            json!({ "title": "Configurable", "type": "object", "properties": properties, "additionalProperties": false }),
        ))
    }
}

/// As much as a default says of its type.
fn simple_schema(default: &Value, options: &[&str]) -> Map<String, Value> {
    let mut schema = Map::new();
    if !options.is_empty() {
        schema.insert("enum".into(), options.into());
        return schema;
    }
    let ty = match default {
        Value::Null => return schema,
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    schema.insert("type".into(), ty.into());
    schema
}
