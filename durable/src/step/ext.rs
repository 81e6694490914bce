//! The modifiers.

use super::{Durable, Scoped};
use catena::Step;
use std::borrow::Cow;

/// Durable steps: `use catena_durable::DurableExt`.
pub trait DurableExt: Step {
    /// Keeps the outcome of the step under this name, in a run under a [journal](crate::ConfigExt::durable). In the next
    /// invocation of the run, the step is not run again: its outcome is read.
    ///
    /// The name is the identity of the step: it stays when the chain is rearranged, and it changes, say from `extract/1` to
    /// `extract/2`, when old outcomes are of no use. A chain has one step of a name; in a list ([`map`](catena::StepExt::map))
    /// and in a batch, each item has its own record. Without a journal, the step is as it was, and costs a branch.
    ///
    /// Kept are outputs, and errors that would be the same again: not retryable ones, of the kinds bad input, unreadable answer
    /// and a step's own. Attempts are not kept: `ask.retry(3).durable("ask/1")` keeps the outcome of all.
    ///
    /// ```
    /// use catena::prelude::*;
    /// use catena_durable::DurableExt;
    ///
    /// #[runnable]
    /// async fn summarise(page: String) -> String { page.chars().take(10).collect() }
    ///
    /// let chain = chain!(Vec<String> => summarise.retry(3).durable("summarise/1").map());
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// assert_eq!(chain.invoke(vec!["short".to_owned()]).await?, ["short"]);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn durable(self, name: impl Into<Cow<'static, str>>) -> Durable<Self> {
        Durable::new(self, name.into())
    }

    /// Puts the durable steps in this part of a chain into a scope, so that a part that a chain has twice can be told apart.
    ///
    /// ```
    /// use catena::prelude::*;
    /// use catena_durable::DurableExt;
    ///
    /// #[runnable]
    /// async fn translate(text: &str) -> String { format!("<{text}>") }
    ///
    /// #[runnable]
    /// fn careful() -> impl Runnable<String, Output = String> {
    ///     chain!(String => translate.durable("translate/1") | |text| text.to_uppercase())
    /// }
    ///
    /// let both = chain!(String => <first: careful().scoped("first"), second: careful().scoped("second")>);
    /// # let _ = both;
    /// ```
    fn scoped(self, scope: impl Into<Cow<'static, str>>) -> Scoped<Self> {
        Scoped::new(self, scope.into())
    }
}

impl<S: Step> DurableExt for S {}
