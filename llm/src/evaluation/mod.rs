//! Evaluation: a data set through a chain, with scores, a report, and an exit code for CI.
//!
//! ```
//! use catena::prelude::*;
//! use catena_llm::{evaluation::{Dataset, Evaluation, scorer}, prompt, testing::Scripted};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! // A line for each case; `Dataset::open("capitals.jsonl")` reads them from a file.
//! let data = Dataset::<String, String>::parse(
//!     r#"{"id": "france", "input": "France", "expected": "Paris"}
//!        {"id": "peru", "input": "Peru", "expected": "Lima"}"#,
//! )?;
//! # let model = Scripted::new().when("France", "Paris").when("Peru", "It is Quito.").chat();
//! let chain = chain!(String => prompt!("The capital of {}?") | model | |answer| answer.text().to_owned());
//!
//! let report = Evaluation::new("capitals", data)
//!     .scorer("exact", scorer::exact())
//!     .score("short", |_case, answer: &String| answer.len() < 20)
//!     .run(&chain)
//!     .await?;
//! println!("{report}");
//! assert_eq!((report.passed(), report.cases().len()), (1, 2));
//! assert_eq!(report.mean("exact"), Some(0.5));
//! std::fs::write(std::env::temp_dir().join("capitals.html"), report.html())?;
//! # Ok::<(), catena::Error>(()) }).unwrap();
//! ```
//!
//! A program for CI returns [`Report::exit_code`] from `main`. To compare with an earlier run, [`Report::save`] it, and
//! [`Report::compare`] the two.
//!
//! | to | use |
//! |---|---|
//! | read cases | [`Dataset`]: JSONL, or in code |
//! | score an output | [`scorer`]: exact text, text that is contained, equal JSON, a model as a judge; [`Evaluation::score`] a function of yours; [`Scorer`] |
//! | run a chain on all cases | [`Evaluation::run`], with [limited concurrency](Evaluation::concurrency) and a [configuration](Evaluation::config) |
//! | read the result | [`Report`]: a table by `Display`, [HTML](Report::html) with the drawing of each failed run, JSON |
//! | see what changed since an earlier run | [`Report::compare`] |

mod compare;
mod dataset;
mod html;
mod judge;
mod report;
mod run;
mod score;
pub mod scorer;
mod table;

pub use compare::Comparison;
pub use dataset::{Case, Dataset};
pub use judge::Judge;
pub use report::{CaseReport, Report};
pub use run::Evaluation;
pub use score::Score;
pub use scorer::Scorer;
