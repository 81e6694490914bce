//! Streams that go on for a while when their client is gone, so that it can come back.

use super::Frame;
use crate::{lock::lock, request::Holder};
use axum::body::Bytes;
use futures_util::{Stream, StreamExt, stream};
use std::{
    collections::{HashMap, VecDeque},
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit},
    time::Instant,
};

/// The number of frames of a stream that are kept. A run waits when a client has left as many unread.
const KEPT: usize = 1024;

/// The number of streams that are kept when they have ended. Past it, the one that ended first is forgotten early.
const ENDED: usize = 256;

/// The streams that can be resumed.
pub(crate) struct Streams {
    wait: Duration,
    live: Mutex<HashMap<StreamKey, Arc<Live>>>,
    /// Those that have ended, the earliest first.
    ended: Mutex<VecDeque<Arc<Live>>>,
}

/// The identity of a stream. A user who asks for a stream of another chain or of another user finds none, and one who
/// takes the name of such a stream for another does not take its place.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct StreamKey {
    chain: String,
    holder: Holder,
    name: String,
}

impl StreamKey {
    pub(crate) fn new(chain: &str, holder: Holder, name: String) -> Self {
        StreamKey { chain: chain.to_owned(), holder, name }
    }
}

/// A stream, and the client that reads it.
struct Live {
    state: Mutex<State>,
    written: Notify,
    /// The reader has read, come or gone.
    moved: Notify,
}

struct State {
    frames: VecDeque<Bytes>,
    /// The number of the first frame that is kept.
    first: u64,
    /// The number of the next frame that the client reads.
    read: u64,
    over: bool,
    /// The client that reads, if any: a later one takes the place of an earlier one.
    reader: u64,
    /// When the last client left.
    left: Option<Instant>,
}

/// A frame as a client reads it.
enum Next {
    Frame(Bytes),
    /// Nothing yet.
    Later,
    End,
}

/// A reason that a stream is not resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotResumed {
    /// There is no such stream, or it ended too long ago.
    Unknown,
    /// The frames after that number are not kept any more.
    Gone,
    /// There was no frame of that number.
    Invalid,
}

impl Streams {
    pub(crate) fn new(wait: Duration) -> Self {
        Streams { wait, live: Mutex::default(), ended: Mutex::default() }
    }

    /// Runs a stream of its own, under these keys, and returns what its first client reads.
    pub(super) fn start<S: Stream<Item = Frame> + Send + 'static>(
        self: &Arc<Self>,
        keys: Vec<StreamKey>,
        frames: S,
        permit: OwnedSemaphorePermit,
        deadline: Duration,
    ) -> impl Stream<Item = Bytes> + Send + 'static + use<S> {
        let state = State { frames: VecDeque::new(), first: 0, read: 0, over: false, reader: 0, left: None };
        let live = Arc::new(Live { state: Mutex::new(state), written: Notify::new(), moved: Notify::new() });
        lock(&self.live).extend(keys.into_iter().map(|key| (key, Arc::clone(&live))));
        let (streams, pumped) = (Arc::clone(self), Arc::clone(&live));
        let wait = self.wait;
        tokio::spawn(async move {
            tokio::select! {
                () = pumped.pump(frames) => {}
                () = pumped.abandoned(wait) => tracing::info!("no client came back to a stream: its run is cancelled"),
                () = tokio::time::sleep(deadline.saturating_add(Duration::from_secs(1))) => {}
            }
            drop(permit);
            lock(&pumped.state).over = true;
            pumped.written.notify_waiters();
            streams.end(&pumped);
            // A client may still fetch the end.
            tokio::time::sleep(wait).await;
            lock(&streams.ended).retain(|live| !Arc::ptr_eq(live, &pumped));
            streams.forget(&pumped);
        });
        live.read(0)
    }

    /// Keeps a stream that has ended, in place of the one that ended first if there are too many.
    fn end(&self, live: &Arc<Live>) {
        let mut ended = lock(&self.ended);
        ended.push_back(Arc::clone(live));
        let first = if ended.len() > ENDED { ended.pop_front() } else { None };
        drop(ended);
        if let Some(first) = first {
            self.forget(&first);
        }
    }

    fn forget(&self, stream: &Arc<Live>) {
        lock(&self.live).retain(|_, live| !Arc::ptr_eq(live, stream));
    }

    /// Returns the rest of a stream after a frame, or all of it.
    pub(crate) fn resume(
        &self,
        key: &StreamKey,
        after: Option<u64>,
    ) -> Result<impl Stream<Item = Bytes> + Send + 'static + use<>, NotResumed> {
        let live = lock(&self.live).get(key).map(Arc::clone).ok_or(NotResumed::Unknown)?;
        let state = lock(&live.state);
        let from = after.map_or(0, |after| after.saturating_add(1));
        if from > state.next() {
            return Err(NotResumed::Invalid);
        }
        if from < state.first {
            return Err(NotResumed::Gone);
        }
        drop(state);
        Ok(live.read(from))
    }

    /// Returns `true` if the stream is in flight.
    pub(crate) fn goes_on(&self, key: &StreamKey) -> bool {
        lock(&self.live).get(key).is_some_and(|live| !lock(&live.state).over)
    }
}

