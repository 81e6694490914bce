//! Answers of the model that a recorder keeps, so that an agent goes on where it was stopped.

use super::{AgentEvent, ask::Events};
use crate::{ChatRequest, Message};
use catena::{Context, Recorder, Result};
use std::sync::atomic::{AtomicBool, Ordering};

/// Returns the answer that was kept for this request, or that of the model, with whether it was kept. An answer that was
/// kept is one event of text.
pub(super) async fn answer<T: Send>(
    recorder: &Recorder,
    request: &ChatRequest,
    cx: &Context,
    events: Events<'_, T>,
    ask: impl Future<Output = Result<Message>> + Send,
) -> Result<(Message, bool)> {
    let asked = AtomicBool::new(false);
    let ask = async {
        asked.store(true, Ordering::Relaxed);
        ask.await
    };
    let message: Message = recorder.call("model", request, cx, ask).await?;
    let is_replayed = !asked.load(Ordering::Relaxed);
    if let Some(events) = events
        && is_replayed
        && !message.text().is_empty()
    {
        events.send(AgentEvent::Text(message.text().to_owned())).await;
    }
    Ok((message, is_replayed))
}
