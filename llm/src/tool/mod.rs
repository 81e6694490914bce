//! Tools: functions that a model may ask to be called.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Tool`], and the attribute that makes one of a function |
//! | `closure` | [`FnTool`], a tool made of a closure |
//! | `set` | [`Tools`], several tools by name |
//! | `entry`, `source` | the entries of a set: tools, sets, and servers whose list may change |
//! | `names` | names that providers accept, for the tools of servers |
//! | `definition`, `schema` | the description of a tool that a model receives, and the schema of its parameters |
//! | `call_id` | the id of the call that a tool is in |
//! | `call_limits` | how many calls of one answer are made, and how many at the same time |
//! | `choice` | [`ToolChoice`], which tools a model may or must call |
//! | `step` | [`ToolStep`], a tool as a step |
//! | `dispatch` | the step that calls the tool of a set by its name |
//! | `arguments`, `output` | the types of parameters and results, read from and written as JSON |
//! | `content` | [`ToolContent`], a result with images and files |
//! | `integers`, `mend` | arguments whose numbers are floats, and arguments that are almost JSON |
//! | `result` | [`ToolResult`], the result or error of a call |
//! | `catch_panic` | the call itself: timeout, limit of the output, panics |
//! | `truncated` | the check for calls that the limit of tokens cut short |

mod arguments;
mod call_id;
mod call_limits;
mod catch_panic;
mod choice;
pub(crate) mod closure;
mod content;
mod definition;
mod dispatch;
mod entry;
mod integers;
mod mend;
mod names;
mod output;
mod result;
mod schema;
mod set;
mod source;
mod step;
mod truncated;

pub use arguments::{Arguments, ToolParameter};
pub use catch_panic::run;
pub use choice::ToolChoice;
pub use closure::{FnTool, tool_fn, tool_with_schema};
pub use content::ToolContent;
pub use definition::ToolDefinition;
pub use entry::ToolEntry;
pub use output::ToolOutput;
pub use result::ToolResult;
pub use schema::Parameters;
pub use set::Tools;
pub use step::{ToolStep, input_json};

pub(crate) use arguments::read as read_arguments;
pub(crate) use call_id::current as current_call;
pub(crate) use dispatch::{Around, Dispatch};
pub(crate) use names::Taken;
pub(crate) use schema::schema_of;
pub(crate) use set::Boxed;
#[cfg(feature = "mcp")]
pub(crate) use source::{Listing, ToolSource};
pub(crate) use truncated::{Watch as TruncationWatch, check as check_truncated};

use catena::{Context, Result};
use serde_json::{Value, json};
use std::{future::Future, time::Duration};

/// Turns a function into a [`Tool`]: a unit struct of the function's name. The struct is also a step from a
/// [`ToolCall`](crate::ToolCall) to the [`Message`](crate::Message) that answers it.
///
/// The model receives the name, the doc comment and the parameters of the function. Doc comments of parameters describe
/// them. Parameter types derive `serde::Deserialize` and `schemars::JsonSchema`; `&str` and `&T` work too. The model
/// may omit an `Option`. A parameter of type `&Context` receives the context of the run. The function returns a
/// `Serialize` value or a [`ToolContent`], or a `Result` of one. The [agent](crate::Agent) passes its error to the model.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::{Tool, ToolCall, tool};
///
/// /// The weather in a city on one of the next days.
/// #[tool(idempotent)]
/// async fn weather(
///     /// The name of the city, in English.
///     city: &str,
///     /// How many days from now; today, if it is left out.
///     days: Option<u8>,
/// ) -> Result<String, std::fmt::Error> {
///     Ok(format!("sunny in {city} in {} days", days.unwrap_or(0)))
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// assert_eq!(weather.name(), "weather");
/// assert_eq!(weather.schema()["properties"]["city"]["description"], "The name of the city, in English.");
/// assert_eq!(weather.schema()["required"], serde_json::json!(["city"]));
///
/// let answer = weather.invoke(ToolCall::new("call_1", "weather", r#"{"city": "Oslo"}"#)).await?;
/// assert_eq!(answer.parts()[0].content(), "sunny in Oslo in 0 days");
///
/// // The error says how the model can correct its call.
/// let error = weather.invoke(ToolCall::new("call_2", "weather", r#"{"town": "Oslo"}"#)).await.unwrap_err();
/// assert!(error.message().contains("`city` is missing"), "{error}");
///
/// // The function itself is available too.
/// assert_eq!(weather::function("Rome", Some(2)).await.unwrap(), "sunny in Rome in 2 days");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// The arguments that a model writes are read if they have one meaning. An integer may be written as `1.0`. Strings may
/// have line breaks in them, lists a comma at their end, and `None`, `True` and `False` are read as Python means them.
/// Comments, single quotes and missing brackets are errors, which the model receives.
///
/// Options:
/// - `name = ".."`, `description = ".."`: replace those of the function.
/// - `timeout = "5s"`: fails a call that takes longer. A function that is not `async` must also be `blocking`.
/// - `blocking`: runs the function on the threads for blocking work.
/// - `idempotent`: declares that calling the tool twice has the effect of calling it once, so that
///   [policies](catena::policy) allow retries.
/// - `output_limit = 20_000`: sets the maximum size of the output in bytes; see [`Tool::output_limit`].
pub use catena_macros::tool;

