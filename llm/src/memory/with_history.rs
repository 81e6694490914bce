//! A step with a history.

use super::{AsAnswer, AsMessages, AsTurn, HistoryError, HistoryStore, Session, Trim, TurnShape};
use crate::{AsPrompt, Messages, message};
use catena::{Assemble, Chunks, Component, Context, Keys, Node, Result, Runnable, Step, Types};
use futures_util::stream;
use serde_json::{Value, json};
use std::{any::Any, marker::PhantomData};

/// An extension trait that adds a history to steps.
pub trait HistoryExt: Step {
    /// Adds the history of a session to each input, and stores the input and the output of each turn. Both are stored
    /// or neither, and only if the step succeeded.
    ///
    /// The step receives a [`Turn`](super::Turn). A chat model accepts it directly; a chain uses its fields:
    ///
    /// ```
    /// use catena::{Config, prelude::*};
    /// use catena_llm::memory::{HistoryExt, InMemoryHistory, SESSION, Turn};
    ///
    /// #[runnable]
    /// fn answer(history: catena_llm::Messages, input: String) -> String {
    ///     format!("{input}, after {} messages", history.len())
    /// }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let chat = chain!(Turn<String> => answer).with_history(InMemoryHistory::new(), &SESSION);
    /// let config = || Config::new().set(&SESSION, Some("anna".to_owned()));
    /// assert_eq!(chat.invoke_with("one".to_owned(), config()).await?, "one, after 0 messages");
    /// assert_eq!(chat.invoke_with("two".to_owned(), config()).await?, "two, after 2 messages");
    ///
    /// let error = chat.invoke("three".to_owned()).await.unwrap_err();
    /// assert!(error.message().contains("session_id"));
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn with_history<H: HistoryStore>(self, store: H, session: impl Into<Session>) -> WithHistory<Self, H> {
        WithHistory { step: self, store, session: session.into(), trim: None, shape: PhantomData }
    }
}

impl<S: Step> HistoryExt for S {}

/// A step with a history; created by [`with_history`](HistoryExt::with_history).
///
/// The input must be a [prompt](AsPrompt), the output must be [an answer](AsAnswer). If two turns of one session run
/// concurrently, each reads the history that was stored when it began. Both are stored, one pair of messages after the
/// other, in the order in which they completed.
///
/// # Errors
/// [`BadInput`](catena::ErrorKind::BadInput) without a session; those of the step; those of the store. A turn that was
/// answered but could not be stored is an error too. Its source is a [`HistoryError`], which has the answer.
///
/// # Streaming
/// Buffers its input, and yields the chunks of the step, such as the [`AgentEvent`](crate::AgentEvent)s of an agent. The turn is stored
/// after the last chunk was read, before the stream ends. If a chunk completes the answer, the turn is stored before
/// that chunk is yielded, so that a reader may stop after it. Such are a [`MessageChunk`](crate::MessageChunk) with a finish
/// reason other than tool calls, the [answer](crate::AgentEvent::Answer) of an agent, and the one chunk of a step that does not
/// stream. A stream
/// that fails, is cancelled or is dropped before that stores nothing. Chunks are cloned and assembled. If they cannot be
/// cloned, the whole answer is buffered.
#[derive(Debug)]
pub struct WithHistory<S, H, F = AsTurn> {
    step: S,
    store: H,
    session: Session,
    trim: Option<Trim>,
    shape: PhantomData<fn() -> F>,
}

impl<S: Clone, H: Clone, F> Clone for WithHistory<S, H, F> {
    fn clone(&self) -> Self {
        let WithHistory { step, store, session, trim, shape } = self;
        let (step, store, session, trim) = (step.clone(), store.clone(), session.clone(), trim.clone());
        WithHistory { step, store, session, trim, shape: *shape }
    }
}

impl<S, H, F> WithHistory<S, H, F> {
    /// Limits the part of the history that is read.
    pub fn trimmed(mut self, trim: Trim) -> Self {
        self.trim = Some(trim);
        self
    }

    /// Passes [`Messages`] to the step instead of a turn: the history, followed by the input.
    pub fn as_messages(self) -> WithHistory<S, H, AsMessages> {
        let WithHistory { step, store, session, trim, shape: _ } = self;
        WithHistory { step, store, session, trim, shape: PhantomData }
    }

    /// Returns the store.
    pub fn store(&self) -> &H {
        &self.store
    }
}

