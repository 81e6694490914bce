//! The last frames of a stream, by their numbers.

use super::{super::Frame, NotResumed};
use axum::body::Bytes;
use std::{collections::VecDeque, fmt::Write as _, ops::Range};

/// The number of frames of a stream that are kept.
const KEPT: usize = 1024;

/// The room of the line with a frame's number.
const ID: usize = 8;

/// The last frames of a stream, as they go over the wire.
#[derive(Default)]
pub(super) struct Kept {
    frames: VecDeque<String>,
    /// The number of the first frame that is kept.
    first: u64,
}

impl Kept {
    /// The number of the next frame.
    pub(super) fn next(&self) -> u64 {
        self.first + self.frames.len() as u64
    }

    /// Returns `true` if as many frames as are kept came after this one.
    pub(super) fn is_full_after(&self, read: u64) -> bool {
        self.next().saturating_sub(read) >= KEPT as u64
    }

    pub(super) fn push(&mut self, frame: &Frame) {
        if self.frames.len() == KEPT {
            self.frames.pop_front();
            self.first += 1;
        }
        let mut text = String::with_capacity(frame.size() + ID);
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "id: {}", self.next());
        frame.write(&mut text);
        self.frames.push_back(text);
    }

    /// Returns these frames as one text, as far as they are there.
    pub(super) fn read(&self, numbers: Range<u64>) -> Bytes {
        let at = |number: u64| usize::try_from(number.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let frames = || self.frames.iter().take(at(numbers.end)).skip(at(numbers.start));
        let mut text = String::with_capacity(frames().map(String::len).sum());
        frames().for_each(|frame| text.push_str(frame));
        text.into()
    }

    /// Fails if a stream cannot be read from this frame on.
    pub(super) fn has(&self, from: u64) -> Result<(), NotResumed> {
        if from > self.next() {
            return Err(NotResumed::Invalid);
        }
        if from < self.first {
            return Err(NotResumed::Gone);
        }
        Ok(())
    }
}
