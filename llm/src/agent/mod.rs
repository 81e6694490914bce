//! Agents: a model that calls tools until it can answer.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Agent`], the step |
//! | `turns` | the loop: asking the model, calling tools, asking again |
//! | `conversation` | the state of one run: messages, usage, cost |
//! | `limits` | the maximum of turns, tokens and money |
//! | `approval` | [`Approval`], the decision on a call before it is made |
//! | `answering` | the two forms of an answer: the last message, or a value of a type |
//! | `answer` | [`AgentAnswer`], the output |
//! | `event` | [`AgentEvent`], the item of a stream, and its assembler |
//! | `error` | [`AgentError`], the error of an agent that reached a limit or was stopped |

mod answer;
mod answering;
mod approval;
mod conversation;
mod error;
mod event;
mod limits;
mod turns;

pub use answer::AgentAnswer;
pub use answering::{Answering, AnyAnswer};
pub use approval::Approval;
pub use error::{AgentError, StopReason};
pub use event::{AgentAssembler, AgentEvent};

use crate::{AsPrompt, ChatRequest, Cost, Message, MessageChunk, PriceTable, ToolCall, Tools, tool::Dispatch};
use answering::AnswerFormat;
use approval::Approve;
use catena::{Chunks, Component, Context, Details, Extent, Keys, Node, Part, Result, Runnable, Running, Step, Types};
use limits::Limits;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{future::Future, sync::Arc, time::Duration};

/// A model that calls [tools](Tools) until it can answer: ask the model, make the calls it asks for, show it the results, and
/// again.
///
/// It takes any [prompt](AsPrompt), which is a question or a whole conversation, and gives an [`AgentAnswer`]: the final
/// message, and the conversation to go on with. Nothing is remembered in between.
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
/// // The next turn goes on from there.
/// let more = agent.invoke(said.reply("Are you sure?")).await?;
/// assert_eq!(more.messages.len(), 8);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// The model is any step from a [`ChatRequest`] to a [`Message`]: a [`Chat`](crate::Chat), and one with retries, timeouts and
/// fallbacks around it. Its calls, and those of tools, are runs of their own under that of the agent.
///
/// Calls of one turn run at once, as far as the run's [`max_concurrency`](catena::Config::max_concurrency) allows; their results
/// go to the model in the order it asked. What goes wrong with a call is told to the model.
/// An agent within an agent's tool counts to the run's recursion limit.
///
/// # Errors
/// That of the model; of a tool only what ends the whole run. [`Recursion`](catena::ErrorKind::Recursion) past
/// [`max_steps`](Self::max_steps), [`Timeout`](catena::ErrorKind::Timeout) past the [`time_limit`](Self::time_limit),
/// [`Step`](catena::ErrorKind::Step) past the [`cost_limit`](Self::cost_limit), [`Parse`](catena::ErrorKind::Parse) for an empty answer, or
/// one that is not of the type [asked for](Self::answering). Any of them keeps the conversation so far: [`AgentError`].
///
/// # Streaming
/// [`AgentEvent`]s: text as the model says it, the calls of tools and their results, and the answer. Waits for its whole input.
#[derive(Clone, Debug)]
pub struct Agent<S, A = AnyAnswer> {
    model: S,
    tools: Tools,
    instructions: Option<Arc<str>>,
    limits: Limits,
    approve: Approve,
    finish: A,
}

impl<S> Agent<S> {
    /// This model, without tools so far.
    pub fn new(model: S) -> Self {
        Agent {
            model,
            tools: Tools::new(),
            instructions: None,
            limits: Limits::default(),
            approve: Approve::default(),
            finish: AnyAnswer,
        }
    }

    /// Answer with a value of this type, which the model gives as the arguments of one more tool, `final_answer`, by the type's
    /// schema. What does not fit is sent back to the model, [three](Self::answer_attempts) times at most.
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
        let Agent { model, tools, instructions, limits, approve, finish: _ } = self;
        Agent { model, tools, instructions, limits, approve, finish: Answering::new() }
    }
}

impl<S, A> Agent<S, A> {
    /// The tools it may call, in place of those before.
    pub fn tools(mut self, tools: Tools) -> Self {
        self.tools = tools;
        self
    }

    /// What it is told before each conversation, as a message of the system. No part of the conversation it gives back.
    pub fn instructions(mut self, text: impl Into<String>) -> Self {
        self.instructions = Some(text.into().into());
        self
    }

    /// How often it may ask the model; 25 times where nothing is said.
    pub fn max_steps(mut self, steps: u32) -> Self {
        self.limits.steps = steps;
        self
    }

    /// How long it may take in all; of a stream, from the first read to the last. Without this, as long as the run may.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.limits.time = Some(limit);
        self
    }

    /// What its calls of the model may cost in all, by these prices. It stops before the call after the one that reached the
    /// limit. A model whose price or usage is not known is an error: the limit could not be kept.
    pub fn cost_limit(mut self, limit: Cost, prices: PriceTable) -> Self {
        self.limits.cost = Some(limit);
        self.limits.prices = Arc::new(prices);
        self
    }

    /// How often the model may try to answer with the type [asked for](Agent::answering); 3 times where nothing is said.
    pub fn answer_attempts(mut self, attempts: u32) -> Self {
        self.limits.attempts = attempts;
        self
    }

    /// Look at each call of a tool before it is made: let it, change it, or refuse it with a reason that the model is told.
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

    /// The same, where it takes time: a person is asked. One call after the other. An error stops the agent.
    pub fn approve_async<F, Fut>(mut self, look: F) -> Self
    where
        F: Fn(ToolCall) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Approval>> + Send + 'static,
    {
        self.approve = Approve::asynchronous(look);
        self
    }

    /// The model it asks.
    pub fn model(&self) -> &S {
        &self.model
    }
}

impl<S: Step, A: AnswerFormat> Step for Agent<S, A> {
    const NODE: Node = Node::Named {
        name: "agent",
        node: &Node::Sequence(&[
            Part { label: "model", node: S::NODE },
            // What they give goes to the model: no stream waits for them alone.
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
    P: AsPrompt + Send,
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
        serde_json::to_value(input.to_messages()).ok().map(|messages| json!({ "messages": messages }))
    }

    fn call<'a>(&'a self, input: P, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send {
        Running::call(self, input, cx)
    }

    async fn call_unobserved<'a>(&'a self, input: P, cx: &'a Context) -> Result<Self::Output> {
        let request = input.to_request();
        drop(input);
        Box::pin(self.run(request, cx, None)).await
    }

    fn call_ref<'a>(&'a self, input: &'a P, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send
    where
        P: Clone + Sync,
    {
        Running::call_ref(self, input, cx)
    }

    async fn call_ref_unobserved<'a>(&'a self, input: &'a P, cx: &'a Context) -> Result<Self::Output>
    where
        P: Clone + Sync,
    {
        Box::pin(self.run(input.to_request(), cx, None)).await
    }

    fn call_stream<'a>(&'a self, input: P, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        P: 'a,
    {
        Chunks::observed(self, input, cx, |agent, input, cx| {
            let request = input.to_request();
            Chunks::generate(move |out| async move {
                let answer = agent.run(request, cx, Some(&out)).await?;
                out.send(AgentEvent::Answer(answer)).await;
                Ok(())
            })
        })
    }
}
