use super::*;
use std::path::Path;

/// What is on the terminal after these lines were typed.
async fn typed(file: &Path, options: &str, said: &[&str]) -> String {
    let line = format!("_ --simulate --history {} {options}", file.display());
    let args = Args::try_parse_from(line.split_whitespace()).unwrap();
    let (send, lines) = mpsc::channel(said.len().max(1));
    for line in said {
        send.try_send((*line).to_owned()).unwrap();
    }
    drop(send);
    let mut out = Vec::new();
    assert!(!talk(&args, lines, &mut out, CancellationToken::new()).await.unwrap());
    String::from_utf8(out).unwrap()
}

#[tokio::test]
async fn a_conversation_goes_on_after_a_restart_and_others_know_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chats.db");
    let first = typed(&file, "", &["My name is Anna.", "", "Still here?"]).await;
    assert!(first.contains("0 messages so far") && first.contains("Hello, Anna. That was line 2"), "{first}");
    let later = typed(&file, "", &["What is my name?"]).await;
    assert!(later.contains("4 messages so far"), "{later}");
    assert!(later.contains("Hello, Anna. That was line 3 of yours; the first was: My name is Anna."), "{later}");
    let other = typed(&file, "--session other", &["What is my name?"]).await;
    assert!(other.contains("0 messages so far") && !other.contains("Anna"), "{other}");
    assert!(typed(&file, "--forget", &[]).await.contains("`default`, 0 messages"));
    assert!(typed(&file, "--session other", &[]).await.contains("2 messages"));
}

/// Presses Ctrl-C as soon as there is an answer to see.
struct Impatient {
    seen: Vec<u8>,
    stop: CancellationToken,
}

impl Write for Impatient {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.seen.extend(bytes);
        if self.seen.windows(5).filter(|word| word == b"Hello").count() == 2 {
            self.stop.cancel();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn ctrl_c_keeps_what_was_answered_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chats.db");
    let args = Args::try_parse_from(["_", "--simulate", "--history", file.to_str().unwrap()]).unwrap();
    let (send, lines) = mpsc::channel(2);
    send.try_send("one".to_owned()).unwrap();
    send.try_send("two".to_owned()).unwrap();
    let stop = CancellationToken::new();
    let mut out = Impatient { seen: Vec::new(), stop: stop.clone() };
    assert!(talk(&args, lines, &mut out, stop).await.unwrap());
    let history = SqliteHistory::open(&file).await.unwrap().get("default").await.unwrap();
    assert_eq!((history[0].text(), history.len()), ("one", 2));
}
