use super::{Agent, answering::AnswerFormat, local::Local};
use crate::{ChatRequest, Message, MessageChunk, Tool, ToolContent, tool};
use catena::{Context, Result, Runnable};
use serde_json::{Value, json};
use std::fmt;

/// An agent as a tool of another; created by [`Agent::as_tool`].
#[derive(Clone)]
pub struct AgentTool<S, A> {
    agent: Agent<S, A>,
    name: String,
    description: String,
}

impl<S, A> Agent<S, A> {
    /// Returns this agent as a tool of another one. The model gives it a task as text, and reads its answer: the text of
    /// its last message, or its typed answer as JSON.
    ///
    /// The limits of this agent are its own. Its events are beneath those of the call, and its tokens and cost count
    /// towards the [answer](crate::AgentAnswer) and the [limit](Agent::cost_limit) of the agent that calls it. An agent
    /// without an answer is an error of the call, which the model reads.
    ///
    /// A call that [pauses](crate::Approval::Pause) it pauses the agent around it, too, after the calls beside it have ended.
    /// The [`AgentPaused`](crate::AgentPaused) has the state of both, and goes on with both.
    ///
    /// ```
    /// use catena::RunnableExt;
    /// use catena_llm::{Agent, Message, ToolCall, testing::{Reply, Scripted}, tools};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let researcher = Agent::new(Scripted::answers(["It has 21 moons."]).chat()).max_steps(5);
    /// let call = ToolCall::new("1", "researcher", r#"{"task": "How many moons has it?"}"#);
    /// let asked = Message::assistant("").with_tool_call(call);
    /// let model = Scripted::answers([Reply::from(asked), "21, I am told.".into()]).chat();
    /// let agent = Agent::new(model).tools(tools![researcher.as_tool("researcher", "Finds out facts.")]?);
    /// let said = agent.invoke("How many moons?").await?;
    /// assert_eq!(said.messages[2].parts()[0].content(), "It has 21 moons.");
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn as_tool(self, name: impl Into<String>, description: impl Into<String>) -> AgentTool<S, A> {
        AgentTool { agent: self, name: name.into(), description: description.into() }
    }
}

impl<S, A> Tool for AgentTool<S, A>
where
    S: Runnable<ChatRequest, Output = Message, Chunk = MessageChunk>,
    A: AnswerFormat,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> &str {
        &self.description
    }

    fn schema(&self) -> Value {
        json!({
            "type": "object",
            "properties": { "task": { "type": "string", "description": "The task, with all that is needed to do it." } },
            "required": ["task"],
            "additionalProperties": false,
        })
    }

    async fn call(&self, arguments: Value, cx: &Context) -> Result<ToolContent> {
        let task = arguments["task"].as_str().unwrap_or_default();
        let paused = tool::current_call().and_then(|id| Local::around()?.take_paused(&id));
        let said = match paused {
            Some(paused) => self.agent.call(paused, cx).await?,
            None => self.agent.call(Message::user(task), cx).await?,
        };
        Ok(match &said.json {
            Value::String(text) => text.clone().into(),
            json if self.agent.is_typed() => json.to_string().into(),
            _ => said.messages.last().map(Message::text).unwrap_or_default().into(),
        })
    }
}

impl<S, A> fmt::Debug for AgentTool<S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentTool").field("name", &self.name).finish_non_exhaustive()
    }
}
