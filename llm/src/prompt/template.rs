//! Prompts that are read when the program runs, in the language of minijinja.

use crate::{Message, Messages, Role};
use catena::{
    __private::{Call, Started, ready},
    Assemble, Chunks, Context, Details, Error, ErrorKind, Kind, Node, Result, Runnable, Running, Step, Types, Whole,
};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, syntax::SyntaxConfig, value::Serde};
use schemars::JsonSchema;
use serde::Serialize;
use std::{collections::BTreeSet, fmt, future::Future, io, sync::Arc};

/// The name of a template in error messages.
const NAME: &str = "template";

/// The instructions that a template may take by default. They take a fraction of a second.
const FUEL: u64 = 1_000_000;

/// The most bytes of a rendered text by default.
const SIZE: usize = 16 << 20;

/// A prompt that is read when the program runs, from a file or a database. It is a step from any `Serialize` value to
/// text.
///
/// The language is that of [minijinja](https://docs.rs/minijinja), which is Jinja2: `{{ question }}`,
/// `{% if context %}`, `{% for .. %}`, filters. Values are text and never interpreted as templates. Nothing is escaped.
/// A variable that the value does not have is an error. [`for_fields`](Template::for_fields) and
/// [`for_input`](Template::for_input) check for that before the first call. If the text is known at compile time, use
/// [`prompt!`](crate::prompt), which the compiler checks.
///
/// ```
/// use catena::{RunnableExt, record};
/// use catena_llm::Template;
/// use serde_json::json;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let ask = Template::new("{% if context %}Use {{ context }}. {% endif %}{{ question | upper }}")?;
/// let ask = ask.for_fields(["question", "context"])?;
/// let text = ask.invoke(json!({ "question": "why {{ not }}?", "context": null })).await?;
/// assert_eq!(text, "WHY {{ NOT }}?");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Streaming
/// Buffers its input, and yields the text as one chunk.
#[derive(Clone)]
pub struct Template {
    source: Arc<str>,
    environment: Arc<Environment<'static>>,
    size: usize,
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] with the line, if the template is invalid.
    pub fn new(source: impl Into<String>) -> Result<Self> {
        let source = source.into();
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
        environment.set_syntax(syntax.map_err(|error| wrong(error, "reading a template"))?);
        environment.add_template_owned(NAME, source.clone()).map_err(|error| wrong(error, "reading a template"))?;
        Ok(Template { source: source.into(), environment: Arc::new(environment), size: SIZE })
    }

    /// Sets how many instructions of minijinja rendering may take. The default is 1,000,000. A template is rendered
    /// without a pause, so that no timeout could stop a long loop.
    ///
    /// ```
    /// use catena_llm::Template;
    /// use serde_json::json;
    ///
    /// let endless = Template::new("{% for a in range(9999) %}{% for b in range(9999) %}.{% endfor %}{% endfor %}")?;
    /// let error = endless.render(&json!({})).unwrap_err();
    /// assert!(error.message().contains("1000000 instructions"), "{error}");
    /// # Ok::<(), catena::Error>(())
    /// ```
    pub fn max_instructions(mut self, instructions: u64) -> Self {
        Arc::make_mut(&mut self.environment).set_fuel(Some(instructions));
        self
    }

    /// Sets the most bytes of the rendered text. The default is 16 MiB.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.size = bytes;
        self
    }

    /// Returns the source of the template.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns the variables that the template takes from its input.
    pub fn variables(&self) -> BTreeSet<String> {
        let globals: BTreeSet<&str> = self.environment.globals().map(|(name, _)| name).collect();
        let variables = self.environment.get_template(NAME).map(|template| template.undeclared_variables(false));
        variables.unwrap_or_default().into_iter().filter(|name| !globals.contains(name.as_str())).collect()
    }

    /// Checks that the template uses only these variables.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`], with the other variables that it uses.
    ///
    /// ```
    /// use catena_llm::Template;
    ///
    /// let error = Template::new("{{ qestion }}")?.for_fields(["question"]).unwrap_err();
    /// assert_eq!(error.message(), "the template shows `qestion`, and its input has `question`");
    /// # Ok::<(), catena::Error>(())
    /// ```
    pub fn for_fields<F: Into<String>>(self, fields: impl IntoIterator<Item = F>) -> Result<Self> {
        let fields: BTreeSet<String> = fields.into_iter().map(Into::into).collect();
        let unknown: Vec<String> = self.variables().difference(&fields).cloned().collect();
        if unknown.is_empty() {
            return Ok(self);
        }
        let has = if fields.is_empty() { "no fields".to_owned() } else { list(fields) };
        let message = format!("the template shows {}, and its input has {has}", list(unknown));
        Err(Error::new(ErrorKind::BadInput, message))
    }

    /// Checks that the template uses only the fields of this type, by the names that `serde` writes.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`], with the other variables that it uses.
    pub fn for_input<T: JsonSchema>(self) -> Result<Self> {
        let schema = schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator();
        let schema = schema.into_root_schema_for::<T>();
        let fields = schema.get("properties").and_then(serde_json::Value::as_object);
        self.for_fields(fields.into_iter().flat_map(|fields| fields.keys().cloned()))
    }

    /// Returns the text for a value.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] if a variable is missing, a filter cannot be applied to a value, or the text or the time
    /// that it takes exceeds its bound.
    pub fn render(&self, input: &impl Serialize) -> Result<String> {
        let mut out = Bounded { text: Vec::new(), size: self.size, is_full: false };
        let template = self.environment.get_template(NAME);
        let rendered = template
            .and_then(|template| template.render_captured_to(minijinja::Value::from(Serde(input)), &mut out).map(drop));
        let bound = match &rendered {
            Err(error) if error.kind() == minijinja::ErrorKind::OutOfFuel => {
                let fuel = self.environment.fuel().unwrap_or_default();
                Some(format!(
                    "the template takes more than {fuel} instructions: raise `max_instructions`, or is it endless?"
                ))
            }
            _ if out.is_full => Some(format!("the text has more than {} bytes: raise `max_bytes`", self.size)),
            _ => None,
        };
        let doing = "rendering a template";
        if let Some(bound) = bound {
            return Err(Error::new(ErrorKind::BadInput, bound).while_doing(doing));
        }
        rendered.map_err(|error| wrong(error, doing))?;
        String::from_utf8(out.text).map_err(|error| Error::from_source(ErrorKind::BadInput, error).while_doing(doing))
    }
}

