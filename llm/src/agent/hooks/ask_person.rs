use super::Hook;
use crate::{Tools, tool_fn};
use catena::Result;
use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use std::{fmt, future::Future, sync::Arc};

/// Lets the model ask a person, by a tool `ask_person`. The function asks, and waits for the answer; its error is one of the
/// call, which the model reads.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::{Agent, Message, ToolCall, hooks::AskPerson, testing::{Reply, Scripted}};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let person = AskPerson::new(|question| async move {
///     assert_eq!(question, "By train or by car?"); // shown to a person
///     Ok("By train.".to_owned())
/// });
/// let call = ToolCall::new("1", "ask_person", r#"{"question": "By train or by car?"}"#);
/// let model = Scripted::answers([Reply::from(Message::assistant("").with_tool_call(call)), "Take the 7:05.".into()]).chat();
/// let said = Agent::new(model).hook(person).invoke("How do I get there?").await?;
/// assert_eq!(said.messages[2].parts()[0].content(), "By train.");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// To let another process ask, days later, [pause](crate::Approval::pause) before a call of a tool of your own.
#[derive(Clone)]
pub struct AskPerson {
    ask: Arc<dyn Fn(String) -> BoxFuture<'static, Result<String>> + Send + Sync>,
}

#[derive(Deserialize, JsonSchema)]
struct Question {
    question: String,
}

impl AskPerson {
    /// Asks by this function.
    pub fn new<F, Fut>(ask: F) -> Self
    where
        F: Fn(String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<String>> + Send + 'static,
    {
        AskPerson { ask: Arc::new(move |question| Box::pin(ask(question))) }
    }
}

impl fmt::Debug for AskPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AskPerson").finish_non_exhaustive()
    }
}

impl Hook for AskPerson {
    fn name(&self) -> &'static str {
        "ask_person"
    }

    fn tools(&self) -> Result<Tools> {
        let ask = Arc::clone(&self.ask);
        let description = "Asks the user. Use it if you cannot go on without something that only the user knows.";
        Tools::new().with(tool_fn("ask_person", description, move |asked: Question| ask(asked.question)))
    }
}
