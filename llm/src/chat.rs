//! A chat model as a step of a chain.

use crate::{AsPrompt, ChatModel, ChatRequest, Message, MessageAssembler, MessageChunk, Options};
use catena::{Chunks, Context, Error, Extent, Kind, Node, Result, Runnable, Running, Step, Types};
use futures_util::{TryFutureExt, TryStreamExt};
use serde_json::{Value, json};
use std::future::Future;

/// A [`ChatModel`] as a step: it takes any [prompt](AsPrompt), which is text, a message or several, and gives the
/// answer as a [`Message`].
///
/// It only looks at its input: branches over one prompt, and repeated attempts, do not copy it.
///
/// # Streaming
/// The answer as [`MessageChunk`]s. A stream that breaks off, or ends before the answer does, ends with an error.
#[derive(Clone, Debug)]
pub struct Chat<M> {
    model: M,
    options: Options,
}

impl<M: ChatModel> Chat<M> {
    /// Ask this model, with nothing set.
    pub fn new(model: M) -> Self {
        Chat { model, options: Options::default() }
    }

    /// Set how it answers. What is not set here stays as it was.
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options.or(&self.options);
        self
    }

    /// The model it asks.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// How it answers.
    pub fn options(&self) -> &Options {
        &self.options
    }

    fn request(&self, prompt: &impl AsPrompt) -> ChatRequest {
        ChatRequest { messages: prompt.to_messages(), options: self.options.clone() }
    }

    fn ask<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> impl Future<Output = Result<Message>> + Send + 'a {
        self.model.complete(request, cx).map_err(|error| self.explain(error))
    }

    #[cold]
    fn explain(&self, error: Error) -> Error {
        let name = self.model.name();
        error.while_doing(match self.model.host() {
            Some(host) => format!("asking {name} at {host}"),
            None => format!("asking {name}"),
        })
    }
}

impl<M: ChatModel> Step for Chat<M> {
    // Without a name of its own: the one it has in the chain says more than that of the model.
    const NODE: Node = Node::leaf("", Kind::Model).streaming(Extent::Whole, Extent::Pieces);
}

impl<P: AsPrompt + Send, M: ChatModel> Runnable<P> for Chat<M> {
    type Output = Message;
    type Chunk = MessageChunk;
    type Assembler = MessageAssembler;

    fn assembler(&self) -> MessageAssembler {
        MessageAssembler::default()
    }

    fn types(&self, types: &mut Types) {
        types.serialize::<Message>();
        types.serialize::<MessageChunk>();
    }

    fn input_json(&self, input: &P) -> Option<Value> {
        serde_json::to_value(input.to_messages()).ok().map(|messages| json!({ "messages": [messages] }))
    }

    async fn call<'a>(&'a self, input: P, cx: &'a Context) -> Result<Message> {
        let run = Running::begin(self, &input, cx);
        let request = self.request(&input);
        drop(input);
        run.drive(self.ask(request, run.context(cx))).await
    }

    async fn call_ref<'a>(&'a self, input: &'a P, cx: &'a Context) -> Result<Message>
    where
        P: Clone + Sync,
    {
        let run = Running::begin(self, input, cx);
        run.drive(self.ask(self.request(input), run.context(cx))).await
    }

    fn call_stream<'a>(&'a self, input: P, cx: &'a Context) -> Chunks<'a, MessageChunk>
    where
        P: 'a,
    {
        Chunks::observed(self, input, cx, |chat, input, cx| {
            let chunks = chat.model.stream(chat.request(input), cx);
            Chunks::new(chunks.map_err(|error| chat.explain(error)))
        })
    }
}
