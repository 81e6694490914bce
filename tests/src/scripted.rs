//! A step that follows a script.

use crate::{Log, log::Call};
use catena::{Chunks, Concat, Context, Error, Extent, Kind, Node, Result, Runnable, Step};
use futures_util::stream;
use std::{future::Future, time::Duration};

/// A step on any input that says or fails what it was told, one line of its script per call; the last line repeats.
///
/// Its stream gives the pieces of a line as they come; its output is all of them in one.
#[derive(Clone, Debug, Default)]
pub struct Scripted {
    lines: Vec<Line>,
    before: Duration,
    between: Duration,
    log: Log,
}

#[derive(Clone, Debug)]
struct Line {
    pieces: Vec<&'static str>,
    error: Option<Error>,
}

/// A call on its way through its line.
struct Playing {
    call: Call,
    line: Line,
    at: usize,
}

impl Scripted {
    /// Says these pieces.
    pub fn says<const N: usize>(pieces: [&'static str; N]) -> Self {
        Scripted::default().then_says(pieces)
    }

    /// Fails with this error.
    pub fn fails(error: Error) -> Self {
        Scripted::default().then_fails(error)
    }

    /// On the next call says these pieces.
    pub fn then_says<const N: usize>(mut self, pieces: [&'static str; N]) -> Self {
        self.lines.push(Line { pieces: pieces.to_vec(), error: None });
        self
    }

    /// On the next call fails with this error.
    pub fn then_fails(self, error: Error) -> Self {
        self.then_breaks([], error)
    }

    /// On the next call says these pieces, then fails.
    pub fn then_breaks<const N: usize>(mut self, pieces: [&'static str; N], error: Error) -> Self {
        self.lines.push(Line { pieces: pieces.to_vec(), error: Some(error) });
        self
    }

    /// Waits before whatever comes first.
    pub fn after(mut self, before: Duration) -> Self {
        self.before = before;
        self
    }

    /// Waits between one piece and what comes next.
    pub fn every(mut self, between: Duration) -> Self {
        self.between = between;
        self
    }

    /// What was seen of it; clones of it share this.
    pub fn log(&self) -> Log {
        self.log.clone()
    }

    fn play(&self) -> Chunks<'_, String> {
        Chunks::new(stream::unfold((None, false), move |(playing, over)| async move {
            if over {
                return None;
            }
            let mut playing: Playing = playing.unwrap_or_else(|| self.begin());
            match self.next(&mut playing).await {
                Some(Ok(piece)) => Some((Ok(piece), (Some(playing), false))),
                Some(Err(error)) => {
                    playing.call.finish();
                    Some((Err(error), (None, true)))
                }
                None => {
                    playing.call.finish();
                    None
                }
            }
        }))
    }

    fn begin(&self) -> Playing {
        let call = self.log.begin();
        let line = self.lines[call.number().min(self.lines.len() - 1)].clone();
        Playing { call, line, at: 0 }
    }

    async fn next(&self, playing: &mut Playing) -> Option<Result<String>> {
        let pause = if playing.at == 0 { self.before } else { self.between };
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        playing.at += 1;
        match playing.line.pieces.get(playing.at - 1) {
            Some(piece) => {
                playing.call.piece();
                Some(Ok((*piece).to_owned()))
            }
            None => playing.line.error.clone().map(Err),
        }
    }
}

impl Step for Scripted {
    const NODE: Node = Node::leaf("scripted", Kind::Model).streaming(Extent::Whole, Extent::Pieces);
}

impl<In: Send> Runnable<In> for Scripted {
    type Output = String;
    type Chunk = String;
    type Assembler = Concat;

    fn assembler(&self) -> Concat {
        Concat::default()
    }

    fn call<'a>(&'a self, input: In, _cx: &'a Context) -> impl Future<Output = Result<String>> + Send {
        drop(input);
        self.play().assemble(Concat::default())
    }

    fn call_ref<'a>(&'a self, _input: &'a In, _cx: &'a Context) -> impl Future<Output = Result<String>> + Send
    where
        In: Clone + Sync,
    {
        self.play().assemble(Concat::default())
    }

    fn call_stream<'a>(&'a self, input: In, _cx: &'a Context) -> Chunks<'a, String>
    where
        In: 'a,
    {
        drop(input);
        self.play()
    }
}
