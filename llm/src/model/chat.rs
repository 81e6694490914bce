//! A chat model as a step of a chain.

use super::{keys, response_format};
use crate::{
    AsPrompt, ChatModel, ChatRequest, Message, MessageAssembler, MessageChunk, ModelKeys, Options, ToolChoice,
    ToolDefinition, Tools, budget, tool,
};
use catena::{
    __private::out_of, Chunks, Context, Details, Error, Extent, Keys, Kind, Node, Result, Runnable, Running, Step,
    Types,
};
use futures_util::{FutureExt, TryStreamExt};
use serde_json::{Value, json};
use std::{future::Future, sync::Arc};

/// A [`ChatModel`] as a step: it takes any [prompt](AsPrompt), which is text, a message or several, and gives the
/// answer as a [`Message`].
///
/// A run can set how it answers, by the [keys](crate::keys) for all models or [its own](Chat::with_keys).
///
/// It only looks at its input: branches over one prompt, and repeated attempts, do not copy it.
///
/// # Streaming
/// The answer as [`MessageChunk`]s. A stream that breaks off, or ends before the answer does, ends with an error.
#[derive(Clone, Debug)]
pub struct Chat<M> {
    model: M,
    options: Options,
    keys: Option<&'static ModelKeys>,
    tools: Arc<[ToolDefinition]>,
    tool_choice: Option<ToolChoice>,
}

impl<M: ChatModel> Chat<M> {
    /// Ask this model, with nothing set.
    pub fn new(model: M) -> Self {
        Chat { model, options: Options::default(), keys: None, tools: Arc::default(), tool_choice: None }
    }

    /// Set how it answers. What is not set here stays as it was.
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options.or(&self.options);
        self
    }

    /// Let a run set how this model answers, and not the others in the chain, by keys of its own.
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

    /// Ask another model in place of this one, mostly one around it; all that is set stays.
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

    /// Let the model ask for these tools: [`Message::tool_calls`] of its answers. It does not call them; an
    /// [`Agent`](crate::Agent) does, and brings its own.
    pub fn with_tools(mut self, tools: &Tools) -> Self {
        self.tools = Arc::clone(tools.definitions());
        self
    }

    /// Say whether it asks for tools. Without this, if it wants to.
    pub fn with_tool_choice(mut self, choice: ToolChoice) -> Self {
        self.tool_choice = Some(choice);
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
    // The compiler does not know the name of the model.
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

    fn call<'a>(&'a self, input: P, cx: &'a Context) -> impl Future<Output = Result<Message>> + Send {
        Running::call(self, input, cx)
    }

    fn call_ref<'a>(&'a self, input: &'a P, cx: &'a Context) -> impl Future<Output = Result<Message>> + Send
    where
        P: Clone + Sync,
    {
        Running::call_ref(self, input, cx)
    }

    async fn call_unobserved<'a>(&'a self, input: P, cx: &'a Context) -> Result<Message> {
        let request = self.request(&input, cx);
        drop(input);
        self.ask(request, cx).await.map_err(|error| out_of(self, error))
    }

    async fn call_ref_unobserved<'a>(&'a self, input: &'a P, cx: &'a Context) -> Result<Message>
    where
        P: Clone + Sync,
    {
        self.ask(self.request(input, cx), cx).await.map_err(|error| out_of(self, error))
    }

    fn call_stream<'a>(&'a self, input: P, cx: &'a Context) -> Chunks<'a, MessageChunk>
    where
        P: 'a,
    {
        Chunks::observed(self, input, cx, |chat, input, cx| {
            let chunks = budget::stream(&chat.model, chat.request(input, cx), cx);
            let chunks = tool::watch_truncated(chunks);
            Chunks::new(chunks.map_err(|error| out_of(chat, chat.explain(error))))
        })
    }
}
