//! Runs as a whole: leases, states, lists, retention, drawings.

use crate::work::{Counts, Folder};
use catena::{Config, Context, ErrorKind, Result, prelude::*, runnable};
use catena_durable::{ConfigExt, DurableExt, Journal, JournalError, RunState};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};
use tokio::sync::Notify;

/// A step that says that it has begun, and waits until it may end.
#[derive(Clone, Default)]
struct Wait(Arc<(Notify, Notify)>);

#[runnable]
impl Runnable<u32> for Wait {
    type Output = u32;

    async fn call(&self, input: u32, _cx: &Context) -> Result<u32> {
        self.0.0.notify_one();
        self.0.1.notified().await;
        Ok(input)
    }
}

fn under(journal: &Journal, run: &str) -> Config {
    Config::new().durable(journal.run(run))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_id_is_run_by_one_at_a_time() {
    let (folder, wait) = (Folder::new(), Wait::default());
    let (one, other) = (folder.journal().await, folder.journal().await);
    let chain = Arc::new(chain!(u32 => wait.clone().durable("wait/1")));
    let running = tokio::spawn({
        let (chain, config) = (Arc::clone(&chain), under(&one, "x"));
        async move { chain.invoke_with(1, config).await }
    });
    wait.0.0.notified().await;
    for journal in [&one, &other] {
        let error = chain.invoke_with(1, under(journal, "x")).await.unwrap_err();
        let Some(JournalError::InUse { run, process }) = error.downcast_ref() else { panic!("{error}") };
        assert!(run == "x" && process.starts_with(&std::process::id().to_string()), "{process}");
        assert_eq!(journal.inspect("x").await.unwrap().info.state, RunState::Running);
        assert!(journal.delete("x").await.is_err());
    }
    // One that waits has its turn when the first has ended, and finds what that has done.
    let waiting = tokio::spawn({
        let (chain, config) = (Arc::clone(&chain), Config::new().durable(other.run("x").wait(Duration::from_mins(1))));
        async move { chain.invoke_with(1, config).await }
    });
    wait.0.1.notify_one();
    assert_eq!(running.await.unwrap().unwrap(), 1);
    assert_eq!(waiting.await.unwrap().unwrap(), 1);
    assert_eq!(one.inspect("x").await.unwrap().info.state, RunState::Completed);
}

#[tokio::test]
async fn a_run_that_is_dropped_can_be_gone_on_with() {
    let (folder, counts, wait) = (Folder::new(), Counts::default(), Wait::default());
    let journal = folder.journal().await;
    let chain = chain!(u32 => counts.step("a").durable("a/1") | wait.clone());
    for _ in 0..3 {
        tokio::select! {
            _ = chain.invoke_with(1, under(&journal, "x")) => panic!("it waits"),
            () = wait.0.0.notified() => {}
        }
        assert_eq!(journal.inspect("x").await.unwrap().info.state, RunState::Interrupted);
    }
    assert_eq!(counts.all(), 1);
}

#[tokio::test]
async fn runs_are_listed_cancelled_deleted_and_pruned() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let now = Arc::new(Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)));
    let clock = Arc::clone(&now);
    let journal = Journal::builder().clock(move || *clock.lock().unwrap()).sqlite(folder.path()).await.unwrap();
    let chain = chain!(u32 => counts.step("a").durable("a/1"));
    for run in ["old", "new", "mid"] {
        chain.invoke_with(1, under(&journal, run)).await.unwrap();
        *now.lock().unwrap() += Duration::from_hours(1);
    }
    let runs = journal.runs().await.unwrap();
    let ids: Vec<&str> = runs.iter().map(|info| &*info.id).collect();
    assert_eq!(ids, ["mid", "new", "old"]);
    assert!(runs.iter().all(|info| info.state == RunState::Completed && info.steps == 1));

    journal.cancel("new").await.unwrap();
    let error = chain.invoke_with(1, under(&journal, "new")).await.unwrap_err();
    assert!(
        matches!(error.downcast_ref(), Some(JournalError::Cancelled { .. })) && *error.kind() == ErrorKind::Cancelled
    );
    assert_eq!(journal.inspect("new").await.unwrap().info.state, RunState::Cancelled);

    // Three hours have passed since the oldest, two since the cancelled one.
    assert_eq!(journal.prune(Duration::from_mins(150), &[RunState::Completed]).await.unwrap(), 1);
    assert_eq!(journal.runs().await.unwrap().len(), 2);
    journal.delete("new").await.unwrap();
    for run in ["new", "old"] {
        assert!(matches!(journal.inspect(run).await.unwrap_err().downcast_ref(), Some(JournalError::NoRun { .. })));
    }
    assert_eq!(counts.all(), 3);
    chain.invoke_with(1, under(&journal, "old")).await.unwrap();
    assert_eq!(counts.all(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_cancelled_stops_in_the_process_that_runs_it() {
    let (folder, wait) = (Folder::new(), Wait::default());
    let (one, other) = (folder.journal().await, folder.journal().await);
    let chain = chain!(u32 => wait.clone());
    let call = chain.invoke_with(1, under(&one, "x"));
    let cancel = async {
        wait.0.0.notified().await;
        other.cancel("x").await.unwrap();
    };
    let (outcome, ()) = tokio::join!(call, cancel);
    assert_eq!(outcome.unwrap_err().kind(), &ErrorKind::Cancelled);
    assert_eq!(other.inspect("x").await.unwrap().info.state, RunState::Cancelled);
}

#[tokio::test]
async fn the_drawing_says_what_was_done_when_and_by_which_process() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let now = Arc::new(Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)));
    let clock = Arc::clone(&now);
    // A second passes at each look.
    let tick = move || {
        let mut now = clock.lock().unwrap();
        *now += Duration::from_secs(1);
        *now
    };
    let journal = Journal::builder().clock(tick).sqlite(folder.path()).await.unwrap();
    let chain = chain!(u32 => counts.step("a").durable("a/1") | counts.step("b").durable("b/1"));
    chain.invoke_with(1, under(&journal, "order-42")).await.unwrap();
    let details = journal.inspect("order-42").await.unwrap();
    let process = &details.info.process;
    let expected = format!(
        "order-42 · completed · 2 steps by 1 processes\n  \
         a/1  ███████████                         1.000 s  {process}\n  \
         b/1                      ███████████     1.000 s  {process}\n"
    );
    let drawn = details.to_string();
    let words = |text: &str| text.replace('█', "").split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(&drawn), words(&expected), "{drawn}");
    let bars: Vec<(usize, usize)> =
        drawn.lines().skip(1).map(|line| (line.find('█').unwrap(), line.matches('█').count())).collect();
    assert!(bars[0].0 < bars[1].0 && bars[0].1 > 5 && bars[1].1 > 5, "{drawn}");
}
