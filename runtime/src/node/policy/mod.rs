//! Rules for chains, which the compiler checks.
//!
//! A policy is a `const fn` from a chain's structure, its [`Node`](crate::Node), to a [`Verdict`]. It is applied
//! - to a function that builds a chain, by `#[runnable(deny(untimed_model))]`. The policies of this module have short names there.
//!   A policy of yours is written with its path, `deny(self::no_race)`;
//! - to a chain, by [`assert_chain!(chain, policy::untimed_model)`](crate::assert_chain).
//!
//! If a policy refuses a chain, the chain does not compile, and the error names the policy and the step.
//!
//! A policy sees only the [`Node`](crate::Node), and so not the steps in `.boxed()` or those chosen at run time. Deny
//! [`opaque_step`] too if that matters.
//!
//! # Every model has a timeout
//! ```
//! use catena::prelude::*;
//! use std::time::Duration;
//!
//! #[runnable(kind = model)]
//! async fn gpt(question: String) -> String { question }
//! #[runnable(kind = model, timeout = "10s")]
//! async fn claude(question: String) -> String { question }
//!
//! #[runnable(deny(untimed_model))]
//! fn compare() -> impl Runnable<String> {
//!     chain!(String => <gpt: gpt.timeout(Duration::from_secs(30)), claude: claude>)
//! }
//! # compare();
//! ```
//! Without a timeout there is an error: "`untimed_model` refuses this chain: `gpt` in `gpt` is a model without a timeout".
//! ```compile_fail,E0080
//! # use catena::prelude::*;
//! # #[runnable(kind = model)]
//! # async fn gpt(question: String) -> String { question }
//! #[runnable(deny(untimed_model))]
//! fn compare() -> impl Runnable<String> {
//!     chain!(String => <gpt: gpt>)
//! }
//! ```
//!
//! # No tool is retried without being marked idempotent
//! ```
//! use catena::{assert_chain, policy, prelude::*};
//!
//! #[runnable(kind = tool, idempotent)]
//! async fn search(query: String) -> String { query }
//! #[runnable(kind = tool)]
//! async fn order(item: String) -> String { item }
//!
//! let chain = chain!(String => search.retry(3) | order);
//! assert_chain!(chain, policy::unmarked_tool_retry);
//! ```
//! ```compile_fail,E0080
//! # use catena::{assert_chain, policy, prelude::*};
//! # #[runnable(kind = tool)]
//! # async fn order(item: String) -> String { item }
//! // `order` is a tool that is retried, but not marked as idempotent
//! let chain = chain!(String => order.retry(3));
//! assert_chain!(chain, policy::unmarked_tool_retry);
//! ```
//!
//! # At most so many models at once
//! ```
//! use catena::prelude::*;
//!
//! #[runnable(kind = model)]
//! async fn ask(question: String) -> String { question }
//!
//! #[runnable(deny(more_models_than::<2>))]
//! fn compare() -> impl Runnable<String> {
//!     // Three in all, and two at a time.
//!     chain!(String => <a: ask, b: ask> | |both| format!("{} {}", both.a, both.b) | ask)
//! }
//! # compare();
//! ```
//! ```compile_fail,E0080
//! # use catena::prelude::*;
//! # #[runnable(kind = model)]
//! # async fn ask(question: String) -> String { question }
//! #[runnable(deny(more_models_than::<2>))]
//! fn compare() -> impl Runnable<String> {
//!     chain!(String => <a: ask, b: ask, c: ask>)
//! }
//! ```
//!
//! # One's own
//! ```
//! use catena::{Kind, Node, policy::Verdict, prelude::*};
//!
//! /// A search that loses a race is still paid for.
//! const fn raced_search(chain: &Node) -> Verdict {
//!     let mut walk = chain.walk();
//!     while let Some(visit) = walk.next() {
//!         if visit.is(Kind::Retriever) && visit.within_race() {
//!             return visit.refused("is a search in a race, and paid for even where it loses");
//!         }
//!     }
//!     Verdict::Allowed
//! }
//!
//! #[runnable(kind = retriever)]
//! async fn search(query: String) -> String { query }
//!
//! #[runnable(deny(self::raced_search, untimed_model))]
//! fn find() -> impl Runnable<String> { search.retry(2) }
//! # mod inner { }
//! # fn main() { find(); }
//! ```

pub(crate) mod diagnostic;
mod presets;
mod verdict;

pub use presets::{
    blocking_stream, more_models_than, opaque_step, unbounded_retry, unmarked_tool_retry, untimed_model,
};
pub use verdict::{Refusal, Verdict};
