//! Keeps account of what a model is asked and answers, where somebody wants to know: for [`Spending`], and for
//! [telemetry](crate::telemetry).

use super::spending::Ending;
use crate::{
    ChatModel, ChatRequest, FinishReason, Message, MessageAssembler, MessageChunk, Spending, Usage, telemetry::Asked,
};
use catena::{Assemble, Chunks, Context, Error, ErrorKind, Result};
use futures_util::Stream;
use std::{
    pin::Pin,
    task::{Context as Task, Poll, ready},
};

/// The whole answer of a model, on account.
pub(crate) async fn complete<M: ChatModel>(model: &M, request: ChatRequest, cx: &Context) -> Result<Message> {
    if !is_kept(cx) {
        return model.complete(request, cx).await;
    }
    // Boxed: the state of the call does not grow where nobody wants to know.
    Box::pin(async move {
        let mut entry = Entry::open(model, &request, cx, false);
        let answer = model.complete(request, cx).await;
        match &answer {
            Ok(message) => entry.answered(message),
            Err(error) => entry.failed(error),
        }
        answer
    })
    .await
}

/// The answer of a model piece by piece, on account.
pub(crate) fn stream<'a, M: ChatModel>(
    model: &'a M,
    request: ChatRequest,
    cx: &'a Context,
) -> Chunks<'a, MessageChunk> {
    if !is_kept(cx) {
        return model.stream(request, cx);
    }
    Chunks::new(Account::Closed(Some(Box::new(move || {
        let entry = Entry::open(model, &request, cx, true);
        (model.stream(request, cx), entry)
    }))))
}

fn is_kept(cx: &Context) -> bool {
    cx.is_observed() || cx.get::<Spending>().is_some()
}

type Opening<'a> = Box<dyn FnOnce() -> (Chunks<'a, MessageChunk>, Entry<'a>) + Send + 'a>;

/// A stream on account. It is opened when it is read: nothing is asked before, and only then is the run's span there.
#[allow(clippy::large_enum_variant)] // one for each stream, where it stays
enum Account<'a> {
    Closed(Option<Opening<'a>>),
    Open(Chunks<'a, MessageChunk>, Box<Entry<'a>>),
}

impl Stream for Account<'_> {
    type Item = Result<MessageChunk>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        let account = &mut *self;
        if let Account::Closed(open) = account {
            let Some(open) = open.take() else { return Poll::Ready(None) };
            let (chunks, entry) = open();
            *account = Account::Open(chunks, Box::new(entry));
        }
        let Account::Open(chunks, entry) = account else { return Poll::Ready(None) };
        let next = ready!(Pin::new(chunks).poll_next(task));
        match &next {
            Some(Ok(chunk)) => entry.piece(chunk),
            Some(Err(error)) => entry.failed(error),
            None => entry.complete(),
        }
        Poll::Ready(next)
    }
}

/// One request. Dropped before its end, it was stopped on the way.
struct Entry<'a> {
    spending: Option<&'a Spending>,
    model: &'a str,
    asked: Option<Asked>,
    /// The pieces, where what they say is wanted.
    whole: Option<MessageAssembler>,
    answered_by: Option<String>,
    id: Option<String>,
    finish: Option<FinishReason>,
    usage: Option<Usage>,
    /// Whether anything was answered.
    began: bool,
    over: bool,
}

impl<'a> Entry<'a> {
    fn open<M: ChatModel>(model: &'a M, request: &ChatRequest, cx: &'a Context, streams: bool) -> Self {
        let asked = if cx.is_observed() { Asked::about(model, request, streams) } else { None };
        let wants_content = streams && asked.as_ref().is_some_and(Asked::wants_content);
        Entry {
            spending: cx.get(),
            model: model.name(),
            asked,
            whole: wants_content.then(MessageAssembler::default),
            answered_by: None,
            id: None,
            finish: None,
            usage: None,
            began: false,
            over: false,
        }
    }

    fn piece(&mut self, chunk: &MessageChunk) {
        if !std::mem::replace(&mut self.began, true)
            && let Some(asked) = &self.asked
        {
            asked.began();
        }
        if let Some(metadata) = &chunk.metadata {
            self.answered_by = metadata.model.clone().or(self.answered_by.take());
            self.id = metadata.id.clone().or(self.id.take());
            self.finish = metadata.finish_reason.clone().or(self.finish.take());
            self.usage = metadata.usage.or(self.usage);
        }
        if let Some(whole) = &mut self.whole {
            whole.push(chunk.clone());
        }
    }

    fn answered(&mut self, message: &Message) {
        self.answered_by = message.model().map(str::to_owned);
        self.id = message.id().map(str::to_owned);
        self.finish = message.finish_reason().cloned();
        self.usage = message.usage();
        if let Some(asked) = &self.asked {
            asked.said(message);
        }
        self.complete();
    }

    fn complete(&mut self) {
        if let (Some(asked), Some(whole)) = (&self.asked, self.whole.take())
            && let Ok(message) = whole.finish()
        {
            asked.said(&message);
        }
        self.close(&Ending::Answered);
    }

    fn failed(&mut self, error: &Error) {
        self.usage = self.usage.or_else(|| told(error));
        // What cannot be read was answered all the same.
        let began = self.began || matches!(error.kind(), ErrorKind::Parse { .. } | ErrorKind::Timeout { .. });
        self.close(if began { &Ending::BrokenOff } else { &Ending::Refused });
    }

    fn close(&mut self, ending: &Ending) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        if let Some(asked) = &self.asked {
            asked.answered(self.answered_by.as_deref(), self.id.as_deref(), self.finish.as_ref(), self.usage);
        }
        if let Some(spending) = self.spending {
            spending.add(self.model, self.answered_by.as_deref(), self.usage, ending);
        }
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        // Who has read why the model stopped has read it all, and need not wait for the end.
        let read = self.finish.is_some() || self.usage.is_some();
        self.close(if read { &Ending::Answered } else { &Ending::BrokenOff });
    }
}

/// The tokens that a failed request told of.
#[cfg(feature = "genai")]
pub(crate) fn told(error: &Error) -> Option<Usage> {
    error.downcast_ref::<crate::ProviderError>()?.usage()
}

#[cfg(not(feature = "genai"))]
pub(crate) fn told(_: &Error) -> Option<Usage> {
    None
}
