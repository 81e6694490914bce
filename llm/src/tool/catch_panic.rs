//! A call of a tool that cannot harm its caller.

use super::{Tool, ToolContent, arguments, call_id};
use crate::{Message, ToolCall, telemetry::Telemetry};
use catena::{Context, Error, ErrorKind, Result};
use futures_util::FutureExt;
use serde_json::Value;
use std::{panic::AssertUnwindSafe, time::Duration};

/// Calls a tool. The arguments are parsed and checked, the time is limited, the output is truncated, and a panic
/// becomes an error.
///
/// # Errors
/// The error of the tool, [`ErrorKind::Parse`] for its arguments, [`ErrorKind::Timeout`], [`ErrorKind::Panic`].
#[doc(hidden)]
pub async fn run<T: Tool>(tool: &T, call: ToolCall, cx: &Context) -> Result<Message> {
    call_checked(tool, &tool.schema(), call, cx).await
}

/// Calls a tool whose schema is known; see [`run`].
pub(super) async fn call_checked<T: Tool>(tool: &T, schema: &Value, call: ToolCall, cx: &Context) -> Result<Message> {
    if call.name != tool.name() {
        let message = format!("this is a call of `{}`, not of `{}`", call.name, tool.name());
        return Err(Error::new(ErrorKind::BadInput, message));
    }
    Telemetry::record_tool_call(cx, &call.id, tool.description());
    let arguments = arguments::read(&call, schema)?;
    // The call itself is inside: a hand-written tool may do its work before it returns a future.
    let work = AssertUnwindSafe(async { tool.call(arguments, cx).await }).catch_unwind();
    let work = call_id::within(call.id.clone(), work);
    let outcome = match tool.timeout() {
        None => work.await,
        Some(after) => tokio::time::timeout(after, work).await.map_err(|_| timed_out(&call.name, after))?,
    };
    let outcome = outcome.unwrap_or_else(|panic| Err(Error::panicked(format_args!("`{}`", call.name), &*panic)));
    let ToolContent { text, parts } = outcome.map_err(|error| arguments::about(error, &call))?;
    let message = Message::tool(call.id, cut(text, tool.output_limit())).with_name(call.name);
    Ok(parts.into_iter().fold(message, Message::with_part))
}

#[cold]
fn timed_out(name: &str, after: Duration) -> Error {
    Error::new(ErrorKind::Timeout { after }, format!("`{name}` gave nothing within {after:?}"))
}

/// Truncates a text, and appends a note if it was longer.
fn cut(mut text: String, limit: usize) -> String {
    if text.len() > limit {
        let all = text.len();
        let end = (0..=limit).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text = format!("{text}\n[cut off here: the tool gave {all} bytes, and these are the first {end} of them]");
    }
    text
}
