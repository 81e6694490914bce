//! Databases that are locked, flooded, or none.

use catena::{ErrorKind, RunnableExt};
use catena_llm::{
    Message, Messages,
    cache::SqliteCache,
    memory::{HistoryExt, HistoryStore, InMemoryHistory, SqliteHistory},
    retrieval::{Bm25, Document, HashingEmbedder, VectorIndex},
    testing::{Reply, Scripted},
};
use futures_util::{StreamExt, future::join_all};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

fn turn() -> Messages {
    [Message::user("Hi"), Message::assistant("Hello")].into()
}

/// Locks a database as another process would.
fn lock(path: &Path) -> rusqlite::Connection {
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

/// Fails if unrelated work has to wait.
async fn unrelated_work() {
    let start = Instant::now();
    tokio::task::spawn_blocking(|| ()).await.unwrap();
    tokio::fs::metadata("/").await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(1), "other work waited {:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_for_a_lock_counts_from_the_request() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chats.db");
    let limit = Duration::from_millis(400);
    let store = SqliteHistory::open(&path).await.unwrap().with_busy_timeout(limit);
    store.append("known", turn()).await.unwrap();
    let other = lock(&path);
    for sessions in [8, 600] {
        let start = Instant::now();
        let writes = (0..sessions).map(|at| {
            let store = store.clone();
            async move { (store.append(&format!("s{at}"), turn()).await.unwrap_err(), start.elapsed()) }
        });
        let reads = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let begun = Instant::now();
            assert_eq!(store.get("known").await.unwrap().len(), 2);
            assert!(begun.elapsed() < Duration::from_millis(300), "a read waited for writes: {:?}", begun.elapsed());
            unrelated_work().await;
        };
        let (errors, ()) = tokio::join!(join_all(writes), reads);
        for (error, took) in errors {
            assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None }, "{error}");
            assert!(error.message().contains("is locked"), "{error}");
            // One limit for all of them, not one for each.
            assert!(took < limit + Duration::from_secs(3), "{sessions} sessions: {took:?}");
        }
    }
    other.execute_batch("ROLLBACK").unwrap();
    store.append("s0", turn()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn more_requests_than_the_queue_holds_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chats.db");
    let store = SqliteHistory::open(&path).await.unwrap().with_busy_timeout(Duration::from_millis(500));
    let other = lock(&path);
    let start = Instant::now();
    let appends = (0..2000).map(|at| {
        let store = store.clone();
        async move { (store.append(&format!("s{at}"), turn()).await.unwrap_err(), start.elapsed()) }
    });
    let errors = join_all(appends).await;
    let refused: Vec<_> = errors.iter().filter(|(error, _)| error.message().contains("overloaded")).collect();
    assert!((900..=976).contains(&refused.len()), "{} were refused", refused.len());
    assert!(refused[0].0.message().contains("1024 requests are waiting"), "{}", refused[0].0);
    assert_eq!(refused[0].0.kind(), &ErrorKind::Unavailable { retry_after: None });
    drop(other);
    store.append("after", turn()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_and_the_readers_are_bounds_that_can_be_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chats.db");
    let store = SqliteHistory::open(&path).await.unwrap().with_busy_timeout(Duration::from_millis(500));
    let store = store.with_max_waiting(8).with_readers(1);
    store.append("known", turn()).await.unwrap();
    let other = lock(&path);
    let appends = (0..100).map(|at| {
        let store = store.clone();
        async move { store.append(&format!("s{at}"), turn()).await.unwrap_err() }
    });
    let errors = join_all(appends).await;
    let refused = errors.iter().filter(|error| error.message().contains("8 requests are waiting")).count();
    // One may be with the thread already.
    assert!((91..=92).contains(&refused), "{refused} were refused");
    drop(other);
    // Reads of one connection wait for each other, up to the bound.
    for read in join_all((0..8).map(|_| store.get("known"))).await {
        assert_eq!(read.unwrap().len(), 2);
    }
    // None at all would be a store that answers nothing.
    let none = SqliteCache::open(folder.path().join("answers.db")).await.unwrap().with_readers(0).with_max_waiting(0);
    assert_eq!(none.count().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_nobody_waits_for_is_completed() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteHistory::open(folder.path().join("chats.db")).await.unwrap();
    for at in 0..50 {
        let session = format!("s{at}");
        let mut append = Box::pin(store.append(&session, turn()));
        let _ = futures_util::poll!(&mut append);
    }
    drop(store);
    let later = SqliteHistory::open(folder.path().join("chats.db")).await.unwrap();
    assert_eq!(later.sessions().await.unwrap().len(), 50);
}

#[tokio::test]
async fn the_longest_wait_is_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteHistory::open(folder.path().join("chats.db")).await.unwrap();
    let store = store.with_busy_timeout(Duration::MAX);
    store.append("a", turn()).await.unwrap();
    assert_eq!(store.get("a").await.unwrap().len(), 2);
}

/// What is no file, though SQLite opens it.
fn paths(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = [
        "",
        " ",
        ":memory:",
        "file::memory:",
        "file::memory:?cache=shared",
        "file:chats?mode=memory",
        "FILE:chats.db?mode=memory",
        "file:",
        ":other:",
        "a\0b",
    ]
    .iter()
    .map(PathBuf::from)
    .collect();
    paths.push(folder.to_owned());
    if cfg!(unix) {
        paths.extend(["/dev/null", "/dev/zero", "/dev/full"].map(PathBuf::from));
    }
    paths
}

#[tokio::test]
async fn a_store_that_would_keep_nothing_is_refused_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    for path in paths(folder.path()) {
        let refused = [
            SqliteHistory::open(&path).await.err(),
            SqliteCache::open(&path).await.err(),
            Bm25::open(&path).await.err(),
            VectorIndex::open(&path, HashingEmbedder::new(8)).await.err(),
        ];
        for error in refused {
            let error = error.unwrap_or_else(|| panic!("{path:?} was opened"));
            assert_eq!(error.kind(), &ErrorKind::BadInput, "{path:?}: {error}");
        }
        assert!(!path.is_file(), "{path:?} was made");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_cannot_be_written_is_refused_when_it_is_opened() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chats.db");
    SqliteHistory::open(&path).await.unwrap().append("a", turn()).await.unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    if std::fs::OpenOptions::new().write(true).open(&path).is_ok() {
        println!("SKIPPED: this user may write to any file");
        return;
    }
    let error = SqliteHistory::open(&path).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput, "{error}");
    assert!(error.message().contains("cannot be written to"), "{error}");
}

