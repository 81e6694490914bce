//! A program that is killed while it stores, and others that store at the same time.

use catena_llm::{
    Message, Messages, Role,
    memory::{HistoryStore, SqliteHistory},
};
use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

const FILE: &str = "CATENA_TEST_HISTORY";
const SESSION: &str = "CATENA_TEST_SESSION";

/// Stores turns until it is killed, and says of each that it has.
#[tokio::test]
#[ignore = "the program that the tests below run and kill"]
async fn writer() {
    let (Ok(file), Ok(session)) = (env::var(FILE), env::var(SESSION)) else { return };
    let history = SqliteHistory::open(file).await.unwrap();
    for turn in 1.. {
        history.append(&session, pair(turn)).await.unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "stored {turn}").and_then(|()| out.flush()).unwrap();
    }
}

fn pair(turn: usize) -> Messages {
    // Over several pages of the file.
    let answer = format!("answer {turn} {}", "x".repeat(20_000));
    [Message::user(format!("question {turn}")), Message::assistant(answer)].into()
}

fn start(file: &Path, session: &str) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "memory::killed::writer", "--ignored", "--nocapture"])
        .env(FILE, file)
        .env(SESSION, session)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Reads until it has stored so many turns, kills it, and gives the last it said it had stored.
fn kill_after(mut child: Child, turns: usize) -> usize {
    let mut stored = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        // The test harness writes its own words in between.
        let line = line.unwrap();
        if let Some((_, turn)) = line.rsplit_once("stored ") {
            stored = turn.parse().unwrap();
        }
        if stored == turns {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    stored
}

/// Whole pairs, in order: the number of them.
fn pairs(messages: &Messages) -> usize {
    for two in messages.chunks(2) {
        let [question, answer] = two else { panic!("half a turn: {} messages", messages.len()) };
        assert_eq!((question.role(), answer.role()), (&Role::User, &Role::Assistant));
        let turn = question.text().strip_prefix("question ").unwrap();
        assert!(answer.text().starts_with(&format!("answer {turn} ")), "the answer to another question");
    }
    messages.len() / 2
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_program_said_it_stored_is_there_and_nothing_is_half_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chats.db");
    let mut before = 0;
    for turns in [1, 7, 20] {
        let stored = kill_after(start(&file, "killed"), turns);
        assert!(stored >= turns, "the writer ended by itself after {stored}");
        let history = SqliteHistory::open(&file).await.unwrap();
        let there = pairs(&history.get("killed").await.unwrap());
        assert!(there >= before + stored, "{there} turns of {before} and {stored}");
        before = there;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_share_a_file_and_a_session() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chats.db");
    let children = ["same", "same", "other"].map(|session| start(&file, session));
    let stored = children.map(|child| std::thread::spawn(move || kill_after(child, 15)));
    let stored = stored.map(|thread| thread.join().unwrap());
    assert!(stored.iter().all(|stored| *stored >= 15), "a writer ended by itself: {stored:?}");
    let history = SqliteHistory::open(&file).await.unwrap();
    assert!(pairs(&history.get("same").await.unwrap()) >= stored[0] + stored[1]);
    assert!(pairs(&history.get("other").await.unwrap()) >= stored[2]);
    assert_eq!(history.sessions().await.unwrap(), ["other", "same"]);
}
