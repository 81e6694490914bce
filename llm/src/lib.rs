//! Messages, chat models and prices for [Catena](catena) chains.
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
//! - **Messages:** [`Message`], [`Messages`], [`Part`], [`ToolCall`]; [`MessageChunk`] in streams.
//! - **Models:** the builders [`openai`], [`anthropic`], [`gemini`], [`gemini_openai`], [`ollama`] and
//!   [`openai_compatible`] create a [`Model`]. Any other [`ChatModel`] becomes a step by [`Chat`].
//! - **Settings:** [`Options`] in code, [`keys`] for the configuration of a run.
//! - **Prompts:** [`prompt!`], checked by the compiler; `Template`, read when the program runs (feature `templates`).
//! - **Tools and agents:** [`#[tool]`](macro@tool), [`Tool`], [`Tools`], [`Agent`].
//! - **Structured output:** the parsers in [`parser`], and [`Chat::structured`].
//! - **History and documents:** [`memory`], [`retrieval`].
//! - **Tokens and money:** [`Usage`] of an answer, [`Spending`] of a run, [`PriceTable`], [`telemetry`].
//! - **Limits and caching:** [`limit`], [`budget`], [`cache`].
//! - **Tests:** [`testing`].
//! - **Errors:** [the error for each fault](faults) of each provider, and [all bounds](mod@bounds).
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

#[doc = include_str!("../docs/limits.md")]
#[cfg(feature = "providers")]
pub mod bounds {}

#[doc(hidden)]
pub mod __private;

pub use agent::{
    Agent, AgentAnswer, AgentAssembler, AgentError, AgentEvent, Answering, AnyAnswer, Approval, StopReason,
};
pub use message::{
    FinishReason, Image, Message, MessageAssembler, MessageChunk, MessageMetadata, Messages, Part, ProviderState,
    Reasoning, Role, ToolCall, ToolCallChunk, Usage,
};
pub use metering::{Cost, Price, PriceTable, Spending, Spent};
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
    EmbeddingBuilder, EmbeddingModel, Model, ModelBuilder, ProviderError, ProviderModel, anthropic, azure_openai,
    gemini, gemini_embeddings, gemini_openai, ollama, openai, openai_compatible, openai_compatible_embeddings,
    openai_embeddings, openai_responses,
};
pub use redact::Redactor;
pub use tool::{
    FnTool, OUTPUT_LIMIT, Tool, ToolChoice, ToolDefinition, ToolOutput, ToolParameter, ToolResult, ToolStep, Tools,
    tool, tool_fn, tool_with_schema,
};
