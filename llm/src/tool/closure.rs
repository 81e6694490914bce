//! Tools made of closures.

use super::{Tool, ToolContent, ToolDefinition, ToolOutput, ToolParameter};
use catena::{Context, Error, ErrorKind, Result};
use serde_json::Value;
use std::{fmt, future::Future, sync::Arc, time::Duration};

type Call = dyn Fn(Value) -> futures_util::future::BoxFuture<'static, Result<ToolContent>> + Send + Sync;

/// A tool made of a closure; created by [`tool_fn`] and [`tool_with_schema`]. A clone copies the name and some
/// pointers.
#[derive(Clone)]
pub struct FnTool {
    definition: Arc<ToolDefinition>,
    call: Arc<Call>,
    timeout: Option<Duration>,
    idempotent: bool,
}

/// Creates a tool from a closure that returns a future. A closure that captures a handle is shorter with the macro
/// [`tool_fn!`](macro@crate::tool_fn). Its argument is a struct that derives `serde::Deserialize` and
/// `schemars::JsonSchema`.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::{ToolCall, ToolStep, tool_fn};
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Sum { a: i64, b: i64 }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let offset = 10;
/// let add = tool_fn("add", "Adds two numbers.", move |sum: Sum| async move { Ok(offset + sum.a + sum.b) });
/// let answer = ToolStep::new(add).invoke(ToolCall::new("1", "add", r#"{"a": 1, "b": 2}"#)).await?;
/// assert_eq!(answer.parts()[0].content(), "13");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub fn tool_fn<A, F, Fut, O>(name: impl Into<String>, description: impl Into<String>, call: F) -> FnTool
where
    A: ToolParameter,
    F: Fn(A) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<O>> + Send + 'static,
    O: ToolOutput,
{
    let call = Arc::new(call);
    tool_with_schema(name, description, A::schema(), move |arguments: Value| {
        let call = Arc::clone(&call);
        async move {
            let arguments = (A::PARAMETER.read)(arguments)
                .map_err(|error| Error::new(ErrorKind::Parse { raw: String::new() }, error.to_string()))?;
            call(arguments).await
        }
    })
}

/// Creates a tool from an async closure that uses what it has captured, like a closure in a chain. Its calls share the
/// captured values; none is cloned by hand.
///
/// A function, [`tool_fn`], takes closures that return an `async` block. The macro takes both. Errors of `std` become
/// errors of the tool by `?`, others by [`Error::other`].
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::{ToolCall, ToolStep, tool_fn};
/// use std::collections::BTreeMap;
///
/// struct Orders(BTreeMap<u32, String>);
/// impl Orders {
///     async fn of(&self, customer: u32) -> Option<&String> { self.0.get(&customer) }
/// }
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Ask { customer: u32 }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let orders = Orders(BTreeMap::from([(7, "a kettle".to_owned())]));
/// let tool = tool_fn!("orders", "What a customer has ordered.", async move |ask: Ask| {
///     let order = orders.of(ask.customer).await.ok_or("there is no such customer")?;
///     Ok(order.clone())
/// });
/// let answer = ToolStep::new(tool).invoke(ToolCall::new("1", "orders", r#"{"customer": 7}"#)).await?;
/// assert_eq!(answer.parts()[0].content(), "a kettle");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[macro_export]
macro_rules! tool_fn {
    ($name:expr, $description:expr, $call:expr $(,)?) => {{
        let shared = ::std::sync::Arc::new($crate::__private::calls($call));
        // Here the type of the future is known, and so whether it is `Send`.
        $crate::tool_fn($name, $description, move |arguments| {
            let shared = ::std::sync::Arc::clone(&shared);
            async move { (*shared)(arguments).await }
        })
    }};
}

/// Returns the closure, whose types are known from here.
#[doc(hidden)]
pub fn calls<A, O, F: AsyncFn(A) -> Result<O>>(call: F) -> F {
    call
}

/// Creates a tool from an async closure over JSON, with a schema that is known only at run time.
///
/// The top level of the arguments is checked against the schema: required fields are present and have the right types.
pub fn tool_with_schema<F, Fut, O>(
    name: impl Into<String>,
    description: impl Into<String>,
    schema: Value,
    call: F,
) -> FnTool
where
    F: Fn(Value) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<O>> + Send + 'static,
    O: ToolOutput,
{
    let call = move |arguments| -> futures_util::future::BoxFuture<'static, Result<ToolContent>> {
        let outcome = call(arguments);
        Box::pin(async move {
            // The output need not be `Send`: it is converted before the next await point.
            let output = outcome.await?;
            output.content()
        })
    };
    let definition = Arc::new(ToolDefinition::new(name, description, schema));
    FnTool { definition, call: Arc::new(call), timeout: None, idempotent: false }
}

impl FnTool {
    /// Sets the timeout of a call.
    pub fn timeout(mut self, after: Duration) -> Self {
        self.timeout = Some(after);
        self
    }

    /// Declares that calling the tool twice has the effect of calling it once.
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }
}

impl Tool for FnTool {
    fn name(&self) -> &str {
        &self.definition.name
    }

    fn description(&self) -> &str {
        &self.definition.description
    }

    fn schema(&self) -> Value {
        self.definition.schema.clone()
    }

    fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    fn idempotent(&self) -> bool {
        self.idempotent
    }

    fn call<'a>(&'a self, arguments: Value, _cx: &'a Context) -> impl Future<Output = Result<ToolContent>> + Send + 'a {
        (self.call)(arguments)
    }
}

impl fmt::Debug for FnTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnTool").field("definition", &self.definition).finish_non_exhaustive()
    }
}