/// A text that ends at its bound.
struct Bounded {
    text: Vec<u8>,
    size: usize,
    is_full: bool,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len().saturating_add(bytes.len()) > self.size {
            self.is_full = true;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Formats names as a list: `a`, `b`.
fn list(names: impl IntoIterator<Item = String>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn wrong(error: minijinja::Error, doing: &'static str) -> Error {
    Error::from_source(ErrorKind::BadInput, error).while_doing(doing)
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Template").field(&self.source).finish()
    }
}

/// [`Template`]s with roles: a step from any `Serialize` value to [`Messages`].
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::{ChatTemplate, Role};
/// use serde_json::json;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let ask = ChatTemplate::new([(Role::System, "Answer in {{ lang }}."), (Role::User, "{{ question }}")])?;
/// let messages = ask.invoke(json!({ "lang": "French", "question": "why?" })).await?;
/// assert_eq!(messages.to_string(), "system: Answer in French.\nuser: why?");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct ChatTemplate {
    templates: Vec<(Role, Template)>,
}

impl ChatTemplate {
    /// Parses a template for each message.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] if a template is invalid, or for a message of a tool, which needs more than text.
    pub fn new<S: Into<String>>(messages: impl IntoIterator<Item = (Role, S)>) -> Result<Self> {
        let read = |(role, source)| {
            if role == Role::Tool {
                let message = "a template is a message of the system, the user or the assistant";
                return Err(Error::new(ErrorKind::BadInput, message));
            }
            Ok((role, Template::new(source)?))
        };
        Ok(ChatTemplate { templates: messages.into_iter().map(read).collect::<Result<_>>()? })
    }

