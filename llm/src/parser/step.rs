//! A format as a step of a chain.

use super::{AsText, FixWith, OutputParser, Reader, stream::read, thoughts::without};
use catena::{
    __private::{Call, Started, ready},
    Assemble, Chunks, Context, Details, Extent, Kind, Node, Result, Runnable, Running, Step, Types,
};
use serde_json::Value;
use std::{borrow::Cow, future::Future};

/// A step that parses answers, created by the functions of [`parser`](crate::parser). Its input is text or a message.
///
/// # Streaming
/// Reads text as it arrives, from a model or in chunks of text. If the format supports it, yields what has been parsed
/// so far. An invalid answer ends the stream with the error that `invoke` fails with. Chunks that were yielded before
/// are not withdrawn.
#[derive(Clone, Debug)]
pub struct Parser<P> {
    format: P,
}

impl<P: OutputParser> Parser<P> {
    /// Creates a parser of this format.
    pub const fn new(format: P) -> Self {
        Parser { format }
    }

    /// Returns the format.
    pub const fn format(&self) -> &P {
        &self.format
    }

    /// Returns the instructions for a model to answer in this format; for use in a prompt.
    ///
    /// ```
    /// let colors = catena_llm::parser::comma_list();
    /// assert_eq!(colors.instructions(), "Answer with a list separated by commas, and nothing else: `one, two, three`");
    /// ```
    pub fn instructions(&self) -> String {
        self.format.instructions()
    }

    /// Passes answers that cannot be parsed to a model, with the reason, and parses the corrected answer. The model is
    /// called once, unless [`attempts`](FixWith::attempts) raises the limit. The model can be any step from
    /// [`Messages`](crate::Messages) to text or a message.
    ///
    /// ```
    /// use catena::{Context, prelude::*};
    /// use catena_llm::{Messages, parser};
    ///
    /// #[runnable]
    /// fn pedant(messages: Messages) -> String { r#"{"fixed": true}"#.to_owned() }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let value = parser::json().fix_with(pedant).invoke("{fixed: yes").await?;
    /// assert_eq!(value, serde_json::json!({ "fixed": true }));
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub const fn fix_with<M>(self, model: M) -> FixWith<P, M> {
        FixWith::new(self, model)
    }
}

/// Returns the part of a text that the format reads.
fn answer<P: OutputParser>(text: &str) -> Cow<'_, str> {
    if P::READS_THOUGHTS { Cow::Borrowed(text) } else { without(text) }
}

impl<P: OutputParser> Step for Parser<P> {
    const NODE: Node = Node::leaf(P::NAME, Kind::Parser)
        .streaming(Extent::Pieces, if P::STREAMS { Extent::Pieces } else { Extent::Whole });

    fn details(&self, details: &mut Details) {
        self.format.details(details);
    }
}

impl<In: AsText + Send, P: OutputParser> Runnable<In> for Parser<P> {
    type Output = P::Output;
    type Chunk = <P::Reader as Reader>::Chunk;
    type Assembler = <P::Reader as Reader>::Assembler;

    fn assembler(&self) -> Self::Assembler {
        self.format.reader().assembler()
    }

    fn types(&self, types: &mut Types) {
        self.format.types(types);
    }

    fn input_json(&self, input: &In) -> Option<Value> {
        Some(input.to_json())
    }

    fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send
    where
        In: Clone + Sync,
    {
        Running::call_ref(self, input, cx)
    }

    fn start<'a>(&'a self, input: In, _cx: &'a Context) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
        ready(self.format.parse(&answer::<P>(input.as_text())))
    }

    fn start_ref<'a>(
        &'a self,
        input: &'a In,
        _cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output>
    where
        In: Clone + Sync,
    {
        ready(self.format.parse(&answer::<P>(input.as_text())))
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        Chunks::observed(self, input, cx, |parser, input, _| {
            let mut chunks = Vec::new();
            let mut read = || {
                parser.format.check()?;
                let mut reader = parser.format.reader();
                reader
                    .push(&answer::<P>(input.as_text()), &mut |chunk| chunks.push(Ok(chunk)))
                    .map_err(super::error::failed)?;
                reader.finish(&mut |chunk| chunks.push(Ok(chunk))).map_err(super::error::failed)
            };
            if let Err(error) = read() {
                chunks.push(Err(error));
            }
            Chunks::new(futures_util::stream::iter(chunks))
        })
    }

    fn transform<'a, Up>(
        &'a self,
        chunks: Chunks<'a, Up::Chunk>,
        assembler: Up,
        cx: &'a Context,
    ) -> Chunks<'a, Self::Chunk>
    where
        Up: Assemble<Output = In>,
        In: 'a,
    {
        if !cx.is_observed() {
            return read(&self.format, chunks, assembler);
        }
        // The run begins with the first piece, not before the step that gives it.
        Chunks::generate(move |out| async move {
            let chunks = chunks.begun().await;
            let run = Running::begin_stream::<In, _>(self, cx);
            let chunks = read(&self.format, chunks, assembler);
            run.forward(chunks, Runnable::<In>::assembler(self), &out).await
        })
    }
}
