//! Agents: a model that calls tools until it can answer.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Agent`], the step |
//! | `turns` | the loop: asking the model, calling tools, asking again |
//! | `recorded` | answers of the model that a recorder keeps |
//! | `ask`, `calls` | one call of the model; the tool calls of one answer |
//! | `input` | [`AgentInput`]: a prompt, or a run that was paused |
//! | `conversation` | the state of one run: messages, usage, cost |
//! | `limits` | the maximum of turns, tokens and money |
//! | `hook`, `hooks` | hooks around the turns, and ready ones |
//! | `approval`, `paused` | [`Approval`], the decision on a call before it is made; a run that waits for it elsewhere |
//! | `steering` | [`Steering`], which stops a run and adds messages to it |
//! | `as_tool`, `local` | an agent as a tool of another; what belongs to one run, such as what inner agents cost |
//! | `model` | models of any type |
//! | `answering` | the two forms of an answer: the last message, or a value of a type |
//! | `answer` | [`AgentAnswer`], the output |
//! | `event` | [`AgentEvent`], the item of a stream, and its assembler |
//! | `gather` | events as the items of generators |
//! | `error` | [`AgentError`], the error of an agent that reached a limit or was stopped |

mod answer;
mod answering;
mod approval;
mod as_tool;
mod ask;
mod calls;
mod conversation;
mod error;
mod event;
mod gather;
mod hook;
pub mod hooks;
mod input;
mod limits;
mod local;
mod model;
mod paused;
mod recorded;
mod steering;
mod turns;

pub use answer::AgentAnswer;
pub use answering::{Answering, AnyAnswer};
pub use approval::Approval;
pub use as_tool::AgentTool;
pub use error::{AgentError, StopReason};
pub use event::{AgentAssembler, AgentEvent};
pub use input::AgentInput;
pub use paused::AgentPaused;
pub use steering::Steering;

use crate::{ChatRequest, Cost, Message, MessageChunk, PriceTable, ToolCall, ToolResult, Tools, tool::Dispatch};
use answering::AnswerFormat;
use approval::Approve;
use catena::{
    __private::{Call, Started, waits},
    Chunks, Component, Context, Details, Extent, Keys, Node, Part, Result, Runnable, Running, Step, Types,
};
use hook::{AfterModel, AroundTool, AtEnd, BeforeModel, Ending, Hook, Hooks, NextTool, Turn};
use limits::Limits;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{future::Future, sync::Arc, time::Duration};

