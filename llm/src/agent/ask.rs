//! One call of the model.

use super::{
    AgentEvent,
    answering::{AnswerFormat, FINAL_ANSWER},
    hook::{CallModel, Turn},
    model::AnyModel,
    recorded,
};
use crate::{ChatRequest, Message, MessageAssembler, Part, ToolCallChunk, parser::Growing};
use catena::{__private::Sender, Assemble, Context, Recorder, Result, Segment};
use futures_util::{StreamExt, future::BoxFuture};
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// The receiver of events; `None` if the agent is not streamed.
pub(super) type Events<'a, T> = Option<&'a Sender<AgentEvent<T>>>;

pub(super) async fn emit<T>(events: Events<'_, T>, event: impl FnOnce() -> AgentEvent<T>) {
    if let Some(events) = events {
        events.send(event()).await;
    }
}

/// The model of an agent, inside of all hooks.
pub(super) struct Asked<'a, A: AnswerFormat> {
    pub(super) model: &'a dyn AnyModel,
    pub(super) finish: &'a A,
    pub(super) events: Events<'a, A::Answer>,
    /// The text that was streamed.
    pub(super) partial: &'a Mutex<String>,
    pub(super) streamed: AtomicBool,
    /// `true` if a recorder had kept the last answer.
    pub(super) replayed: AtomicBool,
}

impl<A: AnswerFormat> CallModel for Asked<'_, A> {
    fn call_model<'a>(&'a self, turn: Turn, cx: &'a Context) -> BoxFuture<'a, Result<Message>> {
        self.call_other(self.model, turn, cx)
    }

    fn call_other<'a>(
        &'a self,
        model: &'a dyn AnyModel,
        turn: Turn,
        cx: &'a Context,
    ) -> BoxFuture<'a, Result<Message>> {
        Box::pin(async move {
            let request = turn.into_request();
            let keeper = cx.get::<Recorder>().map(|recorder| (recorder, request.clone()));
            let ask = async {
                match self.events {
                    None => model.call(request, cx).await,
                    Some(events) => self.stream(model, request, cx, events).await,
                }
            };
            let message = match keeper {
                None => ask.await,
                Some((recorder, request)) => {
                    let answer = recorded::answer(recorder, &request, cx, self.events, ask).await;
                    answer.map(|(message, is_replayed)| {
                        self.replayed.store(is_replayed, Ordering::Release);
                        message
                    })
                }
            };
            message.map_err(|error| error.at(Segment::Step(model.name().to_owned().into())))
        })
    }

    fn has_streamed(&self) -> bool {
        self.streamed.load(Ordering::Acquire)
    }
}

impl<A: AnswerFormat> Asked<'_, A> {
    /// Calls the model, and forwards its text, thoughts and calls as they arrive.
    async fn stream(
        &self,
        model: &dyn AnyModel,
        request: ChatRequest,
        cx: &Context,
        events: &Sender<AgentEvent<A::Answer>>,
    ) -> Result<Message> {
        // A hook may call the model again.
        self.partial.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let mut chunks = model.stream(request, cx);
        let mut message = MessageAssembler::default();
        let mut answer = PartialAnswer::default();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            match &chunk.part {
                Some(Part::Text(text)) => self.text(text, events).await,
                Some(Part::Reasoning(thought)) if !thought.text.is_empty() => {
                    self.streamed.store(true, Ordering::Release);
                    events.send(AgentEvent::Reasoning(thought.text.clone())).await;
                }
                _ => {}
            }
            self.text(&chunk.text, events).await;
            for call in &chunk.tool_calls {
                self.streamed.store(true, Ordering::Release);
                if self.finish.definition().is_none() || !answer.is_part(call) {
                    events.send(AgentEvent::ToolCallChunk(call.clone())).await;
                } else if let Some(json) = answer.growing.push(&call.arguments) {
                    events.send(AgentEvent::Partial(self.finish.partial(json.clone()))).await;
                }
            }
            message.push(chunk);
        }
        message.finish()
    }

    async fn text(&self, text: &str, events: &Sender<AgentEvent<A::Answer>>) {
        if !text.is_empty() {
            self.streamed.store(true, Ordering::Release);
            self.partial.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
            events.send(AgentEvent::Text(text.to_owned())).await;
        }
    }
}

/// The arguments of the call with the typed answer, as they arrive.
#[derive(Default)]
struct PartialAnswer {
    index: Option<usize>,
    growing: Growing,
}

impl PartialAnswer {
    /// Returns whether a chunk of a call is a part of the answer.
    fn is_part(&mut self, call: &ToolCallChunk) -> bool {
        if call.name.as_deref() == Some(FINAL_ANSWER) && self.index.is_none() {
            self.index = Some(call.index);
        }
        self.index == Some(call.index)
    }
}
