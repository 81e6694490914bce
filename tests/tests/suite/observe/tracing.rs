//! What recovers leaves a trace.

use catena::{Error, prelude::*};
use catena_tests::subscribed;
use std::{
    fmt::{self, Write},
    sync::{Arc, Mutex},
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Writes every event down.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Written {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("catena")
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[runnable]
fn broken(_unit: &()) -> catena::Result<u8> {
    Err(Error::msg("no luck"))
}

#[runnable]
fn backup(_unit: &()) -> u8 {
    7
}

#[tokio::test(start_paused = true)]
async fn retries_and_fallbacks_are_events() -> catena::Result<()> {
    let written = Written::default();
    let guard = subscribed(written.clone());
    let step = broken.retry(Retry::attempts(2).jitter(false)).fallback(backup);
    assert_eq!(step.invoke(()).await?, 7);
    drop(guard);
    let lines = written.0.lock().unwrap();
    assert_eq!(
        *lines,
        [
            "DEBUG message=trying again error=no luck attempt=1 delay=200ms",
            "DEBUG message=falling back error=no luck (after 2 attempts)",
        ]
    );
    Ok(())
}
