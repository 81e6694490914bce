//! Chat models, prompts, parsers, tools, agents, memory and retrieval for [Catena](catena) chains.
//!
//! ```no_run
//! use catena::{RunnableExt, StepExt};
//! use std::time::Duration;
//!
//! # async fn run() -> catena::Result<()> {
//! let gpt = catena_llm::openai("gpt-4o-mini").build()?; // the key is in OPENAI_API_KEY
//! let answer = gpt.timeout(Duration::from_secs(30)).retry(3).invoke("What is quantum computing?").await?;
//! println!("{answer}");
//! # Ok(()) }
//! ```
//!
//! # By topic
//!
//! | to | use |
//! |---|---|
//! | call a **model** | [`openai`], [`openai_responses`], [`azure_openai`], [`anthropic`], [`gemini`], [`ollama`], [`openai_compatible`]; [other servers](providers) by a base URL and a token |
//! | write a **prompt** | [`prompt!`], checked by the compiler; `Template` and `ChatTemplate`, read at run time (feature `templates`) |
//! | **stream** an answer | [`stream`](catena::RunnableExt::stream): [`MessageChunk`]s of a model, [`AgentEvent`]s of an agent |
//! | get **structured output**, JSON, lists | [`Chat::structured`], [`parser`] |
//! | call **tools** | [`#[tool]`](macro@tool), [`tool_fn`], [`Tools`] |
//! | run an **agent** | [`Agent`], with [limits](Agent::max_steps) and [approval](Agent::approve) |
//! | remember a conversation: **memory**, chat history | [`memory`], [`with_history`](memory::HistoryExt::with_history) |
//! | answer from documents: **RAG**, embeddings, vector search, **rerankers** | [`retrieval`] |
//! | **retry**, **timeout**, **fallback** | [`StepExt`](catena::StepExt), on any model; a provider's `retry-after` is honoured |
//! | respect a **rate limit** | [`Chat::rate_limited`], [`Chat::concurrency_limited`]; [`limit`] |
//! | know the **cost** and the tokens | [`Spending`] of a run, [`Usage`] of an answer, [`PriceTable`], the [`Catalogue`] of models |
//! | limit the cost | [`budget`] |
//! | **cache** answers | [`Chat::cached`]; [`cache`] |
//! | **trace** and measure calls, with OpenTelemetry's names; export them by OTLP | [`telemetry`] |
//! | **test** without a network | [`testing::Scripted`], [`testing::Cassette`] |
//! | test over HTTP, with faults | [`simulator`], and the program `catena-simulator` |
//! | set the temperature, the length, **reasoning** | [`Options`] in code, [`keys`] for a run |
//! | send an **image**, a PDF, audio | [`Image`], [`File`], [`Part`] |
//! | handle an **error** of a provider | [`ProviderError`]; [the error for each fault](faults) |
//! | **bound** what a provider sends, and what a caller sets | [all bounds](mod@bounds) |
//! | connect another model | [`ChatModel`], [`Chat`] |
#![forbid(unsafe_code)]

mod agent;
pub mod memory;
mod message;
mod metering;
mod middleware;
mod model;
pub mod parser;
mod prompt;
#[cfg(feature = "providers")]
mod provider;
mod redact;
pub mod retrieval;
mod schema;
#[cfg(feature = "simulator")]
pub mod simulator;
#[cfg(feature = "sqlite")]
mod sqlite;
pub mod telemetry;
pub mod testing;
mod tool;
#[cfg(feature = "providers")]
#[allow(dead_code, reason = "the protocols land one by one")]
mod wire;

#[doc = include_str!("../docs/faults.md")]
pub mod faults {}

#[doc = include_str!("../docs/providers.md")]
pub mod providers {}
#[doc = include_str!("../docs/limits.md")]
#[cfg(feature = "providers")]
pub mod bounds {}

#[doc(hidden)]
pub mod __private;

pub use agent::{
    Agent, AgentAnswer, AgentAssembler, AgentError, AgentEvent, Answering, AnyAnswer, Approval, StopReason,
};
pub use message::{
    File, FinishReason, Image, Message, MessageAssembler, MessageChunk, MessageMetadata, Messages, Part, ProviderState,
    Reasoning, Role, TokenLogprob, ToolCall, ToolCallChunk, Usage,
};
pub use metering::{Capability, Catalogue, Cost, ModelInfo, Price, PriceTable, Spending, Spent};
pub use middleware::{budget, cache, limit};
pub use model::{
    AsPrompt, BoxModel, Chat, ChatModel, ChatRequest, ModelIdentity, ModelKeys, Options, ReasoningEffort,
    ResponseFormat, Structured, keys,
};
pub use prompt::prompt;
#[cfg(feature = "templates")]
pub use prompt::{ChatTemplate, Template};
#[cfg(feature = "providers")]
pub use provider::{
    EmbeddingBuilder, EmbeddingModel, HttpClient, Model, ModelBuilder, ProviderError, ProviderModel, RerankModel,
    RerankerBuilder, anthropic, azure_openai, cohere_reranker, compatible_reranker, gemini, gemini_embeddings,
    gemini_openai, jina_reranker, ollama, openai, openai_compatible, openai_compatible_embeddings, openai_embeddings,
    openai_responses,
};
pub use redact::Redactor;
pub use tool::{
    FnTool, OUTPUT_LIMIT, Tool, ToolChoice, ToolContent, ToolDefinition, ToolOutput, ToolParameter, ToolResult,
    ToolStep, Tools, tool, tool_fn, tool_with_schema,
};
