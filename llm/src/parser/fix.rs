//! Correction of answers by a model.

use super::{AsText, OutputParser, ParseError, Parser, Reader};
use crate::{Message, Messages};
use catena::{
    __private::{Call, Started, waits},
    Assemble, Chunks, Component, ComponentKind, Context, Error, Keys, Node, Result, Runnable, Running, Step, Types,
};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use std::{collections::VecDeque, future::Future};

/// A parser that passes answers it cannot parse to a model, and parses the corrected answer. Created by
/// [`fix_with`](Parser::fix_with).
///
/// The model receives the whole answer, the [`ParseError`] and the [instructions](Parser::instructions) of the parser.
/// If the last attempt fails too, the step fails with its error. The errors of the attempts before are its
/// [others](Error::others), in order. If the model fails, its error ends the attempts, with all the parse errors as its
/// others.
///
/// # Streaming
/// Reads chunks as they arrive. Formats whose chunks replace one another (JSON, typed) are yielded immediately, and the
/// corrected value comes last. Other formats are buffered until the whole answer has been parsed, because their chunks
/// could not be withdrawn.
#[derive(Clone, Debug)]
pub struct FixWith<P, M> {
    parser: Parser<P>,
    model: M,
    attempts: u32,
}

impl<P, M> FixWith<P, M> {
    pub(super) const fn new(parser: Parser<P>, model: M) -> Self {
        FixWith { parser, model, attempts: 1 }
    }

    /// Sets the maximum number of calls of the model; 0 means none.
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }
}

impl<P: OutputParser, M> FixWith<P, M>
where
    M: Runnable<Messages>,
    M::Output: AsText,
{
    fn prompt(&self, error: &ParseError) -> Messages {
        let task = "You correct the form of answers that a program could not read, and leave their content as it is.";
        let instructions = self.parser.instructions();
        let (reason, raw) = (error.reason(), error.raw());
        [
            Message::system(format!("{task}\n\n{instructions}").trim_end()),
            Message::user(format!(
                "An answer is not {}: {reason}. This is the answer:\n\n{raw}\n\nGive the corrected answer, and nothing else.",
                error.expected()
            )),
        ]
        .into()
    }

    /// Asks the model to correct an answer, and parses the result.
    async fn fix(&self, mut error: Error, cx: &Context) -> Result<P::Output> {
        let mut before = Vec::new();
        for _ in 0..self.attempts {
            let Some(prompt) = error.downcast_ref().map(|error| self.prompt(error)) else { break };
            before.push(error);
            let doing = "correcting an answer that could not be read";
            let answer = match self.model.call(prompt, cx).await {
                Ok(answer) => answer.as_text().to_owned(),
                Err(error) => return Err(error.while_doing(doing).with_others(before)),
            };
            error = match self.parser.call(answer, cx).await {
                Ok(output) => return Ok(output),
                Err(error) => error,
            };
        }
        let attempts = u32::try_from(before.len()).unwrap_or(u32::MAX).saturating_add(1);
        Err(if before.is_empty() { error } else { error.with_attempts(attempts).with_others(before) })
    }

    /// Returns these chunks, followed by those of the corrected answer.
    fn fixed<'a>(&'a self, chunks: Chunks<'a, Piece<P>>, cx: &'a Context) -> Chunks<'a, Piece<P>> {
        let state = (Some(chunks), VecDeque::new());
        Chunks::new(stream::unfold(state, move |(mut chunks, mut fixed)| async move {
            loop {
                if let Some(chunk) = fixed.pop_front() {
                    return Some((Ok(chunk), (chunks, fixed)));
                }
                match chunks.as_mut()?.next().await? {
                    Ok(chunk) => return Some((Ok(chunk), (chunks, fixed))),
                    Err(error) => {
                        chunks = None;
                        match self.fix(error, cx).await {
                            Ok(output) => {
                                let whole = self.parser.format().reader().assembler();
                                whole.split(output, &mut |chunk| fixed.push_back(chunk));
                            }
                            Err(error) => return Some((Err(error), (None, fixed))),
                        }
                    }
                }
            }
        }))
    }

    /// Returns the chunks of an output, once it is complete.
    fn whole<'a>(&'a self, output: impl Future<Output = Result<P::Output>> + Send + 'a) -> Chunks<'a, Piece<P>> {
        Chunks::open(async move {
            let output = output.await?;
            let mut chunks = Vec::new();
            self.parser.format().reader().assembler().split(output, &mut |chunk| chunks.push(Ok(chunk)));
            Ok(Chunks::new(stream::iter(chunks)))
        })
    }
}

type Piece<P> = <<P as OutputParser>::Reader as Reader>::Chunk;

impl<P: OutputParser, M: Step> Step for FixWith<P, M> {
    const NODE: Node = Node::Named { name: "fix_with", node: &Node::Fallback(&[Parser::<P>::NODE, M::NODE]) };

    fn keys(&self, keys: &mut Keys) {
        self.model.keys(keys);
    }
}

impl<In, P, M> Runnable<In> for FixWith<P, M>
where
    In: AsText + Send,
    P: OutputParser,
    M: Runnable<Messages>,
    M::Output: AsText,
{
    type Output = P::Output;
    type Chunk = Piece<P>;
    type Assembler = <P::Reader as Reader>::Assembler;

    fn assembler(&self) -> Self::Assembler {
        self.parser.format().reader().assembler()
    }

    fn types(&self, types: &mut Types) {
        self.parser.format().types(types);
        self.model.types(types);
    }

    fn component(&self) -> Component {
        let alternatives = [Runnable::<In>::component(&self.parser), self.model.component()];
        let fallback = Component::fallback(alternatives);
        Component::around(ComponentKind::Named, fallback).called("fix_with").giving::<Self::Output>()
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

    fn start<'a>(&'a self, input: In, cx: &'a Context) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
        waits(async move {
            match self.parser.call(input, cx).await {
                Ok(output) => Ok(output),
                Err(error) => self.fix(error, cx).await,
            }
        })
    }

    fn start_ref<'a>(
        &'a self,
        input: &'a In,
        cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output>
    where
        In: Clone + Sync,
    {
        waits(async move {
            match self.parser.call_ref(input, cx).await {
                Ok(output) => Ok(output),
                Err(error) => self.fix(error, cx).await,
            }
        })
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        // The run of a call is a run; that of a stream sends an event for each chunk.
        if P::REPLACES && !cx.is_observed() {
            return self.fixed(self.parser.call_stream(input, cx), cx);
        }
        self.whole(self.call(input, cx))
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
        if !P::REPLACES {
            return self.whole(async move { self.call(chunks.assemble(assembler).await?, cx).await });
        }
        if !cx.is_observed() {
            return self.fixed(self.parser.transform(chunks, assembler, cx), cx);
        }
        Chunks::generate(move |out| async move {
            let chunks = chunks.begun().await;
            let run = Running::begin_stream::<In, _>(self, cx);
            let inner = run.context(cx);
            let of_parser = inner.handed_on(cx);
            let of_parser = of_parser.as_ref().unwrap_or(inner);
            let chunks = self.fixed(self.parser.transform(chunks, assembler, of_parser), inner);
            run.forward(chunks, Runnable::<In>::assembler(self), &out).await
        })
    }
}
