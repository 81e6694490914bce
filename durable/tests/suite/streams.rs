//! Streams under a journal.

use crate::work::Folder;
use catena::{Chunks, Concat, Config, Context, Error, ErrorKind, Result, Runnable, prelude::*, runnable};
use catena_durable::{ConfigExt, DurableExt, Journal};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::sync::atomic::{AtomicU32, Ordering};

/// A step that streams the words of a text, and may fail after some of them.
#[derive(Default)]
struct Words {
    runs: AtomicU32,
    fails_after: Option<usize>,
}

#[runnable]
impl Runnable<String> for Words {
    type Output = String;
    type Chunk = String;
    type Assembler = Concat;

    fn assembler(&self) -> Concat {
        Concat::default()
    }

    async fn call(&self, input: String, cx: &Context) -> Result<String> {
        self.call_stream(input, cx).assemble(self.assembler()).await
    }

    fn call_stream<'a>(&'a self, input: String, cx: &'a Context) -> Chunks<'a, String> {
        Chunks::observed(self, input, cx, |step, input, _| {
            step.runs.fetch_add(1, Ordering::Relaxed);
            let mut words: Vec<Result<String>> = input.split_inclusive(' ').map(|word| Ok(word.to_owned())).collect();
            if let Some(after) = step.fails_after {
                words.truncate(after);
                words.push(Err(Error::new(ErrorKind::BadInput, "no more")));
            }
            Chunks::new(stream::iter(words))
        })
    }
}

fn under(journal: &Journal, run: &str) -> Config {
    Config::new().durable(journal.run(run))
}

const TEXT: &str = "to be or not to be";

#[tokio::test]
async fn a_stream_replays_the_chunks_that_it_came_in() {
    let (folder, words) = (Folder::new(), Words::default());
    let journal = folder.journal().await;
    let chain = chain!(String => (&words).durable("words/1"));
    for _ in 0..3 {
        let chunks: Vec<String> = chain.stream_with(TEXT.to_owned(), under(&journal, "x")).try_collect().await.unwrap();
        assert_eq!(chunks, ["to ", "be ", "or ", "not ", "to ", "be"]);
    }
    // The whole, too, and a stream of what was called.
    assert_eq!(chain.invoke_with(TEXT.to_owned(), under(&journal, "x")).await.unwrap(), TEXT);
    assert_eq!(words.runs.load(Ordering::Relaxed), 1);
    assert_eq!(chain.invoke_with(TEXT.to_owned(), under(&journal, "y")).await.unwrap(), TEXT);
    let chunks: Vec<String> = chain.stream_with(TEXT.to_owned(), under(&journal, "y")).try_collect().await.unwrap();
    assert_eq!(chunks.concat(), TEXT);
    assert_eq!(words.runs.load(Ordering::Relaxed), 2);
    // Without a journal the stream is that of the step.
    assert_eq!(chain.stream(TEXT.to_owned()).count().await, 6);
}

#[tokio::test]
async fn a_stream_that_was_left_or_has_failed_runs_again() {
    let (folder, words) = (Folder::new(), Words { fails_after: Some(2), ..Words::default() });
    let journal = folder.journal().await;
    let chain = chain!(String => (&words).durable("words/1"));
    for runs in 1..3 {
        let chunks: Vec<_> = chain.stream_with(TEXT.to_owned(), under(&journal, "x")).collect().await;
        assert_eq!(chunks.len(), 3);
        assert_eq!(chunks[2].as_ref().unwrap_err().kind(), &ErrorKind::BadInput);
        assert_eq!(words.runs.load(Ordering::Relaxed), runs);
    }
    let words = Words::default();
    let chain = chain!(String => (&words).durable("left/1"));
    assert_eq!(chain.stream_with(TEXT.to_owned(), under(&journal, "y")).take(2).count().await, 2);
    assert_eq!(chain.stream_with(TEXT.to_owned(), under(&journal, "y")).count().await, 6);
    assert_eq!(words.runs.load(Ordering::Relaxed), 2);
}

/// Chunks of messages, of which the feature `llm` knows how they are kept.
#[cfg(feature = "llm")]
#[tokio::test]
async fn the_chunks_of_a_model_are_replayed_as_they_came() {
    use catena_llm::{MessageChunk, Spending, testing::Scripted};

    let folder = Folder::new();
    let journal = folder.journal().await;
    let model = Scripted::answers(["to be or not to be"]);
    let chain = chain!(String => model.chat().durable("model/1"));
    let spent = Spending::new();
    let mut streams: Vec<Vec<MessageChunk>> = Vec::new();
    for _ in 0..2 {
        let config = under(&journal, "x").with(spent.clone());
        streams.push(chain.stream_with(TEXT.to_owned(), config).try_collect().await.unwrap());
    }
    assert!(streams[0].len() > 1 && streams[0] == streams[1], "{streams:?}");
    assert_eq!((model.requests().len(), spent.calls()), (1, 1));
}