impl State {
    /// The number of the next frame.
    fn next(&self) -> u64 {
        self.first + self.frames.len() as u64
    }

    /// Returns `true` if the client has left as many frames unread as are kept.
    fn is_full(&self) -> bool {
        self.next().saturating_sub(self.read) >= KEPT as u64
    }

    fn push(&mut self, frame: &Frame) {
        let mut text = format!("id: {}\n", self.next());
        frame.write(&mut text);
        self.frames.push_back(text.into());
        if self.frames.len() > KEPT {
            self.frames.pop_front();
            self.first += 1;
        }
    }

    /// Returns the frame that this client reads at this position.
    fn frame(&mut self, reader: u64, position: u64) -> Next {
        if self.reader != reader {
            return Next::End;
        }
        let at = usize::try_from(position.saturating_sub(self.first)).unwrap_or(usize::MAX);
        match self.frames.get(at) {
            Some(frame) => {
                self.read = position + 1;
                Next::Frame(frame.clone())
            }
            None if self.over => Next::End,
            None => Next::Later,
        }
    }
}

impl Live {
    /// Writes frames as they come, as long as there is room.
    async fn pump(&self, frames: impl Stream<Item = Frame> + Send) {
        let mut frames = pin!(frames);
        loop {
            // A client that reads makes room.
            while lock(&self.state).is_full() {
                self.moved.notified().await;
            }
            let Some(frame) = frames.next().await else { return };
            lock(&self.state).push(&frame);
            self.written.notify_waiters();
        }
    }

    /// Completes when no client has read for this long.
    async fn abandoned(&self, wait: Duration) {
        loop {
            let left = lock(&self.state).left;
            match left {
                Some(left) if left.elapsed() >= wait => return,
                Some(left) => tokio::time::sleep(wait.saturating_sub(left.elapsed())).await,
                None => tokio::time::sleep(wait).await,
            }
        }
    }

    /// The frames from a number on. Another client that reads them ends.
    fn read(self: Arc<Self>, from: u64) -> impl Stream<Item = Bytes> + Send + 'static + use<> {
        let mut state = lock(&self.state);
        state.reader += 1;
        state.left = None;
        state.read = from;
        let reader = Reader { number: state.reader, position: from, live: Arc::clone(&self) };
        drop(state);
        // The client that read until now sees that it is not the one any more.
        self.written.notify_waiters();
        self.moved.notify_one();
        stream::unfold(reader, async |mut reader| Some((reader.next().await?, reader)))
    }
}

/// A client that reads a stream.
struct Reader {
    number: u64,
    position: u64,
    live: Arc<Live>,
}

impl Reader {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let mut written = pin!(self.live.written.notified());
            // From here on, what is written is noticed.
            written.as_mut().enable();
            match lock(&self.live.state).frame(self.number, self.position) {
                Next::Frame(frame) => {
                    self.position += 1;
                    self.live.moved.notify_one();
                    return Some(frame);
                }
                Next::End => return None,
                Next::Later => {}
            }
            written.await;
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = lock(&self.live.state);
        if state.reader == self.number {
            state.left = Some(Instant::now());
        }
    }
}
