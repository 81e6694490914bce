//! A model that notes when it was asked and when it answered, so that what a comparison adds to its models can be told apart.

use catena::{Chunks, Context, Result};
use catena_llm::{ChatModel, ChatRequest, Message, MessageChunk, ProviderModel};
use futures_util::StreamExt;
use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

/// What the models of one client have noted.
#[derive(Default)]
pub struct Clock(Mutex<Noted>);

#[derive(Clone, Copy, Default)]
pub struct Noted {
    /// The longest that one model took.
    pub slowest: Duration,
    /// When the first piece of any of them came.
    pub first: Option<Instant>,
}

impl Clock {
    /// What was noted, to begin anew.
    pub fn take(&self) -> Noted {
        std::mem::take(&mut *self.0.lock().expect("nothing panics here"))
    }

    fn note(&self, note: impl FnOnce(&mut Noted)) {
        note(&mut self.0.lock().expect("nothing panics here"));
    }
}

/// The model, and who wants to know.
pub struct Timed<'a> {
    pub model: ProviderModel,
    pub clock: &'a Clock,
}

impl ChatModel for Timed<'_> {
    fn name(&self) -> &str {
        self.model.name()
    }

    async fn complete(&self, request: ChatRequest, cx: &Context) -> Result<Message> {
        let begun = Instant::now();
        let answer = self.model.complete(request, cx).await;
        self.clock.note(|noted| noted.slowest = noted.slowest.max(begun.elapsed()));
        answer
    }

    fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk> {
        let noted =
            |_: &Result<MessageChunk>| self.clock.note(|noted| _ = noted.first.get_or_insert_with(Instant::now));
        Chunks::new(self.model.stream(request, cx).inspect(noted))
    }
}
