//! Streams that go on for a while when their client is gone, so that it can come back.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Streams`]: the streams of a server by their keys |
//! | `key` | [`StreamKey`], the identity of a stream |
//! | `live` | a stream: its run, and whether a client reads it |
//! | `kept` | the last frames of a stream, by their numbers |
//! | `reader` | a client that reads a stream |

mod kept;
mod key;
mod live;
mod reader;

pub(crate) use key::StreamKey;

use super::Frame;
use crate::lock::lock;
use futures_util::{Stream, StreamExt};
use live::Live;
use reader::Reader;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::OwnedSemaphorePermit;

/// The number of streams that are kept when they have ended. Past it, the one that ended first is forgotten early.
const ENDED: usize = 256;

/// The streams that can be resumed.
pub(crate) struct Streams {
    wait: Duration,
    live: Mutex<HashMap<StreamKey, Arc<Live>>>,
    /// Those that have ended, the earliest first.
    ended: Mutex<VecDeque<Arc<Live>>>,
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

    /// Begins a stream under these keys, and returns what its first client reads.
    ///
    /// A client that reads lets the run go on by itself. A task does so when there is none, and ends the run at its
    /// deadline, or if no client comes back.
    pub(super) fn start(
        self: &Arc<Self>,
        keys: Vec<StreamKey>,
        frames: impl Stream<Item = Frame> + Send + 'static,
        permit: OwnedSemaphorePermit,
        deadline: Duration,
    ) -> Reader {
        let live = Arc::new(Live::new(keys, frames.boxed(), permit));
        lock(&self.live).extend(live.keys.iter().map(|key| (key.clone(), Arc::clone(&live))));
        let (streams, kept) = (Arc::clone(self), Arc::clone(&live));
        let wait = self.wait;
        tokio::spawn(async move {
            tokio::select! {
                () = kept.go_on_alone() => {}
                () = kept.abandoned(wait) => tracing::info!("no client came back to a stream: its run is cancelled"),
                () = tokio::time::sleep(deadline.saturating_add(Duration::from_secs(1))) => {}
            }
            kept.end();
            streams.end(&kept);
            // A client may still fetch the end.
            tokio::time::sleep(wait).await;
            lock(&streams.ended).retain(|live| !Arc::ptr_eq(live, &kept));
            streams.forget(&kept);
        });
        Reader::first(live)
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

    /// Forgets a stream. A later one of the same key stays.
    fn forget(&self, stream: &Arc<Live>) {
        let mut all = lock(&self.live);
        for key in &stream.keys {
            if all.get(key).is_some_and(|live| Arc::ptr_eq(live, stream)) {
                all.remove(key);
            }
        }
    }

    /// Returns the rest of a stream after a frame, or all of it.
    pub(crate) fn resume(&self, key: &StreamKey, after: Option<u64>) -> Result<Reader, NotResumed> {
        let live = lock(&self.live).get(key).map(Arc::clone).ok_or(NotResumed::Unknown)?;
        let from = after.map_or(0, |after| after.saturating_add(1));
        Reader::resuming(live, from)
    }

    /// Returns `true` if the stream is in flight.
    pub(crate) fn goes_on(&self, key: &StreamKey) -> bool {
        lock(&self.live).get(key).is_some_and(|live| !live.is_over())
    }
}
