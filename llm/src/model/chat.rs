//! A chat model as a step of a chain.

use super::{keys, response_format};
use crate::{
    AsPrompt, ChatModel, ChatRequest, Message, MessageAssembler, MessageChunk, ModelKeys, Options, ToolChoice,
    ToolDefinition, Tools, budget, tool,
};
use catena::{
    __private::{Call, Started, out_of, waits},
    Chunks, Context, Details, Error, Extent, Keys, Kind, Node, Result, Runnable, Running, Step, Types,
};
use futures_util::{FutureExt, Stream, StreamExt};
use serde_json::{Value, json};
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context as Task, Poll},
};

/// A [`ChatModel`] as a step. Its input is any [prompt](AsPrompt): text, a message or several messages. Its output is
/// the answer as a [`Message`].
///
/// A run can set the options of the answer, by the [keys](crate::keys) for all models or [keys of this
/// one](Chat::with_keys).
///
/// The input is borrowed: branches over one prompt, and repeated attempts, do not copy it.
///
/// # Streaming
/// Yields the answer as [`MessageChunk`]s. If the stream breaks off, or ends before the answer is complete, it ends
/// with an error.
#[derive(Clone, Debug)]
pub struct Chat<M> {
    model: M,
    options: Options,
    keys: Option<&'static ModelKeys>,
    tools: Arc<[ToolDefinition]>,
    tool_choice: Option<ToolChoice>,
}

impl<M: ChatModel> Chat<M> {
    /// Creates a step that calls this model, without options.
    pub fn new(model: M) -> Self {
        Chat { model, options: Options::default(), keys: None, tools: Arc::default(), tool_choice: None }
    }

