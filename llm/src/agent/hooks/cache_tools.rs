use super::{Hook, NextTool};
use crate::{Message, Part, ToolCall, ToolResult};
use catena::Result;
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Keeps the results of tools, and answers the same call from memory, in this run and in others.
///
/// It keeps those of tools that are idempotent ([`#[tool(idempotent)]`](macro@crate::tool)), or of those you
/// [choose](Self::only). Errors are not kept. Arguments are compared as JSON. Of runs for different users, give each its own
/// agent, or choose tools whose results are the same for all.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::{Agent, Message, ToolCall, hooks::CacheTools, testing::{Reply, Scripted}, tool_fn, tools};
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct City { city: String }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let calls = AtomicU32::new(0);
/// let weather = tool_fn("weather", "The weather.", move |city: City| {
///     let number = calls.fetch_add(1, Ordering::Relaxed);
///     async move { Ok(format!("{}: forecast {number}", city.city)) }
/// });
/// let call = |arguments: &str| Reply::from(Message::assistant("").with_tool_call(ToolCall::new("1", "weather", arguments)));
/// let model = Scripted::answers([call(r#"{"city": "Oslo"}"#), call(r#"{ "city":"Oslo" }"#), "Fine.".into()]).chat();
/// let agent = Agent::new(model).tools(tools![weather.idempotent()]?).hook(CacheTools::new(100));
/// let said = agent.invoke("How is Oslo?").await?;
/// assert_eq!(said.messages[4].parts()[0].content(), "Oslo: forecast 0");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct CacheTools {
    capacity: usize,
    keep: Option<Duration>,
    only: Option<HashSet<String>>,
    kept: Mutex<HashMap<(String, String), Kept>>,
}

#[derive(Debug)]
struct Kept {
    since: Instant,
    used: Instant,
    parts: Vec<Part>,
}

impl CacheTools {
    /// Keeps at most so many results. The least recently used one makes room.
    pub fn new(capacity: usize) -> Self {
        CacheTools { capacity, keep: None, only: None, kept: Mutex::default() }
    }

    /// Sets how long a result is kept. By default it has no end.
    pub fn keep_for(mut self, time: Duration) -> Self {
        self.keep = Some(time);
        self
    }

    /// Keeps the results of these tools, idempotent or not, and of no others.
    pub fn only<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.only = Some(names.into_iter().map(Into::into).collect());
        self
    }

    fn find(&self, key: &(String, String)) -> Option<Vec<Part>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get_mut(key)?;
        if self.keep.is_some_and(|keep| found.since.elapsed() >= keep) {
            kept.remove(key);
            return None;
        }
        found.used = Instant::now();
        Some(found.parts.clone())
    }

    fn keep(&self, key: (String, String), parts: Vec<Part>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        kept.insert(key, Kept { since: now, used: now, parts });
        while kept.len() > self.capacity
            && let Some(oldest) = kept.iter().min_by_key(|(_, kept)| kept.used).map(|(key, _)| key.clone())
        {
            kept.remove(&oldest);
        }
    }
}

impl Hook for CacheTools {
    fn name(&self) -> &'static str {
        "cache_tools"
    }

    async fn around_tool(&self, call: ToolCall, next: NextTool) -> Result<ToolResult> {
        let chosen = match &self.only {
            Some(only) => only.contains(&call.name),
            None => next.is_idempotent(&call.name),
        };
        let arguments = call.arguments::<serde_json::Value>().ok().filter(|_| chosen);
        let Some(arguments) = arguments else { return next.call(call).await };
        let key = (call.name.clone(), sorted(&arguments).to_string());
        if let Some(parts) = self.find(&key) {
            return Ok(answer(call, parts));
        }
        let result = next.call(call).await?;
        if result.error.is_none() {
            self.keep(key, result.message.parts().to_vec());
        }
        Ok(result)
    }
}

/// Returns the result with the id of this call.
fn answer(call: ToolCall, parts: Vec<Part>) -> ToolResult {
    let message = Message::new(crate::Role::Tool).with_name(call.name.as_str());
    let message = parts.into_iter().fold(message, |message, part| {
        message.with_part(match part {
            Part::ToolResult { content, .. } => Part::ToolResult { call_id: call.id.clone(), content },
            other => other,
        })
    });
    ToolResult::new(call, message)
}

/// Returns the value with the fields of its objects in order.
fn sorted(value: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(fields.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}
