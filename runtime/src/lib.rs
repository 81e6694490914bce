//! Compose LLM steps as one typed expression, checked by the compiler, at the cost of hand-written code.
//!
//! ```
//! use catena::prelude::*;
//!
//! #[runnable]
//! fn words(text: &str) -> usize { text.split_whitespace().count() }
//! #[runnable]
//! async fn verdict(words: usize, shout: String) -> String { format!("{shout} has {words} words") }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let chain = chain!(String => <words: words, shout: |text| text.to_uppercase()> | verdict);
//! assert_eq!(chain.invoke("to be".into()).await?, "TO BE has 2 words");
//! # Ok::<(), catena::Error>(()) }).unwrap();
//! ```
//!
//! - **Write chains:** [`chain!`], [`#[runnable]`](macro@runnable), [`#[derive(Record)]`](macro@Record), [`record!`];
//!   all of it by `use catena::prelude::*`.
//! - **Run them:** [`RunnableExt`]: `invoke`, `invoke_with`, `invoke_blocking`, `stream`, `events`, `batch`; settings in a
//!   [`Config`], seen by steps in their [`Context`].
//! - **Serve them:** [`stream_owned`](RunnableExt::stream_owned) and [`events_owned`](RunnableExt::events_owned) borrow nothing, so
//!   that they can be the body of a response.
//! - **Modify steps:** [`StepExt`]: `retry`, `timeout`, `fallback`, `map`, `race`, `tap`, `named`, `with_config`, `spawned`,
//!   `boxed`.
//! - **Stream:** [`#[runnable]`](macro@runnable) functions from stream to stream, [`generator`], and what their items add up to,
//!   [`Gather`]; [`assert_streams!`] for chains that must not wait.
//! - **Choose at run time:** `match config(KEY) { .. }` in a chain, [`Router`], [`then_run`](StepExt::then_run); a `Vec` of steps
//!   as one, [`sequence_of`].
//! - **Stream through them:** functions from a stream to a stream ([`Generator`]), [`assert_streams!`].
//! - **See them:** `cargo doc` [draws them](pictures).
//! - **Coming from LangChain:** [what is different](langchain).
//! - **Look at them:** [`graph`](RunnableExt::graph) draws a chain, [`assert_graph!`] keeps the drawing as a golden,
//!   [`graph_main!`] is a command for it; [`manifest`](RunnableExt::manifest) has its settings, and says what changed.
//! - **See what happened:** [`Drawing`]: a run as SVG, text, or a page with a timeline; [`Console`], [`Latency`], [`Spans`].
//! - **When it fails:** [`Error`], with the path of the step, and its [`ErrorKind`].
//! - **When it does not compile:** [every error](errors), why, and what to do.
//! - **Underneath:** the traits [`Step`] and [`Runnable`], and a combinator in each of the other types here.
//!
//! Language models, prompts and messages are in the crate `catena-llm`.
#![forbid(unsafe_code)]

// What the macros expand to names the crate from outside; the pages about drawings have chains in it.
#[cfg(doc)]
extern crate self as catena;

mod batch;
mod combinators;
mod error;
mod graph;
mod leaves;
mod macro_support;
mod macros;
mod manifest;
mod node;
mod observe;
pub mod pictures;
pub mod prelude;
mod record;
mod reflect;
mod run;
mod run_drawing;
mod runnable_ext;
mod step;
mod step_ext;
mod stream;
mod util;

/// The functions that expansions of `chain!` name.
#[doc(hidden)]
pub mod flow {
    pub use crate::macro_support::{closure::*, infer::*};
}

/// The names that expansions of macros use.
#[doc(hidden)]
pub mod __private {
    pub use crate::macro_support::*;
}

#[doc = include_str!("../docs/langchain.md")]
pub mod langchain {}

#[doc = include_str!("../docs/errors.md")]
pub mod errors {}

pub use batch::{AllOrError, AsCompleted, Batch, InOrder, Progress, STREAMED_CONCURRENCY};
pub use combinators::boxed::{BoxAssembler, BoxRunnable};
pub use combinators::branch::Branch;
pub use combinators::configurable::Configurable;
pub use combinators::fallback::{Failed, Fallback, FallbackWithError};
pub use combinators::lazy::{Lazy, lazy};
pub use combinators::map::{Map, MapAssembler};
pub use combinators::named::{Named, Titled};
pub use combinators::parallel::{Parallel, Tuple, parallel};
pub use combinators::race::Race;
pub use combinators::retry::{Retried, Retry};
pub use combinators::router::Router;
pub use combinators::sequence::{Sequence, sequence};
pub use combinators::sequence_of::{SequenceOf, sequence_of};
pub use combinators::settle::{Settled, SettledAssembler};
pub use combinators::spawn::Spawned;
pub use combinators::tap::Tap;
pub use combinators::then_run::ThenRun;
pub use combinators::timeout::Timeout;
pub use combinators::with_config::Configured;
pub use error::{BoxError, Error, ErrorKind, Result, Segment};
pub use graph::{Format, Graph};
pub use leaves::closure::{AsyncClosure, Closure, ReadingClosure};
pub use leaves::generator::{Generator, generator};
pub use leaves::passthrough::Passthrough;
pub use leaves::pick::{Look, Pick};
pub use leaves::projection::Piecewise;
pub use macro_support::into_struct::{AsStruct, Filled};
pub use macros::{Record, chain, record, runnable};
pub use manifest::{Component, ComponentKind, Details, Difference, Manifest, Member};
pub use node::policy;
pub use node::{Extent, Kind, Leaf, Node, Part, Visit, WALK_DEPTH, Walk};
pub use observe::console::Console;
pub use observe::event::{Event, EventKind, Run, RunId, RunKind};
pub use observe::event_stream::Events;
pub use observe::latency::{Latency, StepTime};
pub use observe::listeners::Listeners;
pub use observe::observer::Observer;
pub use observe::run_guard::Running;
#[cfg(feature = "run-log")]
pub use observe::run_log::RunLog;
pub use observe::tracing_spans::Spans;
pub use record::{At, C, Field, Record};
pub use reflect::registry::Types;
pub use run::config::Config;
pub use run::context::{Context, RECURSION_LIMIT};
pub use run::key::{ConfigKey, Keys};
#[cfg(feature = "progress")]
pub use run_drawing::Live;
pub use run_drawing::{Drawing, Tokens};
pub use runnable_ext::RunnableExt;
pub use step::runnable::{Runnable, Step};
pub use step_ext::StepExt;
pub use stream::assemble::{Assemble, Concat, Whole};
pub use stream::chunks::Chunks;
pub use stream::gather::{Append, Gather, Gathered, Items};
pub use tokio_util::sync::CancellationToken;
