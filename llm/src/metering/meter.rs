//! Measures the calls of models, for [`Spending`] and for [telemetry](crate::telemetry).

use super::spending::Ending;
use crate::{
    ChatModel, ChatRequest, FinishReason, Message, MessageAssembler, MessageChunk, Spending, Usage,
    telemetry::{ModelCall, Response},
};
use catena::{Assemble, Chunks, Context, Error, ErrorKind, Result};
use futures_util::Stream;
use std::{
    pin::Pin,
    task::{Context as Task, Poll, ready},
};
use tracing::{Instrument, Span};

/// Returns the whole answer of a model, and measures the call.
pub(crate) async fn complete<M: ChatModel>(model: &M, request: ChatRequest, cx: &Context) -> Result<Message> {
    if !is_metered(cx) {
        return model.complete(request, cx).await;
    }
    // Boxed, so that the call does not grow for runs that are not measured.
    Box::pin(async move {
        let mut measurement = Measurement::open(model, &request, cx, false);
        let answer = model.complete(request, cx).instrument(measurement.span()).await;
        match &answer {
            Ok(message) => measurement.answered(message),
            Err(error) => measurement.failed(error),
        }
        answer
    })
    .await
}

/// Returns the answer of a model as a stream, and measures the call.
pub(crate) fn stream<'a, M: ChatModel>(
    model: &'a M,
    request: ChatRequest,
    cx: &'a Context,
) -> Chunks<'a, MessageChunk> {
    if !is_metered(cx) {
        return model.stream(request, cx);
    }
    Chunks::new(MeteredStream::Closed(Some(Box::new(move || {
        let measurement = Measurement::open(model, &request, cx, true);
        let chunks = measurement.span().in_scope(|| model.stream(request, cx));
        (chunks, measurement)
    }))))
}

fn is_metered(cx: &Context) -> bool {
    cx.is_observed() || cx.get::<Spending>().is_some()
}

type OpenFn<'a> = Box<dyn FnOnce() -> (Chunks<'a, MessageChunk>, Measurement<'a>) + Send + 'a>;

/// A measured stream. It is opened when it is first polled: nothing is sent before, and the span of the run exists only
/// then.
#[allow(clippy::large_enum_variant)] // one per stream, never moved
enum MeteredStream<'a> {
    Closed(Option<OpenFn<'a>>),
    Open(Chunks<'a, MessageChunk>, Box<Measurement<'a>>),
}

impl Stream for MeteredStream<'_> {
    type Item = Result<MessageChunk>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let MeteredStream::Closed(open) = this {
            let Some(open) = open.take() else { return Poll::Ready(None) };
            let (chunks, measurement) = open();
            *this = MeteredStream::Open(chunks, Box::new(measurement));
        }
        let MeteredStream::Open(chunks, measurement) = this else { return Poll::Ready(None) };
        let next = {
            let _inside = measurement.call.as_ref().map(|call| call.span().enter());
            ready!(Pin::new(chunks).poll_next(task))
        };
        match &next {
            Some(Ok(chunk)) => measurement.chunk(chunk),
            Some(Err(error)) => measurement.failed(error),
            None => measurement.complete(),
        }
        Poll::Ready(next)
    }
}

/// The measurement of one request. If it is dropped before its end, the request was cancelled.
struct Measurement<'a> {
    spending: Option<&'a Spending>,
    model: &'a str,
    call: Option<ModelCall>,
    /// The chunks, if the span records their content.
    assembler: Option<MessageAssembler>,
    answered_by: Option<String>,
    id: Option<String>,
    finish: Option<FinishReason>,
    usage: Option<Usage>,
    /// `true` if anything was received.
    started: bool,
    closed: bool,
}

impl<'a> Measurement<'a> {
    fn open<M: ChatModel>(model: &'a M, request: &ChatRequest, cx: &'a Context, streams: bool) -> Self {
        let call = if cx.is_observed() { ModelCall::open(model, request, cx, streams) } else { None };
        let wants_content = streams && call.as_ref().is_some_and(ModelCall::wants_content);
        Measurement {
            spending: cx.get(),
            model: model.name(),
            call,
            assembler: wants_content.then(MessageAssembler::default),
            answered_by: None,
            id: None,
            finish: None,
            usage: None,
            started: false,
            closed: false,
        }
    }

    /// Returns the span of the call, in which the model is polled.
    fn span(&self) -> Span {
        self.call.as_ref().map_or_else(Span::none, |call| call.span().clone())
    }

    fn chunk(&mut self, chunk: &MessageChunk) {
        if !std::mem::replace(&mut self.started, true)
            && let Some(call) = &mut self.call
        {
            call.first_chunk();
        }
        if let Some(metadata) = &chunk.metadata {
            self.answered_by = metadata.model.clone().or(self.answered_by.take());
            self.id = metadata.id.clone().or(self.id.take());
            self.finish = metadata.finish_reason.clone().or(self.finish.take());
            self.usage = metadata.usage.or(self.usage);
        }
        if let Some(assembler) = &mut self.assembler {
            assembler.push(chunk.clone());
        }
    }

    fn answered(&mut self, message: &Message) {
        self.answered_by = message.model().map(str::to_owned);
        self.id = message.id().map(str::to_owned);
        self.finish = message.finish_reason().cloned();
        self.usage = message.usage();
        if let Some(call) = &self.call {
            call.record_answer(message);
        }
        self.complete();
    }

    fn complete(&mut self) {
        if let (Some(call), Some(assembler)) = (&self.call, self.assembler.take())
            && let Ok(message) = assembler.finish()
        {
            call.record_answer(&message);
        }
        self.close(&Ending::Answered, None);
    }

    fn failed(&mut self, error: &Error) {
        self.usage = self.usage.or_else(|| usage_of(error));
        // An answer that cannot be parsed was received nevertheless.
        let started = self.started || matches!(error.kind(), ErrorKind::Parse { .. } | ErrorKind::Timeout { .. });
        let ending = if started { &Ending::BrokenOff } else { &Ending::Refused };
        self.close(ending, Some(error.kind().name()));
    }

    fn close(&mut self, ending: &Ending, error: Option<&'static str>) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        if let Some(call) = &mut self.call {
            let (model, id, finish) = (self.answered_by.as_deref(), self.id.as_deref(), self.finish.as_ref());
            call.close(Response { model, id, finish, usage: self.usage, error });
        }
        if let Some(spending) = self.spending {
            spending.add(self.model, self.answered_by.as_deref(), self.usage, ending);
        }
    }
}

impl Drop for Measurement<'_> {
    fn drop(&mut self) {
        // A reader that has seen the finish reason or the usage has the whole answer, and need not poll to the end.
        let read = self.finish.is_some() || self.usage.is_some();
        if read {
            self.close(&Ending::Answered, None);
        } else {
            self.close(&Ending::BrokenOff, Some(ErrorKind::Cancelled.name()));
        }
    }
}

/// Returns the tokens that a failed request reported.
#[cfg(feature = "providers")]
pub(crate) fn usage_of(error: &Error) -> Option<Usage> {
    error.downcast_ref::<crate::ProviderError>()?.usage()
}

#[cfg(not(feature = "providers"))]
pub(crate) fn usage_of(_: &Error) -> Option<Usage> {
    None
}
