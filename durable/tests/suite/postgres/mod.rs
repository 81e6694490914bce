//! Journals in Postgres: a real server, of a cluster of its own.

#[path = "../../../../postgres/tests/suite/certificates.rs"]
mod certificates;
#[path = "../../../../postgres/tests/suite/cluster.rs"]
mod cluster;
mod killed;
mod together;

use crate::{killed::LEASE, work::Counts};
use catena::{Config, ErrorKind, prelude::*};
use catena_durable::{ConfigExt, DurableExt, Journal, JournalError, OnChange, RunState, pause, sleep_for};
use certificates::{Authority, roots, with_tls};
use cluster::Cluster;
use std::time::Duration;

/// Starts a server. Without Postgres the test says that it is skipped.
fn server() -> Option<Cluster> {
    Cluster::start("journals in Postgres")
}

async fn journal(server: &Cluster) -> Journal {
    Journal::builder().lease(LEASE).postgres(&server.settings()).await.unwrap()
}

fn under(journal: &Journal, run: &str) -> Config {
    Config::new().durable(journal.run(run))
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_go_on_are_refused_listed_and_deleted_as_in_sqlite() {
    let Some(server) = server() else { return };
    let counts = Counts::default();
    let (one, other) = (journal(&server).await, journal(&server).await);
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
    let Some(server) = server() else { return };
    let (one, other) = (journal(&server).await, journal(&server).await);
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

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_encrypted_as_sslmode_says_and_a_wrong_root_is_an_error_at_once() {
    let Some(mut server) = server() else { return };
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let folder = tempfile::tempdir().unwrap();
    let right = roots(folder.path(), "right.pem", &ours.certificate);
    let wrong = roots(folder.path(), "wrong.pem", &other.certificate);
    let port = with_tls(&mut server, &ours.sign(&["127.0.0.1"], |_| {}));
    let settings = format!("host=127.0.0.1 port={port} user=catena dbname=postgres sslmode=verify-full");
    let journal = Journal::builder().postgres(&format!("{settings} sslrootcert={}", right.display())).await.unwrap();
    let counts = Counts::default();
    let chain = chain!(u32 => counts.step("one").durable("one/1"));
    for _ in 0..2 {
        chain.invoke_with(1, under(&journal, "x")).await.unwrap();
    }
    assert_eq!(counts.of("one(1)"), 1);
    // Not after half a minute of patience: another try would end in the same way.
    let wrong = format!("{settings} sslrootcert={}", wrong.display());
    let error = Journal::builder().patience(Duration::MAX).postgres(&wrong).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput, "{error}");
    assert!(error.message().contains("name the file of its root certificate by `sslrootcert=FILE`"), "{error}");
}
