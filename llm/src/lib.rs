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
//! - What is said: [`Message`], [`Messages`], [`Part`], [`ToolCall`]; streamed, [`MessageChunk`].
//! - Who says it: the builders [`openai`], [`anthropic`], [`gemini`], [`gemini_openai`] and [`openai_compatible`], all
//!   of which make a [`Model`]; any other [`ChatModel`] is a step as a [`Chat`].
//! - How: [`Options`], which a run can set by [`keys`].
//! - What they may ask for: [`#[tool]`](macro@tool), [`Tool`], [`Tools`]; and what asks, calls and asks again: [`Agent`].
//! - What it took: [`Usage`], and in money [`PriceTable`].
#![forbid(unsafe_code)]

mod agent;
mod as_prompt;
mod chat;
mod chat_model;
mod chunk;
pub mod keys;
mod message;
mod options;
mod price;
mod prompt;
#[cfg(feature = "genai")]
mod provider;
mod request;
#[cfg(feature = "simulator")]
pub mod simulator;
mod tool;
mod usage;

#[doc(hidden)]
pub mod __private;

pub use agent::{
    Agent, AgentAnswer, AgentAssembler, AgentEvent, AgentStopped, Answering, AnyAnswer, Approval, StopReason,
};
pub use as_prompt::AsPrompt;
pub use chat::Chat;
pub use chat_model::ChatModel;
pub use chunk::{About, MessageAssembler, MessageChunk, ToolCallChunk};
pub use keys::ModelKeys;
pub use message::{FinishReason, Message, Messages, Part, Role, ToolCall};
pub use options::Options;
pub use price::{Cost, Price, PriceTable};
pub use prompt::prompt;
#[cfg(feature = "genai")]
pub use provider::{
    Model, ModelBuilder, ProviderError, ProviderModel, anthropic, gemini, gemini_openai, openai, openai_compatible,
};
pub use request::ChatRequest;
pub use tool::{
    FnTool, OUTPUT_LIMIT, Tool, ToolChoice, ToolDefinition, ToolOutput, ToolParameter, ToolResult, ToolStep, Tools,
    tool, tool_fn, tool_with_schema,
};
pub use usage::Usage;
