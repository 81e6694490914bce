//! Batches, the limit and cancellation where somebody observes: each item is a run of its own.

use catena::{CancellationToken, Config, Event, EventKind, Listeners, Observer, RunId, parallel, prelude::*};
use catena_tests::{Log, secs};
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::time::sleep;

/// Waits as many seconds as it is told.
#[runnable]
async fn nap(seconds: u64) -> u64 {
    sleep(secs(seconds)).await;
    seconds
}

/// Naps as part of its run.
#[runnable]
async fn naps(all: Vec<u64>, cx: &Context) -> catena::Result<Vec<u64>> {
    nap.try_batch(all).within(cx).await
}

/// All events, as they came.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Event>>>);

impl Observer for Seen {
    fn event(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

impl Seen {
    fn config(&self) -> Config {
        Config::new().observe(self.clone())
    }

    /// What is found of the runs when they begin.
    fn starts<T>(&self, find: impl Fn(&Event) -> T) -> Vec<T> {
        let events = self.0.lock().unwrap();
        events.iter().filter(|event| matches!(event.kind, EventKind::Start { .. })).map(find).collect()
    }

    /// The inputs of the runs that ended this way.
    fn inputs(&self, name: &str) -> Vec<Value> {
        let events = self.0.lock().unwrap();
        events.iter().filter(|event| event.event() == name).filter_map(Event::input).cloned().collect()
    }
}

fn id(event: &Event) -> RunId {
    event.run.id()
}

#[tokio::test(start_paused = true)]
async fn each_item_is_a_run_with_its_input_and_its_settings() {
    let (seen, ids) = (Seen::default(), [RunId::random(), RunId::random()]);
    // One identity cannot be that of two runs: the items have their own.
    let config = seen.config().run_name("nightly").tag("all").run_id(RunId::random());
    let results = nap.batch([2, 1]).config(config).config_each(|index, seconds| {
        Config::new().run_id(ids[index]).tag(format!("{index}:{seconds}")).metadata("index", index)
    });
    assert!(results.await.iter().all(Result::is_ok));
    assert_eq!(seen.starts(id), ids);
    assert_eq!(seen.starts(|event| event.name().to_owned()), ["nightly", "nightly"]);
    assert_eq!(seen.starts(|event| event.run.tags().collect::<Vec<_>>().join(" ")), ["all 0:2", "all 1:1"]);
    assert_eq!(seen.starts(|event| event.run.metadata()["index"].clone()), [json!(0), json!(1)]);
    assert_eq!(seen.starts(|event| event.input().cloned().unwrap()), [json!(2), json!(1)]);
    assert_eq!(seen.inputs("on_chain_end"), [json!(1), json!(2)], "in the order in which they end");
}

#[tokio::test(start_paused = true)]
async fn as_completed_they_are_runs_too() {
    let seen = Seen::default();
    let batch = nap.batch_as_completed([3, 1, 2]).max_concurrency(2).config(seen.config().run_id(RunId::random()));
    assert_eq!(batch.map(|(index, _)| index).collect::<Vec<_>>().await, [1, 0, 2]);
    let ids = seen.starts(id);
    assert!(ids.len() == 3 && ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");
    assert_eq!(seen.inputs("on_chain_start"), [json!(3), json!(1), json!(2)]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_inside_a_step_is_in_its_run() {
    let seen = Seen::default();
    naps.invoke_with(vec![1, 2], seen.config().max_concurrency(1)).await.unwrap();
    let parents = seen.starts(|event| event.run.parent().map(|parent| parent.name().to_owned()));
    assert_eq!(parents, [None, Some("naps".to_owned()), Some("naps".to_owned())]);
    assert_eq!(seen.inputs("on_chain_start"), [json!([1, 2]), json!(1), json!(2)]);
}

#[tokio::test(start_paused = true)]
async fn listeners_of_a_batch_hear_of_each_item() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let listen = |who: &'static str| {
        let heard = Arc::clone(&heard);
        Listeners::new().on_end(move |end| heard.lock().unwrap().push((who, end.output().cloned().unwrap_or_default())))
    };
    let chain = chain!(u64 => nap | nap);
    let all = Config::new().listen(listen("all"));
    chain.batch([2, 1]).config(all).config_each(|_, _| Config::new().listen(listen("each"))).await;
    let heard = heard.lock().unwrap().clone();
    assert_eq!(heard, [("all", json!(1)), ("each", json!(1)), ("all", json!(2)), ("each", json!(2))]);
}

#[tokio::test(start_paused = true)]
async fn what_a_cancelled_batch_had_under_way_says_so() {
    let (seen, token) = (Seen::default(), CancellationToken::new());
    let batch = nap.batch([1, 9, 1, 8, 1]).max_concurrency(2).config(seen.config().cancel(token.clone()));
    let (results, ()) = futures_util::join!(batch.into_future(), sleep(secs(3)).map(|()| token.cancel()));
    assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true, false, false]);
    assert_eq!(seen.inputs("on_chain_end"), [json!(1), json!(1)]);
    let mut stopped = seen.inputs("on_chain_error");
    stopped.sort_by_key(Value::as_u64);
    assert_eq!(stopped, [json!(8), json!(9)], "what had not begun has no events");
    let events = seen.0.lock().unwrap();
    assert!(events.iter().filter_map(Event::error).all(|error| error.kind().name() == "cancelled"));
}

/// Takes a second, and counts how many do so at once.
#[derive(Clone, Default)]
struct Leaf(Log);

#[runnable]
impl Runnable<u64> for Leaf {
    type Output = u64;
    async fn call(&self, n: u64, _cx: &Context) -> catena::Result<u64> {
        let call = self.0.begin();
        sleep(secs(1)).await;
        call.finish();
        Ok(n)
    }
}

#[tokio::test(start_paused = true)]
async fn the_limit_is_kept_and_reached_where_somebody_observes() {
    for limit in [1, 2, 3, 5] {
        let leaf = Leaf::default();
        let three = || parallel((leaf.clone(), leaf.clone(), leaf.clone()));
        let race = chain!(u64 => three() | |_| 1);
        let race = race.race(leaf.clone());
        let list = chain!(u64 => |n| vec![n; 4] | three().map() | |all| all.len() as u64);
        let chain = chain!(u64 => <list: list, race: race> | |r| r.list + r.race);
        let seen = Seen::default();
        let results = chain.try_batch(vec![0; 3]).max_concurrency(limit).config(seen.config()).await;
        assert_eq!((results.unwrap().len(), leaf.0.peak()), (3, limit));
        assert!(leaf.0.calls() >= 3 * 12 && leaf.0.running() == 0);
        // The chunks of the same come under the same limit.
        let streamed = Leaf::default();
        let each = || streamed.clone();
        let branches = parallel((each(), each(), each(), each(), each(), each()));
        branches.events(1).with(Config::new().max_concurrency(limit)).count().await;
        assert_eq!((streamed.0.peak(), streamed.0.calls()), (limit, 6));
    }
}

#[tokio::test(start_paused = true)]
async fn the_loser_of_a_race_that_had_no_place_has_no_events() {
    let seen = Seen::default();
    let config = seen.config().max_concurrency(1);
    assert_eq!(nap.race(nap.named("rival")).invoke_with(1, config).await.unwrap(), 1);
    assert_eq!(seen.starts(|event| event.name().to_owned()), ["race", "nap"]);
}
