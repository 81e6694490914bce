use super::{
    answer, connection::Connection, error::with_usage, exchange::Exchange, limits::Content, request::Prepared,
};
use crate::{
    ChatRequest, MessageAssembler, MessageChunk, MessageMetadata,
    wire::{Fault, Flow, ReadStream, names::Names, sse::Decoder},
};
use bytes::{Buf, Bytes};
use catena::{Assemble, Chunks, Error, Result};
use futures_util::{Stream, future::BoxFuture};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

/// Returns the answer as a stream. The request is sent when the stream is first polled.
pub(super) fn open(connection: &Connection, request: ChatRequest) -> Chunks<'_, MessageChunk> {
    let opening = async move {
        let prepared = connection.prepare(&request, true)?;
        // It may be long, and the answer too.
        drop(request);
        let mut answer = Answer::begin(connection, prepared).await?;
        answer.begin_body().await?;
        Ok(answer)
    };
    Chunks::new(State::Opening(Box::pin(opening)))
}

/// An answer, read as a stream. Its chunks are given from one place, and no future is made for a chunk.
#[allow(clippy::large_enum_variant, reason = "there is one for each stream, and it is moved once")]
enum State<'a> {
    Opening(BoxFuture<'a, Result<Answer<'a>>>),
    Open(Answer<'a>),
    Over,
}

impl Stream for State<'_> {
    type Item = Result<MessageChunk>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            match this {
                State::Opening(opening) => match ready!(opening.as_mut().poll(task)) {
                    Ok(answer) => *this = State::Open(answer),
                    Err(error) => {
                        *this = State::Over;
                        return Poll::Ready(Some(Err(error)));
                    }
                },
                State::Open(answer) => {
                    let polled = answer.poll_next(task);
                    if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
                        *this = State::Over;
                    }
                    return polled;
                }
                State::Over => return Poll::Ready(None),
            }
        }
    }
}

/// The metadata that came before anything was said. It is yielded with the first content, because a stream that has
/// yielded a chunk is not repeated.
#[derive(Default)]
struct Head(Option<Box<MessageMetadata>>);

impl Head {
    /// Adds the metadata to the chunk. Returns `false` if the chunk consists of metadata, which is kept.
    fn join(&mut self, chunk: &mut MessageChunk) -> bool {
        if let Some(mut head) = self.0.take() {
            if let Some(later) = chunk.metadata.take() {
                head.update(*later);
            }
            chunk.metadata = Some(head);
        }
        let has_content = !chunk.text.is_empty() || chunk.part.is_some() || !chunk.tool_calls.is_empty();
        if !has_content {
            self.0 = chunk.metadata.take();
        }
        has_content
    }

    /// Returns the metadata that no content followed.
    fn take(&mut self) -> Option<MessageChunk> {
        self.0.take().map(|metadata| MessageChunk { metadata: Some(metadata), ..MessageChunk::default() })
    }
}

/// The number of bytes of white space after which a body is a stream of events.
const MARGIN: usize = 1024;

/// The number of events without a chunk after which other tasks get their turn.
const YIELD: usize = 256;

/// An open stream.
struct Answer<'a> {
    connection: &'a Connection,
    exchange: Exchange<'a>,
    names: Names,
    /// The rest of the last packet.
    packet: Bytes,
    decoder: Decoder,
    reader: Box<dyn ReadStream>,
    /// The chunks of the last event, the next one last.
    chunks: Vec<MessageChunk>,
    /// The number of events in a row without a chunk.
    silent: usize,
    /// The size of the content that was yielded.
    content: Content,
    head: Head,
    has_events: bool,
    is_over: bool,
}

impl<'a> Answer<'a> {
    async fn begin(connection: &'a Connection, Prepared { path, body, names }: Prepared) -> Result<Self> {
        let exchange = Exchange::begin(connection, &path, body, true).await?;
        Ok(Answer {
            connection,
            exchange,
            names,
            packet: Bytes::new(),
            decoder: Decoder::new(connection.limits.event),
            reader: connection.protocol.reader(&connection.origin),
            // Most events have one.
            chunks: Vec::with_capacity(1),
            silent: 0,
            content: Content::default(),
            head: Head::default(),
            has_events: false,
            is_over: false,
        })
    }

