use super::{Hook, NextModel, Turn};
use crate::{ChatRequest, Message, MessageChunk, agent::model::HookModel};
use catena::{ErrorKind, Result, Runnable};
use std::fmt;

/// Asks another model if the agent's fails. Each turn begins with the agent's model again.
///
/// In a stream it does so only if nothing was yielded of the answer that failed. A deadline and a cancellation are not
/// recovered from. If both fail, the error is the first one, with the second attached.
///
/// A step's [`fallback`](catena::StepExt::fallback) does the same for the model alone; this hook sees the conversation as
/// the hooks before it have made it, and can stand in an agent whose model has another type.
///
/// ```
/// use catena::{Error, RunnableExt};
/// use catena_llm::{Agent, hooks::FallBack, testing::{Reply, Scripted}};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let down = Scripted::answers([Reply::from(Error::msg("overloaded"))]).chat();
/// let backup = Scripted::answers(["Hello from the other one."]).chat();
/// let agent = Agent::new(down).hook(FallBack::to(backup));
/// assert_eq!(agent.invoke("Hello").await?.answer.text(), "Hello from the other one.");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub struct FallBack {
    model: HookModel,
}

impl FallBack {
    /// Falls back to this model.
    pub fn to<S>(model: S) -> Self
    where
        S: Runnable<ChatRequest, Output = Message, Chunk = MessageChunk> + 'static,
    {
        FallBack { model: HookModel::new(model) }
    }
}

impl fmt::Debug for FallBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FallBack").field("model", &self.model.0.name()).finish()
    }
}

impl Hook for FallBack {
    fn name(&self) -> &'static str {
        "fall_back"
    }

    async fn around_model(&self, turn: Turn, next: NextModel<'_>) -> Result<Message> {
        let error = match next.call(turn.clone()).await {
            Ok(message) => return Ok(message),
            Err(error) => error,
        };
        if next.has_streamed() || matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Deadline) {
            return Err(error);
        }
        next.call_other(&*self.model.0, turn).await.map_err(|second| error.with_others([second]))
    }
}
