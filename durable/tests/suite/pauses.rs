//! Runs that wait for answers and times.

use crate::work::{Counts, Folder};
use catena::{Config, ErrorKind, prelude::*};
use catena_durable::{
    ConfigExt, DurableExt, Journal, JournalError, OnChange, Paused, RunState, pause, sleep_for, sleep_until_with,
};
use serde::{Deserialize, Serialize};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Approval {
    Yes,
    No,
}

fn under(journal: &Journal, run: &str) -> Config {
    Config::new().durable(journal.run(run))
}

#[tokio::test]
async fn a_run_goes_on_when_its_pause_is_answered_in_another_process() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let chain = chain!(u32 =>
        counts.step("a").durable("a/1")
        | <sum: _, approval: pause::<Approval>("manager")>
        | |both| if both.approval == Approval::Yes { both.sum } else { 0 }
        | counts.step("b").durable("b/1"));
    let journal = folder.journal().await;
    for _ in 0..2 {
        let error = chain.invoke_with(1, under(&journal, "x")).await.unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (&ErrorKind::Paused, false));
        let paused: &Paused = error.downcast_ref().unwrap();
        assert_eq!((&*paused.run, &*paused.key, paused.until), ("x", "manager", None));
    }
    let details = journal.inspect("x").await.unwrap();
    assert_eq!(details.info.state, RunState::Paused);
    assert_eq!((&*details.waits[0].expects, &details.waits[0].input), ("Approval", &2.into()));
    assert!(details.to_string().contains("waits for an answer"), "{details}");
    assert!(journal.ready().await.unwrap().is_empty());
    drop(journal);

    let journal = folder.journal().await;
    journal.answer("x", "manager", Approval::Yes).await.unwrap();
    assert_eq!(journal.ready().await.unwrap(), ["x"]);
    assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap(), 3);
    assert_eq!(counts.all(), 2);
    assert!(journal.ready().await.unwrap().is_empty());
}

#[tokio::test]
async fn no_fallback_retry_or_settled_field_takes_a_pause_for_a_failure() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    let chain = chain!(u32 =>
        <approval?: pause::<u32>("manager").retry(3).fallback(counts.step("backup"))>
        | |answer| answer.approval.map_err(|_| "settled")?);
    for _ in 0..2 {
        assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap_err().kind(), &ErrorKind::Paused);
    }
    journal.answer("x", "manager", 7_u32).await.unwrap();
    assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap(), 7);
    assert_eq!(counts.all(), 0);
}

#[tokio::test]
async fn wrong_answers_are_refused_and_nothing_is_lost() {
    let folder = Folder::new();
    let journal = folder.journal().await;
    let chain = chain!(u32 => pause::<Approval>("manager"));
    let answer = |run: &'static str, name: &'static str| journal.answer(run, name, Approval::Yes);
    let source = |error: catena::Error| error.downcast_ref::<JournalError>().cloned().unwrap();

    assert!(matches!(source(answer("x", "manager").await.unwrap_err()), JournalError::NoRun { .. }));
    chain.invoke_with(1, under(&journal, "x")).await.unwrap_err();
    let error = source(answer("x", "boss").await.unwrap_err());
    assert!(matches!(&error, JournalError::NoPause { open, .. } if open == &["manager"]), "{error}");
    let error = source(journal.answer("x", "manager", true).await.unwrap_err());
    assert!(
        matches!(&error, JournalError::AnswerType { expects, given, .. } if expects == "Approval" && given == "bool"),
        "{error}"
    );
    answer("x", "manager").await.unwrap();
    let error = source(journal.answer("x", "manager", Approval::No).await.unwrap_err());
    assert!(matches!(&error, JournalError::Answered { answer, .. } if answer == "\"Yes\""), "{error}");
    assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap(), Approval::Yes);
    // Without a journal there is nothing to wait with.
    let error = source(chain.invoke(1).await.unwrap_err());
    assert!(matches!(&error, JournalError::NoJournal { name } if name == "manager"), "{error}");
}

mod later {
    use serde::{Deserialize, Serialize};

    /// The type of the same name in the next version of the program.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    pub(super) struct Approval {
        pub(super) by: String,
    }
}

