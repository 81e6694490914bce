//! An agent that waits for decisions of another process.

use super::Approval;
use crate::{Cost, Message, Messages, Options, ToolCall, ToolChoice, Usage};
use catena::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// The version of the stored form: the second one has the states of agents inside. A state without any is of the first.
const VERSION: u32 = 2;

/// The state of an [`Agent`](crate::Agent) that waits for decisions on tool calls, because its function for approval
/// returned [`Approval::Pause`]. It is a source of the agent's error.
///
/// It is a value that can be stored (by `serde`) and answered by another process, days later. Every call needs a decision;
/// then the agent goes on with it as its input. No call of the answer was made before that, so that none is made twice.
/// The answer of the model is not asked for again.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::{Agent, AgentPaused, Approval, Message, ToolCall, testing::{Reply, Scripted}, tool, tools};
///
/// /// Deletes a file.
/// #[tool]
/// fn delete(path: &str) -> String { format!("{path} is gone") }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let call = |id: &str, path: &str| ToolCall::new(id, "delete", format!(r#"{{"path": "{path}"}}"#));
/// let asked = Message::assistant("").with_tool_call(call("1", "a.txt")).with_tool_call(call("2", "b.txt"));
/// let model = Scripted::answers([Reply::from(asked), "Done.".into()]).chat();
/// let agent = Agent::new(model).tools(tools![delete]?).approve(|_| Approval::pause());
///
/// let error = agent.invoke("Clean up.").await.unwrap_err();
/// let stored = serde_json::to_string(error.downcast_ref::<AgentPaused>().unwrap())?;
///
/// // In another process:
/// let mut paused: AgentPaused = serde_json::from_str(&stored)?;
/// assert_eq!(paused.waiting().count(), 2);
/// paused.approve("1")?;
/// paused.refuse("2", "that one is needed")?;
/// let answer = agent.invoke(paused).await?;
/// assert_eq!(answer.messages[2].parts()[0].content(), "a.txt is gone");
/// assert_eq!(answer.messages[3].parts()[0].content(), "Refused: that one is needed");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// The calls of an agent that is a [tool](crate::Agent::as_tool) are among those that wait, under the id of the call that
/// the agent is in, a slash, and their own. Calls beside it have ended, and are not made again.
///
/// It has the conversation and the settings of its answers in it, but no model, tool or key. The [limits](crate::Agent::max_steps)
/// of steps and cost go on counting; that of time begins again. Resuming the same state twice makes its calls twice: mark
/// it as used where you store it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentPaused {
    version: u32,
    messages: Messages,
    /// The conversation as the model sees it, if hooks have changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) view: Option<Messages>,
    pub(super) options: Options,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tool_choice: Option<ToolChoice>,
    pub(super) given: usize,
    pub(super) usage: Usage,
    pub(super) cost: Option<Cost>,
    pub(super) known_cost: Cost,
    pub(super) steps: u32,
    pub(super) attempts: u32,
    /// The calls of the last message, with the decisions so far.
    pub(super) calls: Vec<Decided>,
}

/// A call, and the decision on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Decided {
    pub(super) call: ToolCall,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) decision: Option<Approval>,
    /// The result, if the call has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) result: Option<Message>,
    /// The agent inside, if it is one that was paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) inner: Option<Box<AgentPaused>>,
}

impl Decided {
    pub(super) fn new(call: ToolCall) -> Self {
        Decided { call, decision: None, result: None, inner: None }
    }
}

impl AgentPaused {
    pub(super) fn new(messages: Messages, view: Option<Messages>, calls: Vec<Decided>) -> Self {
        AgentPaused {
            version: if calls.iter().any(|call| call.inner.is_some()) { VERSION } else { 1 },
            messages,
            view,
            options: Options::default(),
            tool_choice: None,
            given: 0,
            usage: Usage::default(),
            cost: None,
            known_cost: Cost::ZERO,
            steps: 0,
            attempts: 0,
            calls,
        }
    }

    /// Returns the conversation, which ends with the message of the model that has the calls.
    pub fn messages(&self) -> &Messages {
        &self.messages
    }

    /// Returns the calls that have no decision yet. Calls of agents inside have ids such as `call_1/call_7`.
    pub fn waiting(&self) -> impl Iterator<Item = ToolCall> {
        let mut waiting = Vec::new();
        self.collect("", &mut waiting);
        waiting.into_iter()
    }

