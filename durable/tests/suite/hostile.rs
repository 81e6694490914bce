//! Bad ids, files, disks and clocks: clear errors, and nothing lost.

use crate::work::{Counts, Folder};
use catena::{Config, Context, ErrorKind, Result, Runnable, prelude::*, runnable};
use catena_durable::{ConfigExt, DurableExt, Journal, JournalError, RunState};
use rusqlite::Connection;
use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

fn under(journal: &Journal, run: &str) -> Config {
    Config::new().durable(journal.run(run))
}

#[tokio::test]
async fn odd_ids_are_ids_and_impossible_ones_are_refused() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    let chain = chain!(u32 => counts.step("a").durable("a/1"));
    let odd = ["'; DROP TABLE catena_runs; --", "日本語/🦀", "a b%_\\\"", "..", "\u{202e}rtl"];
    for id in odd {
        chain.invoke_with(1, under(&journal, id)).await.unwrap();
        assert_eq!(journal.inspect(id).await.unwrap().info.id, id);
    }
    assert_eq!(journal.runs().await.unwrap().len(), odd.len());
    for id in [String::new(), "x".repeat(10_000_000), "a\0b".to_owned(), "a\nb".to_owned()] {
        let error = chain.invoke_with(1, under(&journal, &id)).await.unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(JournalError::Name { .. })), "{error}");
        assert!(error.to_string().len() < 500, "the error is short");
    }
    assert_eq!(counts.all(), odd.len());
}

#[tokio::test]
async fn odd_names_of_steps_are_refused_before_anything_runs() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    for name in ["", "[0].a", "a\nb", &"x".repeat(1000)] {
        let chain = chain!(u32 => counts.step("a") | counts.step("b").durable(name.to_owned()));
        let error = chain.invoke_with(1, under(&journal, "x")).await.unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(JournalError::Name { .. })), "{error}");
    }
    assert_eq!(counts.all(), 0);
}

#[tokio::test]
async fn files_that_are_no_journals_are_refused_and_left_as_they_were() {
    let folder = Folder::new();
    let path = folder.path();
    let error = |path: &str| {
        let path = path.to_owned();
        async move { Journal::sqlite(path).await.unwrap_err() }
    };
    for path in ["", ":memory:", "file:x?mode=memory", "/dev/null"] {
        assert_eq!(error(path).await.kind(), &ErrorKind::BadInput, "{path}");
    }
    let text = "This is a letter, and no database. ".repeat(100);
    std::fs::write(&path, &text).unwrap();
    let refused = Journal::sqlite(&path).await.unwrap_err();
    assert!(refused.to_string().contains("another sort"), "{refused}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    let missing = path.join("no/such/folder.db");
    assert_eq!(Journal::sqlite(missing).await.unwrap_err().kind(), &ErrorKind::BadInput);
}

#[tokio::test]
async fn a_journal_of_a_newer_version_is_refused() {
    let folder = Folder::new();
    drop(folder.journal().await);
    let connection = Connection::open(folder.path()).unwrap();
    connection.execute("UPDATE catena_versions SET version = 99 WHERE part = 'durable'", []).unwrap();
    let error = Journal::sqlite(folder.path()).await.unwrap_err();
    assert!(error.to_string().contains("version 99") && error.to_string().contains("newer"), "{error}");
}

#[tokio::test]
async fn a_record_that_was_not_written_whole_is_none() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    let chain = chain!(u32 => counts.step("a").durable("a/1") | counts.step("b").durable("b/1"));
    chain.invoke_with(1, under(&journal, "x")).await.unwrap();
    let connection = Connection::open(folder.path()).unwrap();
    connection.execute("UPDATE catena_steps SET payload = substr(payload, 1, 8) WHERE key = 'a/1'", []).unwrap();
    assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap(), 3);
    assert_eq!((counts.of("a(1)"), counts.of("b(2)")), (2, 1));
    assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap(), 3);
    assert_eq!(counts.all(), 3);
}

#[tokio::test]
async fn a_damaged_file_is_a_clear_error() {
    let folder = Folder::new();
    let counts = Counts::default();
    let chain = chain!(Vec<u32> => counts.step("a").durable("a/1").map());
    let journal = folder.journal().await;
    chain.invoke_with((0..500).collect(), under(&journal, "x")).await.unwrap();
    drop(journal);
    // The pages after the first, which has the schema.
    let mut bytes = std::fs::read(folder.path()).unwrap();
    assert!(bytes.len() > 40_000);
    bytes[4096..].fill(0x5a);
    std::fs::write(folder.path(), bytes).unwrap();
    let error = match Journal::sqlite(folder.path()).await {
        Err(error) => error,
        Ok(journal) => chain.invoke_with((0..500).collect(), under(&journal, "x")).await.unwrap_err(),
    };
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(error.to_string().contains("damaged"), "{error}");
}