#[tokio::test]
async fn indices_are_read_while_they_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let index = VectorIndex::open(folder.path().join("index.db"), HashingEmbedder::new(16)).await.unwrap();
    let documents = |n: usize| (0..50).map(move |at| Document::new(format!("text {at}")).with_id(format!("{n}-{at}")));
    index.add(documents(0)).await.unwrap();
    let search = catena_llm::retrieval::Retrieve::new(index.clone()).top(5);
    let writes = async {
        for n in 1..20 {
            index.add(documents(n)).await.unwrap();
            index.remove((0..50).map(|at| format!("{}-{at}", n - 1))).await.unwrap();
        }
    };
    let reads = async {
        for _ in 0..40 {
            assert_eq!(search.invoke("text 7").await.unwrap().len(), 5);
        }
    };
    tokio::join!(writes, reads);
}

#[tokio::test]
async fn a_reader_that_leaves_after_the_last_chunk_has_its_turn_stored() {
    let reply = || Reply::chunks(["one ", "two"]);
    let store = InMemoryHistory::new();
    let chat = Scripted::answers([reply(), reply()]).chat().with_history(store.clone(), "a");
    let mut chunks = chat.stream("Hi");
    while let Some(chunk) = chunks.next().await {
        if chunk.unwrap().finish_reason().is_some() {
            break;
        }
    }
    drop(chunks);
    assert_eq!(store.get("a").await.unwrap().len(), 2);
    // One that leaves before it has not.
    let mut chunks = chat.stream("Hi");
    assert!(chunks.next().await.unwrap().unwrap().finish_reason().is_none());
    drop(chunks);
    assert_eq!(store.get("a").await.unwrap().len(), 2);
}