    /// Returns the next chunk, or `None` after the last one.
    fn poll_next(&mut self, task: &mut Context<'_>) -> Poll<Option<Result<MessageChunk>>> {
        loop {
            while let Some(mut chunk) = self.chunks.pop() {
                if let Err(bound) = self.content.add(&chunk, &self.connection.limits) {
                    return Poll::Ready(Some(Err(self.explain(Fault::TooLarge { bound }))));
                }
                if self.head.join(&mut chunk) {
                    if !self.names.is_empty() {
                        self.names.restore(&mut chunk);
                    }
                    self.silent = 0;
                    return Poll::Ready(Some(Ok(chunk)));
                }
            }
            if self.is_over {
                return Poll::Ready(self.head.take().map(Ok));
            }
            if !self.read_event()? {
                match ready!(self.exchange.poll_packet(task)) {
                    Ok(Some(packet)) => self.packet = packet,
                    Ok(None) => self.end()?,
                    Err(error) => return Poll::Ready(Some(Err(with_usage(error, self.reader.usage())))),
                }
            }
            // They are taken from the end.
            self.chunks.reverse();
            self.silent += 1;
            if self.silent.is_multiple_of(YIELD) {
                task.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
    }

    /// Reads the next event of the packet. Returns `false` if the packet has none.
    fn read_event(&mut self) -> Result<bool> {
        let mut rest = &self.packet[..];
        let read = self.decoder.next(&mut rest);
        let consumed = self.packet.len() - rest.len();
        let flow = match read {
            Ok(Some(event)) => {
                self.has_events = true;
                let checked = self.connection.limits.check_values(&event.data);
                let checked = checked.map_err(|bound| Fault::TooLarge { bound });
                checked.and_then(|()| self.reader.event(&event.name, &event.data, &mut self.chunks))
            }
            Ok(None) => {
                // The HTTP client reads into the same memory again.
                self.packet = Bytes::new();
                return Ok(false);
            }
            Err(fault) => Err(fault),
        };
        self.packet.advance(consumed);
        match flow {
            Ok(Flow::More) => {}
            Ok(Flow::Done) => self.finish()?,
            Err(fault) => return Err(self.explain(fault)),
        }
        Ok(true)
    }

    /// Reads the beginning of the body, which may be something else than a stream of events.
    async fn begin_body(&mut self) -> Result<()> {
        let mut beginning = Vec::new();
        loop {
            let packet = self.exchange.packet().await?;
            let is_end = packet.is_none();
            beginning.extend_from_slice(&packet.unwrap_or_default());
            // The mark of the order of bytes may be cut.
            let begins = beginning.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&beginning).trim_ascii_start();
            match begins.first() {
                Some(b'{' | b'[' | b'<') => {
                    let body = self.exchange.rest(&beginning).await?;
                    let message = answer::read(self.connection, &body, self.exchange.content_type())?;
                    MessageAssembler::default().split(message, &mut |chunk| self.chunks.push(chunk));
                    self.chunks.reverse();
                    self.is_over = true;
                }
                None | Some(0xEF) if !is_end && beginning.len() < MARGIN => continue,
                _ => self.packet = beginning.into(),
            }
            return Ok(());
        }
    }

    /// Reads the end of the body.
    fn end(&mut self) -> Result<()> {
        let event = self.decoder.end();
        if let Some(event) = event {
            self.has_events = true;
            match self.reader.event(&event.name, &event.data, &mut self.chunks) {
                Ok(_) => {}
                // The event was cut.
                Err(Fault::NotJson { .. }) => return Err(self.explain(Fault::Early)),
                Err(fault) => return Err(self.explain(fault)),
            }
        }
        if !self.has_events {
            let stray = self.decoder.stray();
            return Err(match self.decoder.is_blank() {
                true => self.explain(Fault::NoEvents { blank: true }),
                false if stray.is_empty() => self.explain(Fault::Early),
                false => self.connection.errors.no_stream(&stray),
            });
        }
        self.finish()
    }

    /// Checks that the answer is complete.
    fn finish(&mut self) -> Result<()> {
        self.is_over = true;
        self.reader.end(&mut self.chunks).map_err(|fault| self.explain(fault))
    }

    #[cold]
    fn explain(&self, fault: Fault) -> Error {
        with_usage(self.connection.errors.streamed(fault), self.reader.usage())
    }
}
