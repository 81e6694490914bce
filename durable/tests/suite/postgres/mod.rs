//! Journals in Postgres: a real server, of a cluster of its own.

mod killed;
mod server;

use crate::work::Counts;
use catena::{Config, ErrorKind, prelude::*};
use catena_durable::{ConfigExt, DurableExt, Journal, JournalError, OnChange, RunState, pause, sleep_for};
use server::Server;
use std::time::Duration;

fn under(journal: &Journal, run: &str) -> Config {
    Config::new().durable(journal.run(run))
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_go_on_are_refused_listed_and_deleted_as_in_sqlite() {
    let Some(server) = Server::start() else { return };
    let counts = Counts::default();
    let (one, other) = (server.journal().await, server.journal().await);
    let chain = chain!(Vec<u32> => counts.step("each").durable("each/1").map() | |list| list.iter().sum::<u32>());
    for journal in [&one, &other, &one] {
        assert_eq!(chain.invoke_with(vec![1, 1, 5], under(journal, "x")).await.unwrap(), 10);
    }
    assert_eq!((counts.of("each(1)"), counts.of("each(5)")), (2, 1));

    let error = chain.invoke_with(vec![2], under(&other, "x")).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(JournalError::InputChanged { .. })), "{error}");
    let again = Config::new().durable(other.run("x").on_change(OnChange::Rerun));
    assert_eq!(chain.invoke_with(vec![2], again).await.unwrap(), 3);

    for id in ["'; DROP TABLE catena_runs; --", "日本語/🦀"] {
        chain.invoke_with(vec![7], under(&one, id)).await.unwrap();
        assert_eq!(other.inspect(id).await.unwrap().info.state, RunState::Completed);
        other.delete(id).await.unwrap();
        assert!(matches!(one.inspect(id).await.unwrap_err().downcast_ref(), Some(JournalError::NoRun { .. })));
    }
    one.cancel("x").await.unwrap();
    assert_eq!(chain.invoke_with(vec![2], under(&other, "x")).await.unwrap_err().kind(), &ErrorKind::Cancelled);
    assert_eq!(one.prune(Duration::ZERO, &[RunState::Completed]).await.unwrap(), 0);
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(one.prune(Duration::ZERO, &[RunState::Cancelled]).await.unwrap(), 1);
    assert!(one.runs().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn pauses_and_timers_are_kept_and_answered_by_another_machine() {
    let Some(server) = Server::start() else { return };
    let (one, other) = (server.journal().await, server.journal().await);
    let chain = chain!(u32 => <n: _, answer: pause::<bool>("manager")> | |both| both.n + u32::from(both.answer)
        | sleep_for("rest", Duration::from_millis(200)));
    assert_eq!(chain.invoke_with(1, under(&one, "x")).await.unwrap_err().kind(), &ErrorKind::Paused);
    for (name, wrong) in [("boss", "NoPause"), ("manager", "AnswerType")] {
        let error = other.answer("x", name, 7_u32).await.unwrap_err();
        assert!(format!("{:?}", error.downcast_ref::<JournalError>().unwrap()).starts_with(wrong), "{error}");
    }
    other.answer("x", "manager", true).await.unwrap();
    assert!(matches!(
        other.answer("x", "manager", false).await.unwrap_err().downcast_ref(),
        Some(JournalError::Answered { .. })
    ));
    assert_eq!(one.ready().await.unwrap(), ["x"]);
    assert_eq!(chain.invoke_with(1, under(&other, "x")).await.unwrap_err().kind(), &ErrorKind::Paused);
    tokio::time::sleep(Duration::from_millis(250)).await;
    assert_eq!(chain.invoke_with(1, under(&one, "x")).await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_and_settings_that_are_none_are_clear_errors() {
    let builder = || Journal::builder().patience(Duration::from_millis(300));
    let error = builder().postgres("host=/nowhere/at/all user=catena password=hunter2").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None });
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("cannot be reached") && !shown.contains("hunter2"), "{shown}");
    let error = builder().postgres("hst=typo password=hunter2").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
}
