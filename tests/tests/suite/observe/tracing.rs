//! What recovers leaves a trace.

use catena::{Config, Context, Error, Observer, prelude::*};
use catena_tests::subscribed;
use futures_util::StreamExt;
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

#[derive(Clone, Default)]
struct Emitted(Arc<Mutex<Vec<String>>>);

impl Observer for Emitted {
    fn event(&self, event: &catena::Event) {
        if event.event() == "on_custom_event" {
            self.0.lock().unwrap().push(event.name().to_owned());
        }
    }
}

/// Emits an event of this name.
#[runnable]
fn says(name: String, cx: &Context) {
    cx.emit(name, || "data");
}

fn says_it() -> String {
    "said in a run".to_owned()
}

#[cfg(debug_assertions)]
#[tokio::test]
async fn what_is_emitted_outside_of_any_run_is_a_warning() -> catena::Result<()> {
    let (written, emitted) = (Written::default(), Emitted::default());
    let guard = subscribed(written.clone());
    let fresh = Context::new();
    for _ in 0..3 {
        fresh.emit("to nobody", || -> u8 { panic!("the data is not asked for") });
    }
    // Observed, but not in a run yet.
    fresh.configured(&Config::new().observe(emitted.clone())).emit("too early", || 1);
    // A step that is called by hand, without the context of a run.
    says.call("by hand".to_owned(), &Context::new()).await?;
    says.boxed().call("by hand, boxed".to_owned(), &Context::new()).await?;
    drop(guard);
    let line = |name: &str| {
        format!(
            "WARN message=emitted outside of any run, and dropped: pass on the context that the step gets event={name:?}"
        )
    };
    let lines = written.0.lock().unwrap();
    assert_eq!(*lines, ["to nobody", "too early", "by hand", "by hand, boxed"].map(line));
    assert!(emitted.0.lock().unwrap().is_empty());
    Ok(())
}

#[tokio::test]
async fn what_is_emitted_in_a_run_is_none_whether_it_is_observed_or_not() -> catena::Result<()> {
    #[runnable]
    async fn outer(name: String, cx: &Context) -> catena::Result<()> {
        says.call(name.clone(), cx).await?;
        says.invoke(name).await
    }
    #[runnable(blocking)]
    fn blocks(name: String, cx: &Context) {
        cx.emit(name, || "data");
    }
    let (written, emitted) = (Written::default(), Emitted::default());
    let guard = subscribed(written.clone());
    says.invoke(says_it()).await?;
    says.invoke_with(says_it(), Config::new().tag("settings")).await?;
    says.boxed().boxed().invoke(says_it()).await?;
    says.spawned().retry(2).invoke(says_it()).await?;
    chain!(String => <a: says, b: outer, c: blocks>).invoke(says_it()).await?;
    says.map().invoke(vec![says_it(); 3]).await?;
    for outcome in says.batch([says_it(), says_it()]).await {
        outcome?;
    }
    let chain = chain!(String => |name| name | says);
    let mut chunks = chain.stream(says_it());
    while let Some(chunk) = chunks.next().await {
        chunk?;
    }
    assert!(emitted.0.lock().unwrap().is_empty());
    says.invoke_with(says_it(), Config::new().observe(emitted.clone())).await?;
    drop(guard);
    assert_eq!(*emitted.0.lock().unwrap(), ["said in a run"]);
    let lines = written.0.lock().unwrap();
    assert!(lines.iter().all(|line| !line.starts_with("WARN")), "{lines:?}");
    Ok(())
}