#[tokio::test]
async fn an_answer_whose_type_has_changed_is_asked_for_again() {
    let folder = Folder::new();
    let journal = folder.journal().await;
    chain!(u32 => pause::<Approval>("manager")).invoke_with(1, under(&journal, "x")).await.unwrap_err();
    journal.answer("x", "manager", Approval::Yes).await.unwrap();
    let chain = chain!(u32 => pause::<later::Approval>("manager"));
    let error = chain.invoke_with(1, under(&journal, "x")).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(JournalError::Unreadable { .. })), "{error}");
    journal.answer("x", "manager", later::Approval { by: "Ann".to_owned() }).await.unwrap();
    assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap().by, "Ann");
}

#[tokio::test]
async fn an_answer_to_another_input_is_not_used() {
    let folder = Folder::new();
    let journal = folder.journal().await;
    let chain = chain!(u32 => pause::<Approval>("manager"));
    chain.invoke_with(100, under(&journal, "x")).await.unwrap_err();
    journal.answer("x", "manager", Approval::Yes).await.unwrap();
    let error = chain.invoke_with(1_000_000, under(&journal, "x")).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(JournalError::InputChanged { .. })), "{error}");
    let again = Config::new().durable(journal.run("x").on_change(OnChange::Rerun));
    assert_eq!(chain.invoke_with(1_000_000, again.clone()).await.unwrap_err().kind(), &ErrorKind::Paused);
    journal.answer("x", "manager", Approval::No).await.unwrap();
    assert_eq!(chain.invoke_with(1_000_000, again).await.unwrap(), Approval::No);
}

#[tokio::test]
async fn pauses_in_a_list_are_answered_one_by_one() {
    let folder = Folder::new();
    let journal = folder.journal().await;
    let chain = chain!(Vec<u32> => pause::<bool>("check").map().concurrency(1));
    chain.invoke_with(vec![7, 8], under(&journal, "x")).await.unwrap_err();
    journal.answer("x", "check", true).await.unwrap();
    chain.invoke_with(vec![7, 8], under(&journal, "x")).await.unwrap_err();
    journal.answer("x", "[1].check", false).await.unwrap();
    assert_eq!(chain.invoke_with(vec![7, 8], under(&journal, "x")).await.unwrap(), [true, false]);
}

#[tokio::test]
async fn timers_end_by_the_clock_even_if_it_jumps() {
    let folder = Folder::new();
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    let now = Arc::new(Mutex::new(start));
    let clock = Arc::clone(&now);
    let journal = Journal::builder().clock(move || *clock.lock().unwrap()).sqlite(folder.path()).await.unwrap();
    let hour = Duration::from_hours(1);
    let chain = chain!(u32 =>
        sleep_for("rest", hour) | sleep_until_with("due", |n: &u32| SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(*n))));
    let due = 1_010_000;
    let paused = |error: catena::Error| error.downcast_ref::<Paused>().cloned().unwrap();
    let first = paused(chain.invoke_with(due, under(&journal, "x")).await.unwrap_err());
    assert_eq!((&*first.key, first.until), ("rest", Some(start + hour)));
    // Back by a day: it waits on, until the same time.
    *now.lock().unwrap() = start - 24 * hour;
    let second = paused(chain.invoke_with(due, under(&journal, "x")).await.unwrap_err());
    assert_eq!(second, first);
    *now.lock().unwrap() = start + hour + Duration::from_secs(1);
    assert_eq!(journal.ready().await.unwrap(), ["x"]);
    let third = paused(chain.invoke_with(due, under(&journal, "x")).await.unwrap_err());
    assert_eq!((&*third.key, third.until), ("due", Some(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(due)))));
    assert!(journal.ready().await.unwrap().is_empty());
    *now.lock().unwrap() = start + 100_000 * hour;
    assert_eq!(chain.invoke_with(due, under(&journal, "x")).await.unwrap(), due);
}

#[tokio::test]
async fn a_pause_keeps_what_the_other_branches_have_finished() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    let chain = chain!(u32 => <done: counts.step("a").durable("a/1"), answer: chain!(u32 => |n| n | pause::<u32>("q"))>
        | |both| both.done + both.answer);
    // Until the other branch has had the time.
    for _ in 0..20 {
        assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap_err().kind(), &ErrorKind::Paused);
    }
    journal.answer("x", "q", 40_u32).await.unwrap();
    assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap(), 42);
}