    /// Returns the variables that the templates take from their input.
    pub fn variables(&self) -> BTreeSet<String> {
        self.templates.iter().flat_map(|(_, template)| template.variables()).collect()
    }

    /// Checks that the templates use only these variables; see [`Template::for_fields`].
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`], with the other variables that they use.
    pub fn for_fields<F: Into<String>>(self, fields: impl IntoIterator<Item = F>) -> Result<Self> {
        let fields: Vec<String> = fields.into_iter().map(Into::into).collect();
        self.each(|template| template.for_fields(fields.iter().cloned()))
    }

    /// Checks that the templates use only the fields of this type; see [`Template::for_input`].
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`], with the other variables that they use.
    pub fn for_input<T: JsonSchema>(self) -> Result<Self> {
        self.each(Template::for_input::<T>)
    }

    fn each(self, check: impl Fn(Template) -> Result<Template>) -> Result<Self> {
        let checked = self.templates.into_iter().map(|(role, template)| Ok((role, check(template)?)));
        Ok(ChatTemplate { templates: checked.collect::<Result<_>>()? })
    }

    /// Returns the messages for a value.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] if a variable is missing, or a filter cannot be applied to a value.
    pub fn render(&self, input: &impl Serialize) -> Result<Messages> {
        let said = |(role, template): &(Role, Template)| {
            let text = template.render(input)?;
            Ok(match role {
                Role::System => Message::system(text),
                Role::Assistant => Message::assistant(text),
                Role::User | Role::Tool => Message::user(text),
            })
        };
        self.templates.iter().map(said).collect()
    }
}

impl Step for Template {
    const NODE: Node = Node::leaf("template", Kind::Prompt);

    fn details(&self, details: &mut Details) {
        details.set("template", self.source());
    }
}

impl Step for ChatTemplate {
    const NODE: Node = Node::leaf("template", Kind::Prompt);

    fn details(&self, details: &mut Details) {
        for (at, (role, template)) in self.templates.iter().enumerate() {
            details.set(format!("template_{}_{role}", at + 1), template.source());
        }
    }
}

macro_rules! renders {
    ($($Template:ty => $Output:ty),*) => {$(
        impl<In: Serialize + Send> Runnable<In> for $Template {
            type Output = $Output;
            type Chunk = $Output;
            type Assembler = Whole<$Output>;

            fn assembler(&self) -> Self::Assembler {
                Whole::default()
            }

            fn types(&self, types: &mut Types) {
                types.serialize::<$Output>();
            }

            fn input_json(&self, input: &In) -> Option<serde_json::Value> {
                serde_json::to_value(input).ok()
            }

            fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> impl Future<Output = Result<$Output>> + Send
            where
                In: Clone + Sync,
            {
                Running::call_ref(self, input, cx)
            }

            fn start<'a>(&'a self, input: In, _cx: &'a Context) -> Started<impl Call<'a, Self, $Output>, $Output> {
                ready(self.render(&input))
            }

            fn start_ref<'a>(&'a self, input: &'a In, _cx: &'a Context) -> Started<impl Call<'a, Self, $Output>, $Output>
            where
                In: Clone + Sync,
            {
                ready(self.render(input))
            }

            fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, $Output>
            where
                In: 'a,
            {
                Chunks::once(self.call(input, cx))
            }

            fn transform<'a, Up>(&'a self, chunks: Chunks<'a, Up::Chunk>, assembler: Up, cx: &'a Context) -> Chunks<'a, $Output>
            where
                Up: Assemble<Output = In>,
                In: 'a,
            {
                Chunks::once(async move { self.call(chunks.assemble(assembler).await?, cx).await })
            }
        }
    )*};
}
renders!(Template => String, ChatTemplate => Messages);