impl<S: Step, H: HistoryStore, F: Send + Sync> WithHistory<S, H, F> {
    async fn load(&self, cx: &Context) -> Result<(String, Messages)> {
        let session = self.session.id(cx)?.into_owned();
        let history = self.store.get(&session).await.map_err(|error| error.while_doing("reading the history"))?;
        Ok((
            session,
            match &self.trim {
                Some(trim) => trim.trim(history),
                None => history,
            },
        ))
    }

    async fn save(&self, session: String, mut messages: Messages, answer: Messages) -> Result<()> {
        messages.extend(answer);
        match self.store.append(&session, messages.clone()).await {
            Ok(()) => Ok(()),
            Err(cause) => Err(HistoryError::error(session, messages, cause)),
        }
    }

    /// Forwards the chunks, and stores the turn once the answer is complete.
    fn recorded<'a, A: Assemble<Output: AsAnswer> + 'a>(
        &'a self,
        chunks: Chunks<'a, A::Chunk>,
        copy: A,
        session: String,
        asked: Messages,
    ) -> Chunks<'a, A::Chunk> {
        let add = |answer: &mut Answer<A>, chunk: &A::Chunk| {
            answer.add(chunk);
            A::WHOLE || A::Output::is_completed_by(chunk)
        };
        message::recorded(chunks, Answer::<A>::Pieces(copy), add, move |answer| async move {
            self.save(session, asked, answer.finish()?).await
        })
    }
}

enum Answer<A> {
    Pieces(A),
    Whole(Messages),
}

impl<A: Assemble<Output: AsAnswer>> Answer<A> {
    fn add(&mut self, chunk: &A::Chunk) {
        if A::WHOLE {
            // The only chunk, which is the output.
            if let Some(output) = (chunk as &dyn Any).downcast_ref::<A::Output>() {
                *self = Answer::Whole(output.to_answer());
            }
        } else if let Answer::Pieces(pieces) = self
            && let Some(chunk) = pieces.duplicate(chunk)
        {
            pieces.push(chunk);
        }
    }

    fn finish(self) -> Result<Messages> {
        match self {
            Answer::Pieces(pieces) => Ok(pieces.finish()?.to_answer()),
            Answer::Whole(messages) => Ok(messages),
        }
    }
}

impl<S: Step, H: HistoryStore, F: Send + Sync> Step for WithHistory<S, H, F> {
    const NODE: Node = S::NODE;

    fn keys(&self, keys: &mut Keys) {
        self.session.keys(keys);
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<I, S, H, F> Runnable<I> for WithHistory<S, H, F>
where
    I: AsPrompt + Send,
    F: TurnShape<I>,
    S: Runnable<F::Input>,
    S::Output: AsAnswer,
    H: HistoryStore,
{
    type Output = S::Output;
    type Chunk = S::Chunk;
    type Assembler = S::Assembler;

    fn assembler(&self) -> S::Assembler {
        self.step.assembler()
    }

    fn types(&self, types: &mut Types) {
        self.step.types(types);
    }

    fn input_json(&self, input: &I) -> Option<Value> {
        Some(json!({ "messages": input.to_messages() }))
    }

    fn component(&self) -> Component {
        self.step.component()
    }

    async fn call<'a>(&'a self, input: I, cx: &'a Context) -> Result<S::Output> {
        let (session, history) = self.load(cx).await?;
        let asked = input.to_messages();
        let turn = F::shape(history, input);
        let child = cx.given(|| self.step.input_json(&turn));
        let output = self.step.call(turn, child.as_ref().unwrap_or(cx)).await?;
        self.save(session, asked, output.to_answer()).await?;
        Ok(output)
    }

    fn call_stream<'a>(&'a self, input: I, cx: &'a Context) -> Chunks<'a, S::Chunk>
    where
        I: 'a,
    {
        Chunks::open(async move {
            let (session, history) = self.load(cx).await?;
            let asked = input.to_messages();
            let turn = F::shape(history, input);
            let chunks = match cx.given(|| self.step.input_json(&turn)) {
                None => self.step.call_stream(turn, cx),
                Some(cx) => {
                    Chunks::generate(move |out| async move { out.forward(self.step.call_stream(turn, &cx)).await })
                }
            };
            let copy = self.step.assembler();
            if copy.duplicates() || S::Assembler::WHOLE {
                return Ok(self.recorded(chunks, copy, session, asked));
            }
            let output = chunks.assemble(self.step.assembler()).await?;
            self.save(session, asked, output.to_answer()).await?;
            let mut pieces = Vec::new();
            copy.split(output, &mut |chunk| pieces.push(Ok(chunk)));
            Ok(Chunks::new(stream::iter(pieces)))
        })
    }
}
