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
//! Language models, prompts, agents and memory are in the crate `catena-llm`.
//!
//! # By topic
//!
//! | to | use |
//! |---|---|
//! | write a chain | [`chain!`], [`#[runnable]`](macro@runnable), [`#[derive(Record)]`](macro@Record); `use catena::prelude::*` has them |
//! | run it | [`invoke`](RunnableExt::invoke), [`invoke_with`](RunnableExt::invoke_with) a [`Config`], [`invoke_blocking`](RunnableExt::invoke_blocking) |
//! | **stream** it | [`stream`](RunnableExt::stream), [`stream_owned`](RunnableExt::stream_owned) for a server; [`assert_streams!`] |
//! | stream tokens and steps, as **server-sent events** | [`events`](RunnableExt::events), [`events_owned`](RunnableExt::events_owned) |
//! | run a **batch** | [`batch`](RunnableExt::batch), [`try_batch`](RunnableExt::try_batch), [`batch_as_completed`](RunnableExt::batch_as_completed), [`batch_stream`](RunnableExt::batch_stream); [`map`](StepExt::map) over a list |
//! | **retry**, with backoff | [`retry`](StepExt::retry), [`Retry`] |
//! | set a **timeout** or a **deadline** | [`timeout`](StepExt::timeout) of a step, [`Config::deadline`] of a run |
//! | have a **fallback** | [`fallback`](StepExt::fallback), [`fallback_with_error`](StepExt::fallback_with_error), [`race`](StepExt::race) |
//! | **cancel** a run | [`Config::cancel`], or drop its future |
//! | limit **concurrency** | [`Config::max_concurrency`] |
//! | choose a step at run time, **route** | `match` in a [`chain!`], [`Router`], [`then_run`](StepExt::then_run), [`Configurable`] |
//! | put steps into a field, a list or a map | [`boxed`](StepExt::boxed), [`BoxRunnable`], [`sequence_of`] |
//! | call a step from itself | [`lazy()`] |
//! | write a **generator** | [`#[runnable]`](macro@runnable) on a function that returns a stream, [`generator`], [`Gather`] |
//! | pass settings and **state** to steps | [`Config::with`], [`Config::set`] a [`ConfigKey`]; [`Context::get`] |
//! | handle an **error** | [`Error`], its [`kind`](Error::kind) and [`path`](Error::path); [`ErrorKind`] |
//! | **trace** and **log** a run | [`Config::observe`] a [`Console`], [`Latency`], [`Spans`] for `tracing`, or your [`Observer`]; [`Listeners`] of one step |
//! | draw a run | [`Drawing`]: SVG, text, a page with a timeline; its [`price`](Drawing::price) adds the **cost** |
//! | draw a chain | [`graph`](RunnableExt::graph), [`graph_main!`]; [in rustdoc](pictures) |
//! | **test** a chain | [`assert_graph!`], [`assert_chain!`] with a [`policy`]; scripted models are in `catena-llm` |
//! | compare two versions of a chain | [`manifest`](RunnableExt::manifest), [`Manifest::difference`] |
//! | understand a **compiler error** | [the list of errors](errors), with the cure for each |
//! | translate from **LangChain** | [the differences](langchain) |
//! | use it with `tower` | `tower::service`, `tower::step` (feature `tower`) |
//! | write a combinator | the traits [`Step`] and [`Runnable`] |
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `anyhow` (default) | errors of `anyhow` keep their original and their backtrace |
//! | `schema` | the JSON Schemas of inputs, outputs and settings, of types that derive `schemars::JsonSchema` |
//! | `progress` | a progress bar for batches, and runs drawn in the terminal while they run |
//! | `run-log` | the log of a run as JSON Patch operations |
//! | `tower` | a chain as a service of `tower`, and a step from one |
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// What the macros expand to names the crate from outside; the pages about drawings have chains in it.
#[cfg(doc)]
extern crate self as catena;

mod batch;
mod combinators;
mod error;
mod graph;
mod host;
#[cfg(feature = "tower")]
mod interop;
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

#[doc = include_str!("../docs/internals.md")]
pub mod internals {}

pub use batch::{AllOrError, AsCompleted, Batch, BatchInputs, InOrder, Progress, STREAMED_CONCURRENCY};
pub use combinators::boxed::{BoxAssembler, BoxRunnable};
pub use combinators::branch::Branch;
pub use combinators::configurable::Configurable;
pub use combinators::fallback::{Failed, Fallback, FallbackWithError};
pub use combinators::lazy::{Lazy, lazy};
pub use combinators::map::{Map, MapAssembler};
pub use combinators::named::{Named, StaticNamed};
pub use combinators::parallel::{Parallel, Tuple, parallel};
pub use combinators::race::Race;
pub use combinators::retry::{Retried, Retry, RetryPolicy};
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
#[cfg(feature = "tower")]
pub use interop::tower;
pub use leaves::closure::{AsyncClosure, Closure, ReadingClosure};
pub use leaves::generator::{Generator, generator};
pub use leaves::passthrough::Passthrough;
pub use leaves::pick::{Pick, PickRef};
pub use leaves::projection::Projected;
pub use macro_support::into_struct::{IntoRecordStruct, IntoStruct};
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
pub use run::lifecycle::Lifecycle;
pub use run::recorder::{RecordCall, Recorder};
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

/// The README's code, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
