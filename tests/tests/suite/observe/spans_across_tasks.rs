//! `tracing` spans go where a step goes: into its task, onto its thread, and the spans of runs with them.

use catena::{Config, Spans, prelude::*};
use catena_tests::{ms, subscribed};
use futures_util::{Stream, StreamExt, stream};
use std::{
    fmt::{self, Write},
    sync::{Arc, Mutex},
};
use tracing::{
    Event, Instrument, Subscriber,
    field::{Field, Visit},
    info_span, span,
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context as Within, SubscriberExt},
    registry::LookupSpan,
};

/// Writes down what is logged here, with the spans that it is in: `outer>slow: done`.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<String>>>);

/// What a span is called: the field `name` of a run, else the name of the span.
struct Name(String);

struct Find(Option<String>, &'static str);

impl Visit for Find {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == self.1 {
            let mut text = String::new();
            write!(text, "{value:?}").unwrap();
            self.0 = Some(text.trim_matches('"').to_owned());
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Written {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, cx: Within<'_, S>) {
        let mut name = Find(None, "name");
        attributes.record(&mut name);
        let span = cx.span(id).unwrap();
        let name = name.0.unwrap_or_else(|| span.name().to_owned());
        span.extensions_mut().insert(Name(name));
    }

    fn on_event(&self, event: &Event<'_>, cx: Within<'_, S>) {
        if !event.metadata().target().starts_with(module_path!()) {
            return;
        }
        let mut message = Find(None, "message");
        event.record(&mut message);
        let spans = cx.event_scope(event).map(|scope| {
            scope.from_root().map(|span| span.extensions().get::<Name>().unwrap().0.clone()).collect::<Vec<_>>()
        });
        self.0.lock().unwrap().push(format!("{}: {}", spans.unwrap_or_default().join(">"), message.0.unwrap()));
    }
}

impl Written {
    fn take(&self) -> Vec<String> {
        let mut lines = std::mem::take(&mut *self.0.lock().unwrap());
        lines.sort();
        lines
    }
}

#[runnable]
async fn speaks(n: u64) -> u64 {
    tracing::info!("before");
    tokio::time::sleep(ms(1)).await;
    tracing::info!("after");
    n
}

#[runnable(blocking)]
fn blocks(n: u64) -> u64 {
    tracing::info!("blocking");
    n
}

#[runnable]
fn pieces(n: u64) -> impl Stream<Item = u64> + Send {
    stream::iter(0..2).then(move |at| async move {
        tokio::task::yield_now().await;
        tracing::info!("piece");
        n + at
    })
}

/// Each on a runtime of one thread and of several, with a subscriber of this thread alone.
fn everywhere(check: &impl AsyncFn(&Written)) {
    let one = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let several = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    for runtime in [one, several] {
        let written = Written::default();
        let subscriber = Registry::default().with(written.clone());
        let _guard = subscribed(subscriber);
        runtime.block_on(check(&written));
    }
}

#[test]
fn the_callers_span_is_current_in_a_task() {
    everywhere(&async |written| {
        let spawned = speaks.spawned();
        spawned.invoke(1).instrument(info_span!("caller")).await.unwrap();
        assert_eq!(written.take(), ["caller: after", "caller: before"]);
        let nested = chain!(u64 => speaks.spawned() | <a: speaks.spawned(), b: |n| n> | |r| r.a).spawned();
        nested.invoke(1).instrument(info_span!("caller")).await.unwrap();
        assert_eq!(written.take(), ["caller: after", "caller: after", "caller: before", "caller: before"]);
        let mapped = speaks.spawned().map();
        mapped.invoke(vec![1, 2]).instrument(info_span!("caller")).await.unwrap();
        assert_eq!(written.take(), ["caller: after", "caller: after", "caller: before", "caller: before"]);
        speaks.spawned().try_batch([1]).into_future().instrument(info_span!("caller")).await.unwrap();
        assert_eq!(written.take(), ["caller: after", "caller: before"]);
        let streamed = pieces.spawned();
        streamed.stream(1).count().instrument(info_span!("caller")).await;
        assert_eq!(written.take(), ["caller: piece", "caller: piece"]);
    });
}

#[test]
fn the_callers_span_is_current_on_a_thread() {
    everywhere(&async |written| {
        blocks.invoke(1).instrument(info_span!("caller")).await.unwrap();
        assert_eq!(written.take(), ["caller: blocking"]);
        let chain = chain!(u64 => <a: blocks, b: blocks.spawned()> | |r| r.a);
        chain.invoke(1).instrument(info_span!("caller")).await.unwrap();
        assert_eq!(written.take(), ["caller: blocking", "caller: blocking"]);
        blocks.map().invoke(vec![1, 2]).instrument(info_span!("caller")).await.unwrap();
        assert_eq!(written.take(), ["caller: blocking", "caller: blocking"]);
        blocks.stream(1).count().instrument(info_span!("caller")).await;
        assert_eq!(written.take(), ["caller: blocking"]);
    });
}

#[test]
fn the_callers_span_is_current_in_a_blocking_call() {
    let written = Written::default();
    let subscriber = Registry::default().with(written.clone());
    let _guard = subscribed(subscriber);
    let chain = chain!(u64 => speaks.spawned() | blocks);
    info_span!("caller").in_scope(|| chain.invoke_blocking(1)).unwrap();
    assert_eq!(written.take(), ["caller: after", "caller: before", "caller: blocking"]);
}

#[test]
fn the_spans_of_runs_nest_across_tasks_and_threads() {
    everywhere(&async |written| {
        let config = || Config::new().observe(Spans);
        let chain = chain!(u64 => speaks.spawned() | blocks);
        chain.invoke_with(1, config()).instrument(info_span!("caller")).await.unwrap();
        let expected =
            ["caller>sequence>blocks: blocking", "caller>sequence>speaks: after", "caller>sequence>speaks: before"];
        assert_eq!(written.take(), expected);
        chain.stream_with(1, config()).count().instrument(info_span!("caller")).await;
        assert_eq!(written.take(), expected);
        let nested = chain!(u64 => <a: (chain!(u64 => blocks | pieces.spawned() | |all| all.len()).spawned())>);
        nested.invoke_with(1, config()).await.unwrap();
        let around = "parallel<a>>sequence>";
        assert_eq!(
            written.take(),
            [format!("{around}blocks: blocking"), format!("{around}pieces: piece"), format!("{around}pieces: piece"),]
        );
    });
}

#[test]
fn without_a_span_there_is_none() {
    everywhere(&async |written| {
        speaks.spawned().invoke(1).await.unwrap();
        // On other threads, the subscriber of this one does not know of it.
        assert!(written.take().iter().all(|line| line.starts_with(": ")));
    });
}
