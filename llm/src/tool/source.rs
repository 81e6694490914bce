//! Tools that are listed elsewhere, and whose list may change.

use super::{Boxed, Taken, Tools};
use catena::Result;
use futures_util::future::{BoxFuture, try_join_all};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// A source of tools, such as a server.
pub(crate) trait ToolSource: Send + Sync {
    /// Returns the tools as they are now.
    fn list(self: Arc<Self>) -> BoxFuture<'static, Result<Listing>>;

    /// Returns the name for errors and graphs.
    fn shown(&self) -> String;
}

/// The tools of a source.
pub(crate) struct Listing {
    /// A number that changes with the tools.
    pub(crate) version: u64,
    /// Returns the tools under names that no other tool of the set has.
    pub(crate) named: Box<Naming>,
}

/// Gives tools their names in a set.
type Naming = dyn FnOnce(&mut Taken) -> Vec<Arc<dyn Boxed>> + Send;

/// The sources of a set, with the set that was last made of them.
#[derive(Clone, Default)]
pub(super) struct Sources {
    all: Arc<Vec<Arc<dyn ToolSource>>>,
    /// Shared by the clones of a set.
    last: Arc<Mutex<Option<Listed>>>,
}

/// The versions of all lists, and the set that was made of them.
type Listed = (Vec<u64>, Tools);

impl Sources {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.all.iter().map(|source| source.shown())
    }

    fn and(&self, more: impl IntoIterator<Item = Arc<dyn ToolSource>>) -> Self {
        let all = self.all.iter().cloned().chain(more).collect();
        Sources { all: Arc::new(all), last: Arc::default() }
    }
}

impl Tools {
    #[cfg_attr(not(feature = "mcp"), allow(dead_code, reason = "servers are the only sources so far"))]
    pub(crate) fn with_source(mut self, source: Arc<dyn ToolSource>) -> Self {
        self.sources = self.sources.and([source]);
        self
    }

    pub(super) fn with_sources(mut self, more: &Sources) -> Self {
        self.sources = self.sources.and(more.all.iter().cloned());
        self
    }

    /// Returns this set with the tools that its servers list now, connecting to them if needed. An
    /// [agent](crate::Agent) does it at the beginning of each turn. Do it yourself to know early that a server cannot be
    /// reached, or to give the [definitions](Self::definitions) to a model: the returned set stays as it is.
    ///
    /// ```
    /// use catena_llm::{tool, tools};
    ///
    /// /// The sum of two numbers.
    /// #[tool]
    /// fn add(a: i64, b: i64) -> i64 { a + b }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// assert_eq!(tools![add]?.listed().await?.len(), 1);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// If a server cannot be reached that is not optional, or lacks a tool that was chosen.
    pub async fn listed(&self) -> Result<Tools> {
        if self.sources.is_empty() {
            return Ok(self.clone());
        }
        let listings = try_join_all(self.sources.all.iter().cloned().map(ToolSource::list)).await?;
        let versions: Vec<u64> = listings.iter().map(|listing| listing.version).collect();
        let last = || self.sources.last.lock().unwrap_or_else(PoisonError::into_inner);
        let known = last().as_ref().filter(|(of, _)| *of == versions).map(|(_, tools)| tools.clone());
        let tools = known.unwrap_or_else(|| {
            let mut taken = Taken::new(self.definitions.iter().map(|tool| tool.name.as_str()));
            let listed = listings.into_iter().flat_map(|listing| (listing.named)(&mut taken));
            let steps: Vec<_> = self.steps.iter().cloned().chain(listed).collect();
            let definitions = steps.iter().map(|step| step.definition().clone()).collect();
            Tools { steps: Arc::new(steps), definitions, limits: self.limits, sources: Sources::default() }
        });
        *last() = Some((versions, tools.clone()));
        // The limits are not those of the set that was made first.
        Ok(Tools { limits: self.limits, ..tools })
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
