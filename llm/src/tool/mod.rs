//! Tools: functions that a model may ask to be called.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Tool`], and the attribute that makes one of a function |
//! | `closure` | [`FnTool`], a tool made of a closure |
//! | `set` | [`Tools`], several tools by name |
//! | `definition`, `schema` | the description of a tool that a model receives, and the schema of its parameters |
//! | `choice` | [`ToolChoice`], which tools a model may or must call |
//! | `step` | [`ToolStep`], a tool as a step |
//! | `dispatch` | the step that calls the tool of a set by its name |
//! | `arguments`, `output` | the types of parameters and results, read from and written as JSON |
//! | `result` | [`ToolResult`], the result or error of a call |
//! | `catch_panic` | the call itself: timeout, limit of the output, panics |
//! | `truncated` | the check for calls that the limit of tokens cut short |

mod arguments;
mod catch_panic;
mod choice;
mod closure;
mod definition;
mod dispatch;
mod output;
mod result;
mod schema;
mod set;
mod step;
mod truncated;

pub use arguments::{Arguments, ToolParameter};
pub use catch_panic::run;
pub use choice::ToolChoice;
pub use closure::{FnTool, tool_fn, tool_with_schema};
pub use definition::ToolDefinition;
pub use output::{ToolOutput, content};
pub use result::ToolResult;
pub use schema::Parameters;
pub use set::Tools;
pub use step::{ToolStep, input_json};

pub(crate) use arguments::read as read_arguments;
pub(crate) use dispatch::Dispatch;
pub(crate) use schema::schema_of;
pub(crate) use truncated::{check as check_truncated, watch as watch_truncated};

use catena::{Context, Result};
use serde_json::{Value, json};
use std::{future::Future, time::Duration};

/// Makes a function a [`Tool`]: a unit struct of its name, which is also a step from a [`ToolCall`](crate::ToolCall) to
/// the [`Message`](crate::Message) that answers it.
///
/// The function's name, doc comment and parameters are what the model is told: the doc comments of the parameters describe
/// them. Parameters are of any type that derives `serde::Deserialize` and `schemars::JsonSchema` (for `&str` and `&T` too);
/// an `Option` may be left out by the model. One of type `&Context` gets the context of the run. The function returns anything that is
/// `Serialize`, or a `Result` of it; its error is told to the model by the [agent](crate::Agent).
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
/// // What the model got wrong is said so that it can put it right.
/// let error = weather.invoke(ToolCall::new("call_2", "weather", r#"{"town": "Oslo"}"#)).await.unwrap_err();
/// assert!(error.message().contains("`city` is missing"), "{error}");
///
/// // The function itself is there too.
/// assert_eq!(weather::function("Rome", Some(2)).await.unwrap(), "sunny in Rome in 2 days");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// Options:
/// - `name = ".."`, `description = ".."`: in place of the function's own.
/// - `timeout = "5s"`: past it the call fails. A function that is not `async` has to be `blocking` for that.
/// - `blocking`: on the threads for work that blocks.
/// - `idempotent`: twice is as good as once, so that [policies](catena::policy) allow to retry it.
/// - `output_limit = 20_000`: the most bytes it may give; see [`Tool::output_limit`].
pub use catena_macros::tool;

/// How many bytes of a tool's result a model is shown, where nothing else is said.
pub const OUTPUT_LIMIT: usize = 100_000;

/// Something a model may ask to be called.
///
/// Functions get it by [`#[tool]`](macro@tool), closures by [`tool_fn`]. By hand:
///
/// ```
/// use catena::{Context, RunnableExt};
/// use catena_llm::{Tool, ToolCall, ToolStep};
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
///     async fn call(&self, arguments: Value, _cx: &Context) -> catena::Result<String> {
///         let word = arguments["word"].as_str().unwrap_or_default();
///         Ok(self.index.iter().filter(|title| title.contains(word)).copied().collect::<Vec<_>>().join("\n"))
///     }
/// }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let search = ToolStep::new(Search { index: vec!["Moby Dick", "Emma"] });
/// let found = search.invoke(ToolCall::new("1", "search", r#"{"word": "Dick"}"#)).await?;
/// assert_eq!(found.parts()[0].content(), "Moby Dick");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub trait Tool: Send + Sync {
    /// The name the model calls it by: letters, digits, `_` and `-`, at most 64 of them.
    fn name(&self) -> &str;

    /// What it does and when to use it, for the model.
    #[allow(clippy::unnecessary_literal_bound, reason = "that of an implementation may be its own")]
    fn description(&self) -> &str {
        ""
    }

    /// The JSON Schema of its arguments, an object. By default one without fields.
    fn schema(&self) -> Value {
        json!({ "type": "object", "properties": {} })
    }

    /// How long a call may take. By default as long as it likes.
    fn timeout(&self) -> Option<Duration> {
        None
    }

    /// The most bytes of text it may give. What is more is cut off, and the model is told so. By default
    /// [`OUTPUT_LIMIT`].
    fn output_limit(&self) -> usize {
        OUTPUT_LIMIT
    }

    /// Whether calling it twice is as good as calling it once.
    fn idempotent(&self) -> bool {
        false
    }

    /// Call it. The arguments are a JSON object whose top level fits the [schema](Tool::schema): required fields are there, and
    /// of their types.
    ///
    /// # Errors
    /// What an [agent](crate::Agent) tells the model, so that it can try otherwise.
    fn call<'a>(&'a self, arguments: Value, cx: &'a Context) -> impl Future<Output = Result<String>> + Send + 'a;
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

            fn call<'a>(&'a self, arguments: Value, cx: &'a Context) -> impl Future<Output = Result<String>> + Send + 'a {
                (**self).call(arguments, cx)
            }
        }
    )*};
}
pointer!(&T, std::sync::Arc<T>);
