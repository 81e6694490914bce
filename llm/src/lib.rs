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
//! | call a **model** | [`openai`], [`anthropic`], [`gemini`], [`ollama`], [`openai_compatible`] |
//! | call it by the **responses API**, at **Azure**, at **Bedrock** or **Vertex** | [`openai_responses`], [`azure_openai`]; [a base URL and a bearer token](providers) |
//! | cache prompts, add or leave out fields of the request | [`prompt_cache`](ModelBuilder::prompt_cache), [`extra_body`](ModelBuilder::extra_body), [`without`](ModelBuilder::without) |
//! | share an **HTTP client**, with proxies and times of its own | [`HttpClient`] |
//! | write a **prompt** | [`prompt!`], checked by the compiler; `Template` and `ChatTemplate`, read at run time (feature `templates`) |
//! | **stream** an answer | [`stream`](catena::RunnableExt::stream): [`MessageChunk`]s of a model, [`AgentEvent`]s of an agent |
//! | get **structured output**, JSON, lists | [`Chat::structured`], [`parser`] |
//! | call **tools** | [`#[tool]`](macro@tool), [`tool_fn!`](macro@tool_fn), [`Tools`] |
//! | call the tools of **MCP** servers | `mcp::McpServer` (feature `mcp`) |
//! | run an **agent** | [`Agent`], with [limits](Agent::max_steps), [approval](Agent::approve) and [hooks]; [`Steering`], [`AgentPaused`] |
//! | remember a conversation: **memory**, chat history | [`memory`], [`with_history`](memory::HistoryExt::with_history) |
//! | answer from documents: **RAG**, embeddings, vector search, **rerankers** | [`retrieval`] |
//! | **retry**, **timeout**, **fallback** | [`StepExt`](catena::StepExt), on any model; a provider's `retry-after` is honoured |
//! | respect a **rate limit** | [`Chat::rate_limited`], [`Chat::concurrency_limited`]; [`limit`] |
//! | know the **cost** and the tokens | [`Spending`] of a run, [`Usage`] of an answer, [`PriceTable`], the [`Catalogue`] of models |
//! | limit the cost | [`budget`] |
//! | **cache** answers | [`Chat::cached`]; [`cache`] |
//! | **trace** and measure calls, with OpenTelemetry's names; export them by OTLP | [`telemetry`] |
//! | **evaluate** a chain on a data set, with scores and a report | [`evaluation`] |
//! | **test** without a network | [`testing::Scripted`], [`testing::Cassette`] |
//! | test over HTTP, with faults | [`simulator`], and the program `catena-simulator` |
//! | set the temperature, the length, **reasoning**, penalties, **logprobs** | [`Options`] in code, [`keys`] for a run |
//! | send an **image**, a PDF, audio, another **file** | [`Image`], [`File`], [`Part`] |
//! | keep **secrets** out of logs and stores | [`Redactor`] |
//! | handle an **error** of a provider | [`ProviderError`]; [the error for each fault](faults) |
//! | **bound** what a provider sends, and what a caller sets | [all bounds](mod@bounds) |
//! | connect another model | [`ChatModel`], [`Chat`] |
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `providers` (default) | chat models and embedders of real providers, over HTTP |
//! | `rustls-tls` (default) | TLS for them, by `rustls` |
//! | `sqlite` | stores in a SQLite file: history, cached answers, full-text and vector indices |
//! | `templates` | templates that are read at run time, by `minijinja` |
//! | `otlp` | traces and metrics for collectors of OpenTelemetry, by OTLP over HTTP |
//! | `rate-limit` | limits on requests and tokens per minute, by `governor` |
//! | `splitters` | splitting of documents by sentences, Markdown and tokens, by `text-splitter` |
//! | `mcp` | the tools of servers of the Model Context Protocol, by `rmcp` |
//! | `pgvector` | vectors in Postgres, by `tokio-postgres` |
//! | `qdrant` | vectors in a Qdrant server, by its REST API |
//! | `simulator` | a simulator of the providers' protocols, for examples and tests |
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// The docs link to all features.
#![cfg_attr(not(feature = "providers"), allow(rustdoc::broken_intra_doc_links))]

mod agent;
pub mod evaluation;
#[cfg(feature = "mcp")]
pub mod mcp;
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
mod wire;

#[doc = include_str!("../docs/faults.md")]
pub mod faults {}

#[doc = include_str!("../docs/providers.md")]
pub mod providers {}

#[doc = include_str!("../docs/limits.md")]
#[cfg(feature = "providers")]
pub mod bounds {}

/// The README's code, compiled.
#[cfg(all(doctest, feature = "providers"))]
#[doc = include_str!("../README.md")]
pub struct Readme;

#[doc(hidden)]
pub mod __private;

pub use agent::{
    Agent, AgentAnswer, AgentAssembler, AgentError, AgentEvent, AgentInput, AgentPaused, AgentTool, Answering,
    AnyAnswer, Approval, Steering, StopReason, hooks,
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
    FnTool, OUTPUT_LIMIT, Tool, ToolChoice, ToolContent, ToolDefinition, ToolEntry, ToolOutput, ToolParameter,
    ToolResult, ToolStep, Tools, tool, tool_fn, tool_with_schema,
};
