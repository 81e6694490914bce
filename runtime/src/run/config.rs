//! Settings of a run, or of a part of it.

use crate::{ConfigKey, Listeners, Observer, RunId, run::key::Values};
use serde_json::{Map, Value};
use std::{
    any::{Any, TypeId},
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::Arc,
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Settings for [`invoke_with`](crate::RunnableExt::invoke_with), or for a part of a chain by
/// [`with_config`](crate::StepExt::with_config). Every step under it inherits them, except the run's name.
///
/// ```
/// use catena::Config;
/// use std::time::Duration;
///
/// let config = Config::new().run_name("compare").tag("nightly").metadata("user", 42).deadline(Duration::from_secs(30));
/// # let _ = config;
/// ```
#[derive(Clone, Default)]
pub struct Config {
    pub(crate) tags: Vec<String>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) run_name: Option<Cow<'static, str>>,
    pub(crate) run_id: Option<RunId>,
    pub(crate) observers: Vec<Arc<dyn Observer>>,
    pub(crate) listeners: Vec<Listeners>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) recursion_limit: Option<u32>,
    pub(crate) max_concurrency: Option<usize>,
    pub(crate) cancel: Option<CancellationToken>,
    pub(crate) values: Values,
    pub(crate) extensions: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

impl Config {
    /// Nothing set.
    pub fn new() -> Self {
        Config::default()
    }

    /// Add a tag. Tags of nested configurations are united.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Set a metadata value. Of nested configurations that set the same, the outer one counts: what the run says, not its
    /// part.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// Name the run: the head of the paths in its errors. Not inherited.
    pub fn run_name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.run_name = Some(name.into());
        self
    }

    /// The identity of the run, in its events; else one by chance. Not inherited.
    pub fn run_id(mut self, id: RunId) -> Self {
        self.run_id = Some(id);
        self
    }

    /// Tell this observer what happens. Those of nested configurations are added to those around.
    pub fn observe(mut self, observer: impl Observer) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }

    /// Tell these listeners of the run's start, end and error, and not of those within it.
    pub fn listen(mut self, listeners: Listeners) -> Self {
        self.listeners.push(listeners);
        self
    }

    /// Whether nothing is set.
    pub(crate) fn is_empty(&self) -> bool {
        self.only_observes()
            && self.run_name.is_none()
            && self.run_id.is_none()
            && self.observers.is_empty()
            && self.listeners.is_empty()
    }

    /// Whether nothing is set but who observes, and what they are to call the run.
    pub(crate) fn only_observes(&self) -> bool {
        let Config {
            tags,
            metadata,
            run_name: _,
            run_id: _,
            observers: _,
            listeners: _,
            deadline,
            recursion_limit,
            max_concurrency,
            cancel,
            values,
            extensions,
        } = self;
        tags.is_empty()
            && metadata.is_empty()
            && deadline.is_none()
            && recursion_limit.is_none()
            && max_concurrency.is_none()
            && cancel.is_none()
            && values.is_empty()
            && extensions.is_empty()
    }

    /// Everything has to be over this long after the start, or the run ends with
    /// [`ErrorKind::Deadline`](crate::ErrorKind::Deadline). The earlier of nested deadlines counts. Zero, a deadline
    /// that has passed already, fails before anything runs.
    ///
    /// It is a limit on the time by the clock: that in which the reader of a stream is busy elsewhere counts as well, unlike for a
    /// [`timeout`](crate::StepExt::timeout). The run is stopped at its next `.await`; batches, maps, retries and streams whose
    /// work is always ready are interrupted for it. An output that is there is returned, and a stream gives no chunk that
    /// was asked for after the deadline.
    pub fn deadline(mut self, after: Duration) -> Self {
        self.deadline = Some(after);
        self
    }

    /// Sets how often a step may be inside itself, instead of [25](crate::RECURSION_LIMIT); for the whole run, whatever its
    /// parts set for themselves.
    ///
    /// Recursion is counted where a step is [boxed](crate::BoxRunnable): a box that a call is inside of already, and boxes that
    /// the same code makes on each turn. Boxes that are only nested do not count.
    ///
    /// Each turn takes stack. In a debug build, a turn of a sequence, a retry, a fallback or a branch takes 2 to 7 KB, a
    /// turn of a parallel map, a map or a race up to 20 KB when the run has observers; in a release build, it is a fraction of
    /// that. With the 2 MiB of a tokio worker, a limit of 100 is safe in any build, and 300 for turns without fan-outs. For
    /// more, run the chain on a thread with more stack (`tokio::runtime::Builder::thread_stack_size`), or put
    /// [`spawned`](crate::StepExt::spawned) into the turn: a task begins with an empty stack.
    pub fn recursion_limit(mut self, limit: u32) -> Self {
        self.recursion_limit = Some(limit);
        self
    }

    /// Set the value of a key: for the whole run, whatever its parts set for themselves.
    ///
    /// ```
    /// use catena::{Config, ConfigKey};
    ///
    /// static TEMPERATURE: ConfigKey<f64> = ConfigKey::new("temperature", 0.7);
    /// let cold = Config::new().set(&TEMPERATURE, 0.0);
    /// # let _ = cold;
    /// ```
    pub fn set<T: Send + Sync + 'static>(mut self, key: &'static ConfigKey<T>, value: T) -> Self {
        self.values.set(key.id(), Arc::new(value));
        self
    }

    /// Put a value in, to be read by its type from [`Context::get`](crate::Context::get). What the run puts in counts,
    /// whatever its parts put in for themselves.
    ///
    /// ```
    /// use catena::{Config, prelude::*};
    ///
    /// struct Tenant(u32);
    ///
    /// #[runnable]
    /// fn tenant(_: (), cx: &Context) -> u32 { cx.get::<Tenant>().map_or(0, |tenant| tenant.0) }
    ///
    /// let chain = tenant.with_config(Config::new().with(Tenant(1)));
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// assert_eq!(chain.invoke(()).await?, 1);
    /// assert_eq!(chain.invoke_with((), Config::new().with(Tenant(2))).await?, 2);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn with<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.extensions.insert(TypeId::of::<T>(), Arc::new(value));
        self
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("tags", &self.tags)
            .field("metadata", &self.metadata)
            .field("run_name", &self.run_name)
            .field("run_id", &self.run_id)
            .field("observers", &self.observers.len())
            .field("listeners", &self.listeners)
            .field("deadline", &self.deadline)
            .field("recursion_limit", &self.recursion_limit)
            .field("max_concurrency", &self.max_concurrency)
            .field("cancel", &self.cancel.is_some())
            .field("values", &self.values.len())
            .field("extensions", &self.extensions.len())
            .finish()
    }
}