    /// Sets the options of the answer. Fields that are unset in `options` keep their values.
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options.or(&self.options);
        self
    }

    /// Sets configuration keys that apply to this model only, not to other models of the chain.
    ///
    /// ```
    /// use catena::{Config, Context, RunnableExt};
    /// use catena_llm::{Chat, ChatModel, ChatRequest, Message, ModelKeys, model_keys};
    ///
    /// static GPT: ModelKeys = model_keys!("gpt");
    ///
    /// #[derive(Clone)]
    /// struct Limit;
    ///
    /// impl ChatModel for Limit {
    ///     fn name(&self) -> &str { "limit" }
    ///
    ///     async fn complete(&self, request: ChatRequest, _cx: &Context) -> catena::Result<Message> {
    ///         Ok(Message::assistant(format!("{:?}", request.options.max_tokens)))
    ///     }
    /// }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let (gpt, other) = (Chat::new(Limit).with_keys(&GPT), Chat::new(Limit));
    /// let short = || Config::new().set(&GPT.max_tokens, Some(100));
    /// assert_eq!(gpt.invoke_with("?", short()).await?.text(), "Some(100)");
    /// assert_eq!(other.invoke_with("?", short()).await?.text(), "None");
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn with_keys(mut self, keys: &'static ModelKeys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Replaces the model, in most cases by a wrapper around it. All settings stay.
    ///
    /// ```
    /// use catena_llm::testing::Scripted;
    /// use std::sync::Arc;
    ///
    /// let chat = Scripted::answers(["Hello"]).chat();
    /// let shared: catena_llm::Chat<Arc<Scripted>> = chat.map_model(Arc::new);
    /// ```
    pub fn map_model<N: ChatModel>(self, wrap: impl FnOnce(M) -> N) -> Chat<N> {
        let Chat { model, options, keys, tools, tool_choice } = self;
        Chat { model: wrap(model), options, keys, tools, tool_choice }
    }

    /// Sets the tools that the model may ask for. The answer has the calls as [`Message::tool_calls`]; this step does
    /// not make them. An [`Agent`](crate::Agent) does, with tools of its own.
    pub fn with_tools(mut self, tools: &Tools) -> Self {
        self.tools = Arc::clone(tools.definitions());
        self
    }

    /// Sets which tools the model may or must call. By default the model decides.
    pub fn with_tool_choice(mut self, choice: ToolChoice) -> Self {
        self.tool_choice = Some(choice);
        self
    }

    /// Returns the model.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// Returns the options of the answer.
    pub fn options(&self) -> &Options {
        &self.options
    }

    fn request(&self, prompt: &impl AsPrompt, cx: &Context) -> ChatRequest {
        let mut request = prompt.to_request();
        request.options = keys::options(cx, self.keys).or(&request.options).or(&self.options);
        if request.tools.is_empty() {
            request.tools = Arc::clone(&self.tools);
            request.tool_choice = request.tool_choice.or_else(|| self.tool_choice.clone());
        }
        response_format::place(&self.model, request)
    }

    fn ask<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> impl Future<Output = Result<Message>> + Send + 'a {
        let answer = budget::complete(&self.model, request, cx);
        answer.map(|answer| answer.and_then(tool::check_truncated).map_err(|error| self.explain(error)))
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
    // The name of the model is not known at compile time.
    const NODE: Node = Node::leaf("", Kind::Model).streaming(Extent::Whole, Extent::Pieces);

    fn name(&self) -> Option<&str> {
        Some(self.model.name()).filter(|name| !name.is_empty())
    }

    fn keys(&self, keys: &mut Keys) {
        keys::declare(keys, self.keys);
    }

    fn details(&self, details: &mut Details) {
        details.set("model", self.model.name());
        self.options.tell(details);
        if !self.tools.is_empty() {
            details.set("tools", self.tools.iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>());
        }
        self.model.details(details);
    }
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

    fn call_ref<'a>(&'a self, input: &'a P, cx: &'a Context) -> impl Future<Output = Result<Message>> + Send
    where
        P: Clone + Sync,
    {
        Running::call_ref(self, input, cx)
    }

    fn start<'a>(&'a self, input: P, cx: &'a Context) -> Started<impl Call<'a, Self, Message>, Message> {
        waits(async move {
            let request = self.request(&input, cx);
            drop(input);
            self.ask(request, cx).await.map_err(|error| out_of(self, error))
        })
    }

    fn start_ref<'a>(&'a self, input: &'a P, cx: &'a Context) -> Started<impl Call<'a, Self, Message>, Message>
    where
        P: Clone + Sync,
    {
        waits(async move { self.ask(self.request(input, cx), cx).await.map_err(|error| out_of(self, error)) })
    }

    fn call_stream<'a>(&'a self, input: P, cx: &'a Context) -> Chunks<'a, MessageChunk>
    where
        P: 'a,
    {
        Chunks::observed(self, input, cx, |chat, input, cx| {
            let chunks = budget::stream(&chat.model, chat.request(input, cx), cx);
            Chunks::new(Checked { chat, chunks, truncation: tool::TruncationWatch::default() })
        })
    }
}

/// A streamed answer whose tool calls are complete, or whose error says so.
struct Checked<'a, M> {
    chat: &'a Chat<M>,
    chunks: Chunks<'a, MessageChunk>,
    truncation: tool::TruncationWatch,
}

impl<M: ChatModel> Stream for Checked<'_, M> {
    type Item = Result<MessageChunk>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        // A chunk is looked at where it is, not moved.
        let mut polled = self.chunks.poll_next_unpin(task);
        if let Poll::Ready(Some(next)) = &mut polled {
            if let Ok(chunk) = next
                && let Err(error) = self.truncation.check(chunk)
            {
                *next = Err(error);
            }
            if next.is_err() {
                self.explain(&mut polled);
            }
        }
        polled
    }
}

impl<M: ChatModel> Checked<'_, M> {
    #[cold]
    fn explain(&self, polled: &mut Poll<Option<Result<MessageChunk>>>) {
        let failed = std::mem::replace(polled, Poll::Pending);
        *polled = failed.map_err(|error| out_of(self.chat, self.chat.explain(error)));
    }
}
