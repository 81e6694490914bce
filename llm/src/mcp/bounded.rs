//! A reader whose lines are not longer than a limit.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, ReadBuf};

/// Why a connection was closed from this side, if it was.
#[derive(Clone, Debug, Default)]
pub(super) struct Refusal(Arc<Mutex<Option<String>>>);

impl Refusal {
    pub(super) fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, why: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
    }
}

/// Fails once a line is longer than the limit. The reader above it would drop such a line, and wait for its answer.
pub(super) struct Bounded<R> {
    reader: R,
    limit: usize,
    /// The length of the current line so far.
    line: usize,
    refusal: Refusal,
}

impl<R> Bounded<R> {
    pub(super) fn new(reader: R, limit: usize, refusal: Refusal) -> Self {
        Bounded { reader, limit, line: 0, refusal }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Bounded<R> {
    fn poll_read(mut self: Pin<&mut Self>, task: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.reader).poll_read(task, buffer))?;
        let mut longest = 0;
        for (at, line) in buffer.filled().get(before..).unwrap_or_default().split(|&byte| byte == b'\n').enumerate() {
            self.line = if at == 0 { self.line + line.len() } else { line.len() };
            longest = longest.max(self.line);
        }
        if longest > self.limit {
            let why = format!("it sent a message of more than {} bytes", self.limit);
            self.refusal.set(why.clone());
            // A reader that fails has read nothing.
            buffer.set_filled(before);
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, why)));
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn lines_up_to_the_limit_are_read() {
        let refusal = Refusal::default();
        let mut text = String::new();
        Bounded::new(&b"12345\n\n12345\n1"[..], 5, refusal.clone()).read_to_string(&mut text).await.unwrap();
        assert_eq!((text.as_str(), refusal.get()), ("12345\n\n12345\n1", None));
    }

    #[tokio::test]
    async fn a_longer_line_fails_however_it_arrives() {
        for reads in [vec![&b"1\n123456\n"[..]], vec![b"1\n123", b"456"]] {
            let mut io = tokio_test_reads(&reads);
            let refusal = Refusal::default();
            let error = Bounded::new(&mut io, 5, refusal.clone()).read_to_end(&mut Vec::new()).await.unwrap_err();
            assert_eq!(error.to_string(), "it sent a message of more than 5 bytes");
            assert_eq!(refusal.get().as_deref(), Some("it sent a message of more than 5 bytes"));
        }
    }

    /// A reader that gives these pieces, one for each read.
    fn tokio_test_reads<'a>(reads: &[&'a [u8]]) -> impl AsyncRead + Unpin + use<'a> {
        reads.iter().copied().fold(Box::new(tokio::io::empty()) as Box<dyn AsyncRead + Unpin>, |before, piece| {
            Box::new(before.chain(piece))
        })
    }
}