/// A model that calls [tools](Tools) until it can answer. The agent calls the model, makes the tool calls that it asks
/// for, sends it the results, and repeats.
///
/// The input is any [prompt](crate::AsPrompt): a question or a whole conversation; or a run that was [paused](AgentPaused). The output is an [`AgentAnswer`], with the
/// last message and the conversation. An agent has no state between runs;
/// [`with_history`](crate::memory::HistoryExt::with_history) adds a stored conversation.
///
/// ```
/// use catena::{Context, RunnableExt};
/// use catena_llm::{Agent, Chat, ChatModel, ChatRequest, Message, Role, ToolCall, tool, tools};
///
/// /// The weather in a city.
/// #[tool]
/// fn weather(city: &str) -> String { format!("sunny in {city}") }
///
/// /// Asks for the weather, and then repeats it.
/// struct Forecaster;
///
/// impl ChatModel for Forecaster {
///     fn name(&self) -> &str { "forecaster" }
///
///     async fn complete(&self, request: ChatRequest, _cx: &Context) -> catena::Result<Message> {
///         let last = request.messages.last().cloned().unwrap_or(Message::user(""));
///         Ok(match last.role() {
///             Role::Tool => Message::assistant(format!("It is {}.", last.parts()[0].content())),
///             _ => Message::assistant("").with_tool_call(ToolCall::new("1", "weather", r#"{"city": "Oslo"}"#)),
///         })
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let agent = Agent::new(Chat::new(Forecaster)).tools(tools![weather]?).instructions("Be brief.").max_steps(5);
/// let said = agent.invoke("What is the weather in Oslo?").await?;
/// assert_eq!(said.answer.text(), "It is sunny in Oslo.");
/// assert_eq!(said.steps, 2);
///
/// // The next turn continues the conversation.
/// let more = agent.invoke(said.reply("Are you sure?")).await?;
/// assert_eq!(more.messages.len(), 8);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// The model is any step from a [`ChatRequest`] to a [`Message`], such as a [`Chat`](crate::Chat) with retries,
/// timeouts and fallbacks around it. Its calls, and those of tools, are runs of their own under the run of the agent.
///
/// The calls of one turn run concurrently, up to the run's [`max_concurrency`](catena::Config::max_concurrency), 32 at
/// most by [default](Tools::max_concurrent_calls). Of one answer [128 calls](Tools::max_calls) are made at most; the model
/// reads that the others were not. The model receives their results in the order of the calls. An error of a call is passed to the model. An agent that
/// runs inside a tool of another agent counts towards the run's recursion limit.
///
/// # Errors
/// Those of the model, and those of tools that end the whole run. [`Recursion`](catena::ErrorKind::Recursion) after
/// [`max_steps`](Self::max_steps), [`Timeout`](catena::ErrorKind::Timeout) after the [`time_limit`](Self::time_limit),
/// [`Step`](catena::ErrorKind::Step) after the [`cost_limit`](Self::cost_limit). [`Parse`](catena::ErrorKind::Parse)
/// for an empty answer, or one that does not have the [requested type](Self::answering). [`Step`](catena::ErrorKind::Step)
/// with an [`AgentPaused`] if it waits for decisions on calls, [`Cancelled`](catena::ErrorKind::Cancelled) if it was
/// [stopped](Steering::stop). Those of hooks and MCP servers. Each of them has the conversation so far as an [`AgentError`].
///
/// # Streaming
/// Buffers its input, and yields [`AgentEvent`]s: the text, the reasoning, the arguments of tool calls and the typed answer
/// of the model as they arrive, tool calls and their results, and the answer.
#[derive(Clone, Debug)]
pub struct Agent<S, A = AnyAnswer> {
    model: S,
    tools: Tools,
    instructions: Option<Arc<str>>,
    limits: Limits,
    approve: Approve,
    hooks: Hooks,
    finish: A,
}

impl<S> Agent<S> {
    /// Creates an agent with this model, without tools.
    pub fn new(model: S) -> Self {
        Agent {
            model,
            tools: Tools::new(),
            instructions: None,
            limits: Limits::default(),
            approve: Approve::default(),
            hooks: Hooks::default(),
            finish: AnyAnswer,
        }
    }

    /// Returns an agent that answers with a value of this type. The model writes the value as the arguments of an
    /// additional tool, `final_answer`, by the schema of the type. An invalid value is sent back to the model, at most
    /// [three](Self::answer_attempts) times.
    ///
    /// ```
    /// # use catena_llm::{Agent, AgentAnswer, Chat, ChatModel};
    /// #[derive(Clone, serde::Deserialize, schemars::JsonSchema)]
    /// struct Forecast { celsius: f64, rain: bool }
    ///
    /// # fn example(model: Chat<impl ChatModel>) -> impl catena::Runnable<&'static str, Output = AgentAnswer<Forecast>> {
    /// Agent::new(model).answering::<Forecast>()
    /// # }
    /// ```
    pub fn answering<T>(self) -> Agent<S, Answering<T>>
    where
        T: DeserializeOwned + JsonSchema + Clone + Send + Sync + 'static,
    {
        let Agent { model, tools, instructions, limits, approve, hooks, finish: _ } = self;
        Agent { model, tools, instructions, limits, approve, hooks, finish: Answering::new() }
    }
}

impl<S, A> Agent<S, A> {
    /// Sets the tools that the model may call. Replaces earlier tools.
    pub fn tools(mut self, tools: Tools) -> Self {
        self.tools = tools;
        self
    }

    /// Sets the system prompt. It is not part of the returned conversation.
    pub fn instructions(mut self, text: impl Into<String>) -> Self {
        self.instructions = Some(text.into().into());
        self
    }

    /// Sets the maximum number of calls of the model. The default is 25.
    pub fn max_steps(mut self, steps: u32) -> Self {
        self.limits.steps = steps;
        self
    }

