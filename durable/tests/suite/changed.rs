//! A chain that has changed between two processes.

use crate::work::{Counts, Folder};
use catena::{Config, prelude::*};
use catena_durable::{ConfigExt, DurableExt, Journal, JournalError, OnChange};

fn under(journal: &Journal, run: &str) -> Config {
    Config::new().durable(journal.run(run))
}

#[tokio::test]
async fn steps_that_are_added_removed_renamed_and_moved_leave_the_others_as_they_were() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    let step = |name| counts.step(name);
    let old = chain!(u32 => step("a").durable("a/1") | step("b").durable("b/1") | step("c").durable("c/1"));
    for run in ["added", "removed", "renamed", "moved"] {
        assert_eq!(old.invoke_with(1, under(&journal, run)).await.unwrap(), 4);
    }
    let before = counts.all();
    let gone = |run: &'static str| {
        let journal = journal.clone();
        async move { journal.inspect(run).await.unwrap().gone }
    };

    // One more at the end, and one before that changes nothing of what the others get.
    let added = chain!(u32 =>
        |n| n
        | step("a").durable("a/1") | step("b").durable("b/1") | step("c").durable("c/1") | step("d").durable("d/1"));
    assert_eq!(added.invoke_with(1, under(&journal, "added")).await.unwrap(), 5);
    assert_eq!((counts.all() - before, counts.of("d(4)")), (1, 1));
    assert!(gone("added").await.is_empty());

    // Without the last.
    let removed = chain!(u32 => step("a").durable("a/1") | step("b").durable("b/1"));
    assert_eq!(removed.invoke_with(1, under(&journal, "removed")).await.unwrap(), 3);
    assert_eq!(counts.all() - before, 1);
    assert_eq!(gone("removed").await, ["c/1"]);

    // Another version of the second: it and no other runs.
    let renamed = chain!(u32 => step("a").durable("a/1") | step("b2").durable("b/2") | step("c").durable("c/1"));
    assert_eq!(renamed.invoke_with(1, under(&journal, "renamed")).await.unwrap(), 4);
    assert_eq!((counts.all() - before, counts.of("b2(2)")), (2, 1));
    assert_eq!(gone("renamed").await, ["b/1"]);

    // Into a map and an arm: the keys are names.
    let moved = chain!(u32 =>
        <x: step("a").durable("a/1").retry(2)> | .x
        | match { 2 => chain!(u32 => step("b").durable("b/1") | step("c").durable("c/1")).boxed(), n => |n| n });
    assert_eq!(moved.invoke_with(1, under(&journal, "moved")).await.unwrap(), 4);
    assert_eq!(counts.all() - before, 2);
    assert!(gone("moved").await.is_empty());
}

#[tokio::test]
async fn a_removed_step_that_changes_what_the_next_gets_is_an_error_or_runs_that_again() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    let old = chain!(u32 => counts.step("a").durable("a/1") | counts.step("b").durable("b/1"));
    old.invoke_with(1, under(&journal, "x")).await.unwrap();
    let new = chain!(u32 => counts.step("b").durable("b/1"));
    let error = new.invoke_with(1, under(&journal, "x")).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(JournalError::InputChanged { key, .. }) if key == "b/1"), "{error}");
    let config = Config::new().durable(journal.run("x").on_change(OnChange::Rerun));
    assert_eq!(new.invoke_with(1, config).await.unwrap(), 2);
    assert_eq!(journal.inspect("x").await.unwrap().gone, ["a/1"]);
}

#[tokio::test]
async fn a_step_whose_type_has_changed_says_so() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    chain!(u32 => counts.step("a").durable("a/1")).invoke_with(1, under(&journal, "x")).await.unwrap();
    let chain = chain!(u32 => chain!(u32 => |n| n.to_string()).durable("a/1"));
    let error = chain.invoke_with(1, under(&journal, "x")).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(JournalError::Unreadable { key, .. }) if key == "a/1"), "{error}");
    assert!(error.to_string().contains("next version"), "{error}");
}
