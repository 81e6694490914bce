//! Journals and records made of any bytes: they are read, or refused by an error.

#[path = "../../../llm/tests/suite/fuzzed/harness.rs"]
mod harness;

use crate::work::Counts;
use catena::{Config, prelude::*};
use catena_durable::{ConfigExt, DurableExt, Journal, pause};
use harness::Target;
use std::{path::Path, time::Duration};

const TARGETS: [Target; 2] = [("compatibility", journal), ("record", catena_durable::__private::read_record)];

/// A file that was a journal once: its runs are listed and gone on with, or an error says why not.
fn journal(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    std::fs::write(&path, bytes).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        // A file whose locks are damaged is not waited for.
        let opened = Journal::builder().patience(Duration::from_millis(50)).sqlite(&path).await;
        let Ok(journal) = opened.inspect_err(|error| assert!(!error.message().is_empty())) else { return };
        for run in journal.runs().await.unwrap_or_default() {
            if let Ok(details) = journal.inspect(&run.id).await {
                let drawn = details.to_string();
                assert!(!drawn.contains('\u{1b}'), "{drawn:?}");
            }
        }
        let counts = Counts::default();
        let chain = chain!(u32 => counts.step("a").durable("a/1")
            | <sum: _, more: pause::<u32>("manager")>
            | |both| both.sum.saturating_add(both.more));
        let _ = journal.answer("order-42", "manager", 40_u32).await;
        let _ = chain.invoke_with(1, Config::new().durable(journal.run("order-42"))).await;
        let _ = journal.cancel("order-42").await;
        let _ = journal.delete("order-42").await;
    });
}

#[test]
fn any_bytes_are_a_journal_or_an_error() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    harness::run_all(&TARGETS, &[tests.join("suite"), tests.join("corpus")]);
}
