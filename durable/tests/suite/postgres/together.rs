//! Writes of runs that run at once.

use super::{journal, server, under};
use crate::work::Counts;
use catena::prelude::*;
use catena_durable::{DurableExt, RunState};
use futures_util::future::join_all;

/// Returns the number of transactions that have written so far.
async fn transactions(settings: &str) -> i64 {
    let (client, connection) = tokio_postgres::connect(settings, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let sql = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
    client.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_at_once_share_transactions() {
    let Some(server) = server() else { return };
    let (journal, counts) = (journal(&server).await, Counts::default());
    let chain = chain!(u32 => counts.step("a").durable("a/1") | counts.step("b").durable("b/1")
        | counts.step("c").durable("c/1"));
    let runs = 50;
    let before = transactions(&server.settings()).await;
    let ids: Vec<String> = (0..runs).map(|run| format!("order-{run}")).collect();
    let outcomes = join_all(ids.iter().map(|id| chain.invoke_with(1, under(&journal, id)))).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let written = transactions(&server.settings()).await - before;
    // Each begins, ends, and has three steps.
    assert!(written < runs * 5 / 2, "{written} transactions");
    let kept = journal.runs().await.unwrap();
    assert!(kept.iter().all(|run| run.state == RunState::Completed && run.steps == 3), "{kept:?}");
    assert_eq!(kept.len(), ids.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_refused_takes_none_of_the_others_with_it() {
    let Some(server) = server() else { return };
    let (journal, counts) = (journal(&server).await, Counts::default());
    let chain = chain!(u32 => counts.step("a").durable("a/1"));
    // No text of Postgres has a NUL.
    let ids: Vec<String> = (0..20).map(|run| if run == 7 { "a\0b".to_owned() } else { format!("{run}") }).collect();
    let outcomes = join_all(ids.iter().map(|id| chain.invoke_with(1, under(&journal, id)))).await;
    for (id, outcome) in ids.iter().zip(outcomes) {
        assert_eq!(outcome.is_err(), id.contains('\0'), "{id:?}: {outcome:?}");
    }
    let kept = journal.runs().await.unwrap();
    assert!(kept.len() == 19 && kept.iter().all(|run| run.state == RunState::Completed), "{kept:?}");
}
