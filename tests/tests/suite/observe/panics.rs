//! Observers that panic, in each of their methods: the run goes on, and the other observers receive its events.

use catena::{Config, Event, Observer, Run, prelude::*};
use futures_util::StreamExt;
use std::{
    sync::{Arc, Mutex},
    task::{Context as Task, Poll},
};

/// Panics in one method.
struct Panics(&'static str);

impl Panics {
    fn now(&self, method: &str) {
        assert!(self.0 != method, "the observer panics in {method}");
    }
}

impl Observer for Panics {
    fn event(&self, _: &Event) {
        self.now("event");
    }

    fn follows(&self, _: &Run) -> bool {
        self.now("follows");
        true
    }

    fn reads(&self) -> bool {
        self.now("reads");
        true
    }

    fn span(&self, _: &Run) -> Option<tracing::Span> {
        self.now("span");
        None
    }

    fn poll_ready(&self, _: &mut Task<'_>) -> Poll<()> {
        self.now("poll_ready");
        Poll::Ready(())
    }
}

#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Observer for Notes {
    fn event(&self, event: &Event) {
        self.0.lock().unwrap().push(format!("{} {}", event.event(), event.name()));
    }
}

#[runnable]
fn inc(n: i64) -> i64 {
    n + 1
}

#[runnable]
async fn twice(n: i64, cx: &Context) -> i64 {
    cx.emit("halfway", || n);
    n * 2
}

#[tokio::test]
async fn a_panic_of_an_observer_does_not_end_the_run() {
    let chain = chain!(i64 => inc | <a: twice, b?: inc> | |both| both.a);
    let mut events = Vec::new();
    for method in ["none", "event", "follows", "reads", "span", "poll_ready"] {
        let notes = Notes::default();
        let config = || Config::new().observe(Panics(method)).observe(notes.clone());
        assert_eq!(chain.invoke_with(1, config()).await.unwrap(), 4, "{method}");
        let chunks: Vec<_> = chain.stream_with(1, config()).collect().await;
        assert_eq!(*chunks.last().unwrap().as_ref().unwrap(), 4, "{method}");
        assert_eq!(chain.batch([1, 2]).config(config()).await.len(), 2, "{method}");
        events.push((method, std::mem::take(&mut *notes.0.lock().unwrap())));
    }
    let (_, undisturbed) = &events[0];
    assert!(undisturbed.len() > 30, "{undisturbed:?}");
    for (method, seen) in &events {
        let sorted = |events: &[String]| {
            let mut events = events.to_vec();
            events.sort();
            events
        };
        assert_eq!(sorted(seen), sorted(undisturbed), "{method}");
    }
}