/// The default maximum size of a tool's output, in bytes.
pub const OUTPUT_LIMIT: usize = 100_000;

/// A function that a model may ask to be called.
///
/// [`#[tool]`](macro@tool) implements it for functions, [`tool_fn!`](macro@crate::tool_fn) for closures. A manual implementation:
///
/// ```
/// use catena::{Context, RunnableExt};
/// use catena_llm::{Tool, ToolCall, ToolContent, ToolStep};
/// use serde_json::{Value, json};
///
/// struct Search { index: Vec<&'static str> }
///
/// impl Tool for Search {
///     fn name(&self) -> &str { "search" }
///     fn description(&self) -> &str { "Titles that have a word." }
///     fn schema(&self) -> Value {
///         json!({ "type": "object", "properties": { "word": { "type": "string" } }, "required": ["word"] })
///     }
///     async fn call(&self, arguments: Value, _cx: &Context) -> catena::Result<ToolContent> {
///         let word = arguments["word"].as_str().unwrap_or_default();
///         Ok(self.index.iter().filter(|title| title.contains(word)).copied().collect::<Vec<_>>().join("\n").into())
///     }
/// }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let search = ToolStep::new(Search { index: vec!["Moby Dick", "Emma"] });
/// let found = search.invoke(ToolCall::new("1", "search", r#"{"word": "Dick"}"#)).await?;
/// assert_eq!(found.parts()[0].content(), "Moby Dick");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub trait Tool: Send + Sync {
    /// Returns the name that the model uses: letters, digits, `_` and `-`, at most 64.
    fn name(&self) -> &str;

    /// Returns the description for the model: what the tool does and when to use it.
    #[allow(clippy::unnecessary_literal_bound, reason = "that of an implementation may be its own")]
    fn description(&self) -> &str {
        ""
    }

    /// Returns the JSON Schema of the arguments, which is that of an object. The default has no fields.
    fn schema(&self) -> Value {
        json!({ "type": "object", "properties": {} })
    }

    /// Returns the timeout of a call. The default is none.
    fn timeout(&self) -> Option<Duration> {
        None
    }

    /// Returns the maximum size of the output's text in bytes. A longer text is truncated, with a note for the model. The
    /// default is [`OUTPUT_LIMIT`].
    fn output_limit(&self) -> usize {
        OUTPUT_LIMIT
    }

    /// Returns whether calling the tool twice has the effect of calling it once. The default is `false`.
    fn idempotent(&self) -> bool {
        false
    }

    /// Calls the tool. The arguments are a JSON object whose top level fits the [schema](Tool::schema): required fields
    /// are present and have the right types.
    ///
    /// # Errors
    /// An error that an [agent](crate::Agent) passes to the model, which can then try something else.
    fn call<'a>(&'a self, arguments: Value, cx: &'a Context) -> impl Future<Output = Result<ToolContent>> + Send + 'a;
}

macro_rules! pointer {
    ($($Pointer:ty),*) => {$(
        impl<T: Tool> Tool for $Pointer {
            fn name(&self) -> &str {
                (**self).name()
            }

            fn description(&self) -> &str {
                (**self).description()
            }

            fn schema(&self) -> Value {
                (**self).schema()
            }

            fn timeout(&self) -> Option<Duration> {
                (**self).timeout()
            }

            fn output_limit(&self) -> usize {
                (**self).output_limit()
            }

            fn idempotent(&self) -> bool {
                (**self).idempotent()
            }

            fn call<'a>(
                &'a self,
                arguments: Value,
                cx: &'a Context,
            ) -> impl Future<Output = Result<ToolContent>> + Send + 'a {
                (**self).call(arguments, cx)
            }
        }
    )*};
}
pointer!(&T, std::sync::Arc<T>);