    /// Sets the maximum duration, which for a stream is measured from the first poll to the last. By default only the
    /// deadline of the run applies.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.limits.time = Some(limit);
        self
    }

    /// Sets the maximum cost of all calls of the model, by these prices. The agent stops before the first call after
    /// the limit is reached.
    ///
    /// An answer whose price or usage is unknown costs nothing as far as the limit is concerned, with one warning in a
    /// conversation. A [strict](Agent::strict_cost_limit) agent fails instead.
    pub fn cost_limit(mut self, limit: Cost, prices: PriceTable) -> Self {
        self.limits.cost = Some(limit);
        self.limits.prices = Arc::new(prices);
        self
    }

    /// Like [`cost_limit`](Agent::cost_limit), but an answer whose price or usage is unknown fails the agent before the
    /// next call.
    pub fn strict_cost_limit(mut self, limit: Cost, prices: PriceTable) -> Self {
        self.limits.is_strict = true;
        self.cost_limit(limit, prices)
    }

    /// Sets how often the model may try to answer with the [requested type](Agent::answering). The default is 3.
    pub fn answer_attempts(mut self, attempts: u32) -> Self {
        self.limits.attempts = attempts;
        self
    }

    /// Sets a function that decides on each tool call before it is made. It can let the call through, change it, or
    /// refuse it with a reason for the model.
    ///
    /// ```
    /// # use catena_llm::{Agent, Approval, Chat, ChatModel};
    /// # fn example(model: Chat<impl ChatModel>) {
    /// let careful = Agent::new(model).approve(|call| match &*call.name {
    ///     "delete" => Approval::refuse("nothing is deleted here"),
    ///     _ => Approval::Call,
    /// });
    /// # }
    /// ```
    pub fn approve(mut self, look: impl Fn(&ToolCall) -> Approval + Send + Sync + 'static) -> Self {
        self.approve = Approve::sync(look);
        self
    }

    /// Sets an async function that decides on each tool call; see [`approve`](Self::approve). Use it if a person
    /// decides. The calls are decided on one after the other. An error stops the agent.
    pub fn approve_async<F, Fut>(mut self, look: F) -> Self
    where
        F: Fn(ToolCall) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Approval>> + Send + 'static,
    {
        self.approve = Approve::asynchronous(look);
        self
    }

    /// Adds a [hook](hooks::Hook), inside of the earlier ones.
    pub fn hook(mut self, hook: impl Hook) -> Self {
        self.hooks.push(hook);
        self
    }

    /// Adds a function that runs before each call of the model, and returns the [turn](hooks::Turn), changed or not.
    ///
    /// ```
    /// use catena::RunnableExt;
    /// use catena_llm::{Agent, hooks::Turn, testing::Scripted};
    ///
    /// async fn date(mut turn: Turn) -> catena::Result<Turn> {
    ///     turn.instructions = Some("Today is Monday.".to_owned());
    ///     Ok(turn)
    /// }
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let agent = Agent::new(Scripted::answers(["It is Monday."]).chat()).before_model(date);
    /// assert_eq!(agent.invoke("Which day is it?").await?.answer.text(), "It is Monday.");
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn before_model<F, Fut>(self, function: F) -> Self
    where
        F: Fn(Turn) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Turn>> + Send + 'static,
    {
        self.hook(BeforeModel(function))
    }

    /// Adds a function that runs after each call of the model, and returns its message, changed or not, before tool calls
    /// in it are made.
    pub fn after_model<F, Fut>(self, function: F) -> Self
    where
        F: Fn(Message) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Message>> + Send + 'static,
    {
        self.hook(AfterModel(function))
    }

    /// Adds a function that makes each call of a tool, by [`NextTool::call`](hooks::NextTool::call), or does something in
    /// its place.
    ///
    /// ```
    /// use catena_llm::{Agent, Chat, ChatModel, ToolCall, ToolResult, hooks::NextTool};
    ///
    /// async fn timed(call: ToolCall, next: NextTool) -> catena::Result<ToolResult> {
    ///     let start = std::time::Instant::now();
    ///     let result = next.call(call).await?;
    ///     println!("{}: {:?}", result.call.name, start.elapsed());
    ///     Ok(result)
    /// }
    /// # fn example(model: Chat<impl ChatModel>) {
    /// let agent = Agent::new(model).around_tool(timed);
    /// # }
    /// ```
    pub fn around_tool<F, Fut>(self, function: F) -> Self
    where
        F: Fn(ToolCall, NextTool) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<ToolResult>> + Send + 'static,
    {
        self.hook(AroundTool(function))
    }

    /// Adds a function that runs when the model has answered. It can ask the model
    /// [again](hooks::Ending::ask_again).
    pub fn at_end<F, Fut>(self, function: F) -> Self
    where
        F: Fn(Ending) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Ending>> + Send + 'static,
    {
        self.hook(AtEnd(function))
    }

    /// Returns the model.
    pub fn model(&self) -> &S {
        &self.model
    }
}

