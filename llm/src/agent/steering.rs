use crate::Message;
use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::Notify;

/// A handle on a run of an [`Agent`](crate::Agent): it adds messages while the agent runs, and stops it. Add it to the run's
/// [`Config`](catena::Config) and keep a clone.
///
/// ```
/// use catena::{Config, RunnableExt};
/// use catena_llm::{Agent, AgentError, Steering, StopReason, Message, ToolCall, testing::{Reply, Scripted}, tool_fn, tools};
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Nothing {}
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let steering = Steering::new();
/// let user = steering.clone();
/// let look = tool_fn("look", "Looks around.", move |_: Nothing| {
///     user.send("Look at the sea, too."); // The user types while the tool runs.
///     async { Ok("There is a hill.") }
/// });
/// let asked = Message::assistant("").with_tool_call(ToolCall::new("1", "look", "{}"));
/// let model = Scripted::answers([Reply::from(asked), "A hill, and the sea.".into()]).chat();
/// let agent = Agent::new(model).tools(tools![look]?);
/// let said = agent.invoke_with("Look.", Config::new().with(steering)).await?;
/// assert_eq!(said.messages[3].text(), "Look at the sea, too.");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// A handle is for one run at a time: of the agents in a run, the first one takes it, and agents that are its tools do
/// not.
#[derive(Clone, Default)]
pub struct Steering(Arc<Inner>);

#[derive(Default)]
struct Inner {
    messages: Mutex<VecDeque<Message>>,
    stopped: AtomicBool,
    stop: Notify,
    /// `true` while an agent runs with it.
    taken: AtomicBool,
}

impl Steering {
    /// Creates a handle.
    pub fn new() -> Self {
        Steering::default()
    }

    /// Adds a message of the user. The agent reads it before its next call of the model, after the results of tools that
    /// are in flight. If it was about to answer, it goes on instead.
    pub fn send(&self, text: impl Into<String>) {
        self.send_message(Message::user(text));
    }

    /// Adds a message; see [`send`](Self::send). Providers take messages of the user here.
    pub fn send_message(&self, message: Message) {
        self.messages().push_back(message);
    }

    /// Stops the run, now or when it begins. Calls in flight are dropped. The error of the run has the conversation, as an
    /// [`AgentError`](crate::AgentError) whose reason is [`Stopped`](crate::StopReason::Stopped): with the text that was
    /// streamed so far, and for each tool call a result, so that every provider accepts it as it is.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::Release);
        self.0.stop.notify_waiters();
    }

    /// Returns the messages that no agent has read, for example because it had answered before.
    pub fn take_unread(&self) -> Vec<Message> {
        self.messages().drain(..).collect()
    }

    fn messages(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.0.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the handle for a run; `None` if another run has it.
    pub(super) fn take(&self) -> Option<Taken> {
        let free = self.0.taken.compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire).is_ok();
        free.then(|| Taken(self.clone()))
    }
}

impl fmt::Debug for Steering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Steering").field("unread", &self.messages().len()).finish_non_exhaustive()
    }
}

/// The handle of the run that has it.
pub(super) struct Taken(Steering);

impl Taken {
    /// Completes when the run is stopped.
    pub(super) async fn stopped(&self) {
        let inner = &self.0.0;
        loop {
            let notified = inner.stop.notified();
            if inner.stopped.load(Ordering::Acquire) {
                return;
            }
            notified.await;
        }
    }

    pub(super) fn unread(&self) -> Vec<Message> {
        self.0.take_unread()
    }

    pub(super) fn has_unread(&self) -> bool {
        !self.0.messages().is_empty()
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.0.taken.store(false, Ordering::Release);
    }
}