    fn collect(&self, before: &str, waiting: &mut Vec<ToolCall>) {
        for Decided { call, decision, inner, .. } in &self.calls {
            let id = format!("{before}{}", call.id);
            if decision.is_none() {
                waiting.push(ToolCall { id, ..call.clone() });
            } else if let Some(inner) = inner {
                inner.collect(&format!("{id}/"), waiting);
            }
        }
    }

    /// Lets the call of this id be made.
    ///
    /// # Errors
    /// Those of [`decide`](Self::decide).
    pub fn approve(&mut self, id: &str) -> Result<()> {
        self.decide(id, Approval::Call)
    }

    /// Lets the call of this id be made with other arguments.
    ///
    /// # Errors
    /// Those of [`decide`](Self::decide).
    pub fn approve_with(&mut self, id: &str, arguments: &Value) -> Result<()> {
        let call = self.find(id)?.call.clone();
        self.decide(id, Approval::Change(ToolCall { raw_arguments: arguments.to_string(), ..call }))
    }

    /// Refuses the call of this id. The model reads the reason.
    ///
    /// # Errors
    /// Those of [`decide`](Self::decide).
    pub fn refuse(&mut self, id: &str, reason: impl Into<String>) -> Result<()> {
        self.decide(id, Approval::refuse(reason))
    }

    /// Sets the decision on the call of this id.
    ///
    /// # Errors
    /// [`BadInput`](ErrorKind::BadInput) if no call of this id waits: there is none, or it was decided before.
    pub fn decide(&mut self, id: &str, approval: Approval) -> Result<()> {
        self.find(id)?.decision = match approval {
            Approval::Pause => None,
            decided => Some(decided),
        };
        Ok(())
    }

    fn find(&mut self, id: &str) -> Result<&mut Decided> {
        let gone = self.gone(id);
        self.search(id).ok_or(gone)
    }

    /// Returns the call of this id that waits, here or in an agent inside.
    fn search(&mut self, id: &str) -> Option<&mut Decided> {
        if let Some(at) = self.calls.iter().position(|call| call.call.id == id && call.decision.is_none()) {
            return self.calls.get_mut(at);
        }
        self.calls.iter_mut().find_map(|Decided { call, inner, .. }| {
            let rest = id.strip_prefix(&call.id)?.strip_prefix('/')?;
            inner.as_mut()?.search(rest)
        })
    }

    fn has(&self, id: &str) -> bool {
        self.calls.iter().any(|Decided { call, inner, .. }| {
            let rest = id.strip_prefix(&call.id).and_then(|rest| rest.strip_prefix('/'));
            call.id == id || rest.zip(inner.as_ref()).is_some_and(|(rest, inner)| inner.has(rest))
        })
    }

    #[cold]
    fn gone(&self, id: &str) -> Error {
        let waiting: Vec<String> = self.waiting().map(|call| format!("`{}` ({})", call.id, call.name)).collect();
        let there =
            if waiting.is_empty() { "none does".to_owned() } else { format!("waiting are {}", waiting.join(", ")) };
        let message = if self.has(id) {
            format!("the call `{id}` was decided already; {there}")
        } else {
            format!("no call `{id}` waits for a decision: {there}")
        };
        Error::new(ErrorKind::BadInput, message)
    }

    /// Checks that it was stored whole, and by a version that is understood.
    pub(super) fn check(&self) -> Result<()> {
        let wrong = |why: String| Err(Error::new(ErrorKind::BadInput, format!("a paused agent cannot go on: {why}")));
        if !(1..=VERSION).contains(&self.version) {
            let version = self.version;
            return wrong(format!("its state has version {version}, and versions up to {VERSION} are understood"));
        }
        let asked = self.messages.last().map(crate::Message::tool_calls).unwrap_or_default();
        if asked.len() != self.calls.len() || asked.iter().zip(&self.calls).any(|(asked, call)| *asked != call.call) {
            return wrong("its calls are not those of its last message".to_owned());
        }
        if self.given > self.messages.len() {
            return wrong("its conversation is not whole".to_owned());
        }
        Ok(())
    }
}

impl fmt::Display for AgentPaused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.waiting().map(|call| format!("`{}`", call.name)).collect();
        write!(f, "the agent waits for a decision on {}", names.join(", "))
    }
}

impl std::error::Error for AgentPaused {}
