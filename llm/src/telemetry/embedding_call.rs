//! The span and the measurement of a call of an embedder.

use super::{
    Telemetry, integer,
    metrics::{CallLabels, Instruments},
    server::Server,
};
use crate::{Spending, Usage, metering::Ending};
use catena::{Context, Error};
use std::{sync::Arc, time::Instant};
use tracing::{Span, field::Empty};

/// A provider's embedder.
#[derive(Clone, Copy)]
pub(crate) struct EmbeddingTarget<'a> {
    pub(crate) name: &'a str,
    pub(crate) provider: &'a str,
    pub(crate) host: &'a str,
    /// The length of the vectors, if it is asked for.
    pub(crate) dimensions: Option<usize>,
}

/// A call of an embedder in flight. If it is dropped before its end, the call was cancelled.
pub(crate) struct EmbeddingCall<'a> {
    target: EmbeddingTarget<'a>,
    spending: Option<&'a Spending>,
    span: Span,
    start: Instant,
    measured: Option<(Arc<Instruments>, CallLabels)>,
    closed: bool,
}

impl<'a> EmbeddingCall<'a> {
    pub(crate) fn open(target: EmbeddingTarget<'a>, cx: &'a Context) -> Self {
        let EmbeddingTarget { name, provider, host, dimensions } = target;
        let server = Server::of(Some(host));
        let telemetry = cx.observer::<Telemetry>();
        let span = if telemetry.is_some() {
            tracing::info_span!(
                "embeddings",
                otel.name = format!("embeddings {name}"),
                otel.kind = "client",
                otel.status_code = Empty,
                error.type = Empty,
                gen_ai.operation.name = "embeddings",
                gen_ai.provider.name = provider,
                gen_ai.request.model = name,
                gen_ai.embeddings.dimension.count = dimensions.map(|length| i64::try_from(length).unwrap_or(i64::MAX)),
                gen_ai.usage.input_tokens = Empty,
                server.address = server.address,
                server.port = server.port.map(i64::from),
            )
        } else {
            Span::none()
        };
        let instruments = telemetry.and_then(Telemetry::instruments);
        let labels = || CallLabels::new("embeddings", Some(provider), name, server);
        let measured = instruments.map(|instruments| (Arc::clone(instruments), labels()));
        EmbeddingCall { target, spending: cx.get(), span, start: Instant::now(), measured, closed: false }
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// Ends a call whose answer reported this many tokens, if it reported any.
    pub(crate) fn answered(mut self, tokens: Option<u64>) {
        self.close(tokens, &Ending::Answered, None);
    }

    pub(crate) fn failed(mut self, error: &Error) {
        self.close(None, &Ending::Refused, Some(error.kind().name()));
    }

    fn close(&mut self, tokens: Option<u64>, ending: &Ending, error: Option<&'static str>) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        self.span.record("gen_ai.usage.input_tokens", tokens.map(integer));
        if let Some(error) = error {
            self.span.record("error.type", error);
            self.span.record("otel.status_code", "ERROR");
        }
        if let Some(spending) = self.spending {
            spending.add(self.target.name, None, tokens.map(|tokens| Usage::new(tokens, 0)), ending);
        }
        if let Some((instruments, labels)) = self.measured.take() {
            instruments.embeddings(&labels, tokens, error, self.start.elapsed());
        }
    }
}

impl Drop for EmbeddingCall<'_> {
    fn drop(&mut self) {
        self.close(None, &Ending::BrokenOff, Some("cancelled"));
    }
}