impl<S, A: AnswerFormat> Agent<S, A> {
    /// Returns whether the answer is a value of a type.
    fn is_typed(&self) -> bool {
        self.finish.definition().is_some()
    }
}

impl<S: Step, A: AnswerFormat> Step for Agent<S, A> {
    const NODE: Node = Node::Named {
        name: "agent",
        node: &Node::Sequence(&[
            Part { label: "model", node: S::NODE },
            // The results of tools go to the model, so no stream is blocked by them alone.
            Part { label: "tools", node: Dispatch::TOOLS.streaming(Extent::Pieces, Extent::Pieces) },
        ]),
    };

    fn name(&self) -> Option<&str> {
        Some("agent")
    }

    fn keys(&self, keys: &mut Keys) {
        self.model.keys(keys);
    }

    fn details(&self, details: &mut Details) {
        self.limits.settings().into_iter().for_each(|(name, value)| details.set(name, value));
    }
}

impl<P, S, A> Runnable<P> for Agent<S, A>
where
    P: AgentInput + Send,
    S: Runnable<ChatRequest, Output = Message, Chunk = MessageChunk>,
    A: AnswerFormat,
{
    type Output = AgentAnswer<A::Answer>;
    type Chunk = AgentEvent<A::Answer>;
    type Assembler = AgentAssembler<A::Answer>;

    fn assembler(&self) -> Self::Assembler {
        AgentAssembler::default()
    }

    fn types(&self, types: &mut Types) {
        self.model.types(types);
        types.serialize::<AgentAnswer<A::Answer>>();
        types.clone::<AgentAnswer<A::Answer>>();
        types.serialize::<AgentEvent<A::Answer>>();
        types.clone::<AgentEvent<A::Answer>>();
    }

    fn component(&self) -> Component {
        let model = self.model.component();
        let tools: Vec<(&str, Component)> = self.tools.components().collect();
        let mut steps = vec![("model", model)];
        match <[_; 1]>::try_from(tools) {
            Ok([one]) => steps.push(one),
            Err(none) if none.is_empty() => {}
            Err(several) => steps.push(("tools", Component::branch(several))),
        }
        let mut component = Component::sequence(steps, false).called("agent").giving::<Self::Output>();
        component.settings.extend(self.limits.settings());
        component
    }

    fn input_json(&self, input: &P) -> Option<Value> {
        serde_json::to_value(input.shown()).ok().map(|messages| json!({ "messages": messages }))
    }

    fn start<'a>(&'a self, input: P, cx: &'a Context) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
        waits(async move {
            let begin = input.begin();
            drop(input);
            Box::pin(self.run(begin, cx, None)).await
        })
    }

    fn call_ref<'a>(&'a self, input: &'a P, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send
    where
        P: Clone + Sync,
    {
        Running::call_ref(self, input, cx)
    }

    fn start_ref<'a>(
        &'a self,
        input: &'a P,
        cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output>
    where
        P: Clone + Sync,
    {
        waits(async move { Box::pin(self.run(input.begin(), cx, None)).await })
    }

    fn call_stream<'a>(&'a self, input: P, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        P: 'a,
    {
        Chunks::observed(self, input, cx, |agent, input, cx| {
            let begin = input.begin();
            Chunks::generate(move |out| async move {
                let answer = agent.run(begin, cx, Some(&out)).await?;
                out.send(AgentEvent::Answer(answer)).await;
                Ok(())
            })
        })
    }
}
