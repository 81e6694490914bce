//! Compose LLM steps as one typed expression.
#![forbid(unsafe_code)]
// Futures are spelled out where their `Send` is a promise; the tuple-backed types use all of `OneOf..`.
#![allow(clippy::manual_async_fn, clippy::wildcard_imports)]

mod adopt;
mod as_struct;
mod assemble;
mod boxed;
mod branch;
mod chunks;
mod closure;
mod config;
mod context;
mod error;
mod fallback;
#[doc(hidden)]
pub mod flow;
mod labelled;
mod lazy;
mod lend;
mod map;
mod modify;
mod named;
mod names;
mod node;
mod one_of;
mod parallel;
mod passthrough;
mod pick;
pub mod prelude;
mod race;
mod record;
mod retry;
mod run;
mod runnable;
mod sequence;
mod settled;
mod spawned;
mod tap;
mod timeout;
mod tuples;
mod typed;
mod with_config;

#[doc(hidden)]
pub mod __private;

pub use assemble::{Assemble, Concat, Whole};
pub use boxed::{BoxAssembler, BoxRunnable};
pub use branch::Branch;
pub use catena_macros::{Record, chain, record, runnable};
pub use chunks::Chunks;
pub use closure::{AsyncClosure, Closure};
pub use config::Config;
pub use context::{Context, RECURSION_LIMIT};
pub use error::{Error, ErrorKind, Result, Segment, StdError};
pub use fallback::{Failed, Fallback, FallbackWithError};
pub use lazy::{Lazy, lazy};
pub use map::{Map, MapAssembler};
pub use modify::StepExt;
pub use named::{Named, Titled};
pub use node::{Kind, Leaf, Node, Part};
pub use parallel::{Parallel, Tuple, parallel};
pub use passthrough::Passthrough;
pub use pick::{Look, Pick};
pub use race::Race;
pub use record::{C, Field, Record};
pub use retry::{Retried, Retry};
pub use run::RunnableExt;
pub use runnable::{Runnable, Step};
pub use sequence::{Sequence, sequence};
pub use settled::{Settled, SettledAssembler};
pub use spawned::Spawned;
pub use tap::Tap;
pub use timeout::Timeout;
pub use with_config::Configured;
