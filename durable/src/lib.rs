//! Durable runs of [Catena](catena) chains: a run goes on where its process was killed.
//!
//! ```
//! use catena::{Config, prelude::*};
//! use catena_durable::{ConfigExt, DurableExt, Journal};
//!
//! #[runnable]
//! async fn extract(letter: String) -> Vec<String> { letter.split(", ").map(str::to_owned).collect() }
//! #[runnable]
//! async fn price(item: String) -> usize { item.len() }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("journal.db");
//! let chain = chain!(String => extract.durable("extract/1") | price.durable("price/1").map() | |prices| prices.iter().sum::<usize>());
//!
//! let journal = Journal::sqlite(&path).await?;
//! let config = Config::new().durable(journal.run("order-42"));
//! assert_eq!(chain.invoke_with("two chairs, a table".to_owned(), config).await?, 17);
//! // The same id goes on: steps that have finished are not run again, in this process or in the next.
//! # Ok::<(), catena::Error>(()) }).unwrap();
//! ```
//!
//! - **What must not be done twice:** [`DurableExt::durable`], on any step. Its input and output need `serde` ([`Input`],
//!   [`Output`]).
//! - **Under a journal:** [`Journal::sqlite`], [`ConfigExt::durable`], [`DurableRun`].
//! - **Waiting for people and times:** [`pause`], [`sleep_until`], [`sleep_for`]; [`Journal::answer`], [`Journal::ready`].
//! - **Runs:** [`Journal::runs`], [`Journal::inspect`] (`Display` draws it), [`Journal::cancel`], [`Journal::delete`],
//!   [`Journal::prune`].
//! - **Several machines:** a journal in Postgres, with the feature `postgres`: [`JournalBuilder`].
//! - **On an engine:** [`restate::serve`](https://docs.rs/catena-durable/latest/catena_durable/restate), with the feature `restate`.
//! - **Errors:** [`JournalError`] and [`Paused`], as the sources of a [`catena::Error`].
//!
//! # What is promised
//!
//! A step that has finished is not run again, in whichever way its process ends. A step that runs when the process is killed is run
//! once more. No two processes run one run at once: the second fails or waits, until the first has ended or is dead.
//!
//! Code between durable steps runs again in each invocation. It must give the durable steps the same inputs; for one that differs,
//! see [`OnChange`].
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `sqlite` (default) | journals in a SQLite file |
//! | `postgres` | journals in Postgres, for several machines |
//! | `restate` | chains as workers of Restate, which notices a worker that is gone and calls another |
//! | `llm` | the chunks of models' answers are replayed as they came |
#![forbid(unsafe_code)]
// Without a store there is no journal, and nothing that reads it.
#![cfg_attr(not(any(feature = "sqlite", feature = "postgres")), allow(dead_code))]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod fuzzing;
mod journal;
mod pause;
mod record;
#[cfg(feature = "restate")]
pub mod restate;
mod run;
mod step;
mod store;

pub use error::{JournalError, Paused};
pub use journal::info::{RunDetails, RunInfo, RunState, StepInfo, WaitInfo};
pub use journal::{Journal, JournalBuilder};
pub use pause::{After, At, By, Pause, Sleep, WakeTime, pause, sleep_for, sleep_until, sleep_until_with};
pub use record::usage::Usage;
pub use run::durable_run::{ConfigExt, DurableRun};
pub use step::{Durable, DurableExt, Input, OnChange, Output, Scoped};
#[cfg(feature = "sqlite")]
pub use store::sqlite::Durability;

/// Not public: what a test calls with any bytes.
#[doc(hidden)]
pub mod __private {
    pub use crate::fuzzing::read_record;
}

/// The README's code, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