/// A step with a large output.
struct Large(usize);

#[runnable]
impl Runnable<u32> for Large {
    type Output = String;

    async fn call(&self, _input: u32, _cx: &Context) -> Result<String> {
        Ok("x".repeat(self.0))
    }
}

#[tokio::test]
async fn an_output_of_100_mb_is_kept() {
    let folder = Folder::new();
    let journal = folder.journal().await;
    let chain = chain!(u32 => Large(100_000_000).durable("large/1") | |text| text.len());
    for _ in 0..2 {
        assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap(), 100_000_000);
    }
    assert!(journal.inspect("x").await.unwrap().steps[0].bytes > 100_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_locked_for_five_seconds_costs_five_seconds() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    let chain = chain!(u32 => counts.step("a").durable("a/1") | counts.step("b").durable("b/1"));
    let connection = Connection::open(folder.path()).unwrap();
    connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let unlock = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(5));
        connection.execute_batch("ROLLBACK").unwrap();
    });
    let begun = std::time::Instant::now();
    assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap(), 3);
    assert!(begun.elapsed() >= Duration::from_millis(4500));
    assert_eq!(counts.all(), 2);
    unlock.join().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stays_locked_is_an_error_and_nothing_runs() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = Journal::builder().patience(Duration::from_millis(200)).sqlite(folder.path()).await.unwrap();
    let chain = chain!(u32 => counts.step("a").durable("a/1"));
    let connection = Connection::open(folder.path()).unwrap();
    connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = chain.invoke_with(1, under(&journal, "x")).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None });
    assert!(error.to_string().contains("locked"), "{error}");
    assert_eq!(counts.all(), 0);
    connection.execute_batch("ROLLBACK").unwrap();
    assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap(), 2);
}

/// A disk of a few megabytes, if one can be mounted here.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(folder.path())
            .stderr(std::process::Stdio::null())
            .status();
        matches!(mounted, Ok(status) if status.success()).then_some(SmallDisk(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// On a real file system that is full. Only root can mount one: elsewhere the test says that it is skipped.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_a_clear_error_and_the_run_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::new() else {
        let _ = writeln!(std::io::stderr().lock(), "SKIPPED: a full disk, for a small one cannot be mounted here");
        assert!(std::env::var_os("CATENA_REQUIRE_MOUNT").is_none(), "a disk cannot be mounted");
        return;
    };
    let counts = Counts::default();
    let filler = disk.0.path().join("filler");
    let patience = Duration::from_millis(500);
    let journal = Journal::builder().patience(patience).sqlite(disk.0.path().join("journal.db")).await.unwrap();
    let chain = chain!(u32 => counts.step("a").durable("a/1") | Large(900_000).durable("large/1") | |text| text.len());
    let small = chain!(u32 => counts.step("small").durable("small/1"));
    small.invoke_with(1, under(&journal, "before")).await.unwrap();
    // Fill it up, but for what the first steps take.
    std::fs::write(&filler, vec![0_u8; 1_500_000]).unwrap();
    let error = chain.invoke_with(1, under(&journal, "x")).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None }, "{error}");
    assert!(error.to_string().contains("full") && !error.is_retryable(), "{error}");
    assert_eq!(journal.inspect("before").await.unwrap().info.state, RunState::Completed);
    std::fs::remove_file(&filler).unwrap();
    assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap(), 900_000);
    assert_eq!(small.invoke_with(1, under(&journal, "before")).await.unwrap(), 2);
    assert_eq!(counts.of("small(1)"), 1);
}

#[tokio::test]
async fn a_clock_that_jumps_changes_no_order_and_no_lease() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let jumps = Arc::new(Mutex::new(fastrand::Rng::with_seed(5)));
    let clock = move || SystemTime::UNIX_EPOCH + Duration::from_secs(jumps.lock().unwrap().u64(0..4_000_000_000));
    let journal = Journal::builder().clock(clock).sqlite(folder.path()).await.unwrap();
    let other = folder.journal().await;
    let chain = chain!(u32 =>
        counts.step("a").durable("a/1") | counts.step("b").durable("b/1") | counts.step("c").durable("c/1"));
    for _ in 0..20 {
        assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap(), 4);
        assert_eq!(chain.invoke_with(1, under(&other, "x")).await.unwrap(), 4);
    }
    assert_eq!(counts.all(), 3);
    let details = journal.inspect("x").await.unwrap();
    let keys: Vec<&str> = details.steps.iter().map(|step| &*step.key).collect();
    assert_eq!(keys, ["a/1", "b/1", "c/1"]);
    // It can be drawn, whatever the times are.
    assert_eq!(details.to_string().lines().count(), 4);
}
