use crate::{
    case::{BY_HAND, CATENA, Case, kept},
    peers,
    steps::{add, mix, triple},
};
use catena::{Config, Error, Event, EventKind, Observer, Result, RunId, prelude::*};
use futures_util::{FutureExt, StreamExt};
use serde_json::Value;
use std::hint::black_box;

pub fn cases() -> Vec<Case> {
    vec![off_three(), off_ten(), on_three(), on_ten(), json_three(), json_ten()]
}

/// Reads nothing, and does nothing.
struct Nothing;

impl Observer for Nothing {
    fn event(&self, event: &Event) {
        black_box(event);
    }

    fn reads(&self) -> bool {
        false
    }
}

/// Gets inputs and outputs as JSON, and does nothing.
struct Reader;

impl Observer for Reader {
    fn event(&self, event: &Event) {
        black_box(event);
    }
}

/// What one would write for a program of one's own: an event is a name and two ids, and what goes with it.
struct OwnEvent {
    name: &'static str,
    id: RunId,
    parent: Option<RunId>,
    data: Option<Value>,
}

#[derive(Clone, Copy)]
struct Own {
    observer: Option<&'static (dyn Fn(&OwnEvent) + Sync)>,
    reads: bool,
    parent: Option<RunId>,
}

impl Own {
    fn noop(reads: bool) -> Own {
        let observer: &'static (dyn Fn(&OwnEvent) + Sync) = &|event| {
            black_box((event.name, event.id, event.parent, &event.data));
        };
        Own { observer: Some(observer), reads, parent: None }
    }

    /// With a start and an end around the work, where there is an observer.
    async fn step<F: Future<Output = Result<u64>>>(
        self,
        name: &'static str,
        n: u64,
        work: impl FnOnce(Own) -> F,
    ) -> Result<u64> {
        let Some(observer) = self.observer else { return work(self).await };
        let (id, parent) = (RunId::random(), self.parent);
        let tell = |n: u64| {
            let data = if self.reads { serde_json::to_value(n).ok() } else { None };
            observer(&OwnEvent { name, id, parent, data });
        };
        tell(n);
        let output = work(Own { parent: Some(id), ..self }).await?;
        tell(output);
        Ok(output)
    }

    async fn three(self, n: u64) -> Result<u64> {
        let n = self.step("add", n, |_| async move { Ok(add::function(n)) }).await?;
        let n = self.step("triple", n, |_| async move { Ok(triple::function(n)) }).await?;
        self.step("mix", n, |_| mix::function(n)).await
    }

    async fn chain_of_three(self, n: u64) -> Result<u64> {
        self.step("chain", n, |own| own.three(n)).await
    }

    async fn chain_of_ten(self, n: u64) -> Result<u64> {
        let ten = |own: Own| async move {
            let n = own.three(own.three(own.three(n).await?).await?).await?;
            own.step("add", n, |_| async move { Ok(add::function(n)) }).await
        };
        self.step("chain", n, ten).await
    }
}

async fn three_by_hand(n: u64) -> Result<u64> {
    mix::function(triple::function(add::function(n))).await
}

async fn ten_by_hand(n: u64) -> Result<u64> {
    let n = three_by_hand(three_by_hand(three_by_hand(n).await?).await?).await?;
    Ok(add::function(n))
}

macro_rules! three {
    () => {
        kept(chain!(u64 => add | triple | mix))
    };
}

macro_rules! ten {
    () => {
        kept(chain!(u64 => add | triple | mix | add | triple | mix | add | triple | mix | add))
    };
}

/// Goes on for ever: while it is there, there is an observer in the program.
#[runnable]
async fn forever(n: u64) -> u64 {
    std::future::pending::<()>().await;
    n
}

/// The other run is begun when it is first asked for, for no event is to be told of it while this is measured.
fn beside_another_run() {
    thread_local! {
        static OTHER: std::cell::OnceCell<futures_util::future::BoxFuture<'static, Result<u64>>> =
            const { std::cell::OnceCell::new() };
    }
    OTHER.with(|other| {
        other.get_or_init(|| {
            let mut run = kept(forever).invoke_with(0, Config::new().observe(Nothing)).boxed();
            assert!((&mut run).now_or_never().is_none(), "the other run has ended");
            run
        });
    });
}

fn off_three() -> Case {
    let chain = three!();
    Case::new("off: 3 ready steps")
        .by(BY_HAND, || three_by_hand(black_box(7)))
        .by(CATENA, || chain.invoke(black_box(7)))
        .by("Catena, and another run is observed", || {
            beside_another_run();
            chain.invoke(black_box(7))
        })
}

fn off_ten() -> Case {
    let chain = ten!();
    Case::new("off: 10 ready steps")
        .by(BY_HAND, || ten_by_hand(black_box(7)))
        .by(CATENA, || chain.invoke(black_box(7)))
        .by("Catena, and another run is observed", || {
            beside_another_run();
            chain.invoke(black_box(7))
        })
}

fn on_three() -> Case {
    let chain = three!();
    Case::new("an observer that does nothing: 3 ready steps")
        .by(BY_HAND, || Own::noop(false).chain_of_three(black_box(7)))
        .by(CATENA, || chain.invoke_with(black_box(7), Config::new().observe(Nothing)))
        .with(peers::observed)
}

fn on_ten() -> Case {
    let chain = ten!();
    Case::new("an observer that does nothing: 10 ready steps")
        .by(BY_HAND, || Own::noop(false).chain_of_ten(black_box(7)))
        .by(CATENA, || chain.invoke_with(black_box(7), Config::new().observe(Nothing)))
}

fn json_three() -> Case {
    let chain = three!();
    Case::new("events with JSON: 3 ready steps")
        .by(BY_HAND, || Own::noop(true).chain_of_three(black_box(7)))
        .by(CATENA, || chain.invoke_with(black_box(7), Config::new().observe(Reader)))
        .by("Catena, as a stream of events", || last(chain.events(black_box(7))))
}

fn json_ten() -> Case {
    let chain = ten!();
    Case::new("events with JSON: 10 ready steps")
        .by(BY_HAND, || Own::noop(true).chain_of_ten(black_box(7)))
        .by(CATENA, || chain.invoke_with(black_box(7), Config::new().observe(Reader)))
        .by("Catena, as a stream of events", || last(chain.events(black_box(7))))
}

/// The output that the last event tells.
async fn last(events: catena::Events<'_>) -> Result<u64> {
    let mut answer = None;
    let mut events = std::pin::pin!(events);
    while let Some(event) = events.next().await {
        if let EventKind::End { output: Some(output), .. } = event?.kind {
            answer = output.as_u64();
        }
    }
    answer.ok_or_else(|| Error::msg("no event told an output"))
}
