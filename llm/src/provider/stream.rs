use super::{
    answer, connection::Connection, error::with_usage, exchange::Exchange, limits::Content, request::Prepared,
};
use crate::{
    ChatRequest, MessageAssembler, MessageChunk, MessageMetadata,
    wire::{Fault, Flow, ReadStream, names::Names, sse::Decoder},
};
use bytes::{Buf, Bytes};
use catena::{Assemble, Chunks, Error, Result};
use futures_util::stream;

/// Returns the answer as a stream. The request is sent when the stream is first polled.
pub(super) fn open(connection: &Connection, request: ChatRequest) -> Chunks<'_, MessageChunk> {
    Chunks::new(stream::unfold(State::Start(Box::new(request)), move |state| async move {
        let mut answer = match state {
            State::Start(request) => match Box::pin(Answer::begin(connection, &request)).await {
                Ok(answer) => Box::new(answer),
                Err(error) => return Some((Err(error), State::Over)),
            },
            State::Open(answer) => answer,
            State::Over => return None,
        };
        match answer.next().await {
            Ok(Some(chunk)) => Some((Ok(chunk), State::Open(answer))),
            Ok(None) => None,
            Err(error) => Some((Err(error), State::Over)),
        }
    }))
}

enum State<'a> {
    Start(Box<ChatRequest>),
    Open(Box<Answer<'a>>),
    Over,
}

/// The metadata that came before anything was said. It is yielded with the first content, because a stream that has
/// yielded a chunk is not repeated.
#[derive(Default)]
struct Head(Option<Box<MessageMetadata>>);

impl Head {
    /// Returns the chunk with the metadata before it, or `None` if the chunk consists of metadata, which is kept.
    fn join(&mut self, mut chunk: MessageChunk) -> Option<MessageChunk> {
        if let Some(mut head) = self.0.take() {
            if let Some(later) = chunk.metadata.take() {
                head.update(*later);
            }
            chunk.metadata = Some(head);
        }
        if chunk.text.is_empty() && chunk.part.is_none() && chunk.tool_calls.is_empty() {
            self.0 = chunk.metadata;
            return None;
        }
        Some(chunk)
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
    /// The chunks of the last event, of which those before `given` were yielded.
    chunks: Vec<MessageChunk>,
    given: usize,
    /// The size of the content that was yielded.
    content: Content,
    head: Head,
    /// `true` if the body was found to be a stream of events.
    is_stream: bool,
    has_events: bool,
    is_over: bool,
}

impl<'a> Answer<'a> {
    async fn begin(connection: &'a Connection, request: &ChatRequest) -> Result<Self> {
        let Prepared { path, body, names } = connection.prepare(request, true)?;
        let exchange = Exchange::begin(connection, &path, body, true).await?;
        Ok(Answer {
            connection,
            exchange,
            names,
            packet: Bytes::new(),
            decoder: Decoder::new(connection.limits.event),
            reader: connection.protocol.reader(&connection.origin),
            chunks: Vec::new(),
            given: 0,
            content: Content::default(),
            head: Head::default(),
            is_stream: false,
            has_events: false,
            is_over: false,
        })
    }

    /// Returns the next chunk, or `None` after the last one.
    async fn next(&mut self) -> Result<Option<MessageChunk>> {
        let mut steps = 0;
        loop {
            while let Some(chunk) = self.chunks.get_mut(self.given) {
                self.given += 1;
                let chunk = std::mem::take(chunk);
                if let Err(bound) = self.content.add(&chunk, &self.connection.limits) {
                    return Err(self.explain(Fault::TooLarge { bound }));
                }
                if let Some(chunk) = self.head.join(chunk) {
                    return Ok(Some(self.own(chunk)));
                }
            }
            self.chunks.clear();
            self.given = 0;
            if self.is_over {
                return Ok(self.head.take());
            }
            if !self.is_stream {
                self.begin_body().await?;
            } else if !self.read_event()? {
                match self.exchange.packet().await {
                    Ok(Some(packet)) => self.packet = packet,
                    Ok(None) => self.end()?,
                    Err(error) => return Err(with_usage(error, self.reader.usage())),
                }
            }
            steps += 1;
            if steps % YIELD == 0 {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Gives tools their own names.
    fn own(&self, mut chunk: MessageChunk) -> MessageChunk {
        if !self.names.is_empty() {
            self.names.restore(&mut chunk);
        }
        chunk
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
            Ok(None) => return Ok(false),
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
                    self.is_over = true;
                }
                None | Some(0xEF) if !is_end && beginning.len() < MARGIN => continue,
                _ => self.packet = beginning.into(),
            }
            self.is_stream = true;
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
