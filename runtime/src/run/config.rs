//! Settings of a run, or of a part of it.

use crate::{
    ConfigKey, Listeners, Observer, RunId,
    observe::observers::Observers,
    run::{extensions::Extensions, key::Values, lifecycle::Lifecycle},
};
use serde_json::{Map, Value};
use std::{borrow::Cow, fmt, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// The settings of a run, for [`invoke_with`](crate::RunnableExt::invoke_with), or of a part of a chain, for
/// [`with_config`](crate::StepExt::with_config). Every step under it inherits them, except the name of the run.
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
    /// Shared with the contexts of its runs.
    pub(crate) metadata: Option<Arc<Map<String, Value>>>,
    pub(crate) run_name: Option<Cow<'static, str>>,
    pub(crate) run_id: Option<RunId>,
    pub(crate) observers: Observers,
    pub(crate) listeners: Vec<Listeners>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) recursion_limit: Option<u32>,
    pub(crate) max_concurrency: Option<usize>,
    /// Any of these tokens cancels the run.
    pub(crate) cancel: Vec<CancellationToken>,
    pub(crate) values: Values,
    /// Shared with the contexts of its runs.
    pub(crate) extensions: Option<Arc<Extensions>>,
    pub(crate) lifecycles: Vec<Arc<dyn Lifecycle>>,
}

impl Config {
    /// Creates a configuration without settings.
    pub fn new() -> Self {
        Config::default()
    }

    /// Adds a tag. The tags of nested configurations are united.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Sets a metadata value. If nested configurations set the same key, the outermost wins.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        Arc::make_mut(self.metadata.get_or_insert_default()).insert(key.into(), value.into());
        self
    }

    /// Sets the name of the run, which is the first segment of the paths in its errors. Not inherited.
    pub fn run_name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.run_name = Some(name.into());
        self
    }

    /// Sets the identity of the run in its events. The default is random. Not inherited.
    pub fn run_id(mut self, id: RunId) -> Self {
        self.run_id = Some(id);
        self
    }

    /// Adds an observer of the run's events. The observers of nested configurations are added to the outer ones.
    pub fn observe(mut self, observer: impl Observer) -> Self {
        self.observers = self.observers.with([Arc::new(observer) as _]);
        self
    }

    /// Adds listeners of the run's own start, end and error. They are not called for the runs within it.
    pub fn listen(mut self, listeners: Listeners) -> Self {
        self.listeners.push(listeners);
        self
    }

    /// Returns `true` if nothing is set.
    pub(crate) fn is_empty(&self) -> bool {
        self.only_observes()
            && self.run_name.is_none()
            && self.run_id.is_none()
            && self.observers.is_empty()
            && self.listeners.is_empty()
    }

    /// Returns `true` if nothing is set except for observers, and the name and id of the run.
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
            lifecycles,
        } = self;
        tags.is_empty()
            && metadata.is_none()
            && deadline.is_none()
            && recursion_limit.is_none()
            && max_concurrency.is_none()
            && cancel.is_empty()
            && values.is_empty()
            && extensions.is_none()
            && lifecycles.is_empty()
    }

    /// Sets the deadline of the run, measured from its start. After it, the run ends with
    /// [`ErrorKind::Deadline`](crate::ErrorKind::Deadline). Of nested deadlines, the earliest applies. With zero, the run fails
    /// before anything runs.
    ///
    /// A deadline counts all time, also the time in which the reader of a stream is busy, unlike a
    /// [`timeout`](crate::StepExt::timeout). The run is stopped at its next `.await`. Batches, maps, retries and streams are
    /// interrupted even if their work is always ready. An output that is ready by then is returned. A stream yields no chunk that
    /// was requested after the deadline.
    pub fn deadline(mut self, after: Duration) -> Self {
        self.deadline = Some(after);
        self
    }

    /// Sets how often a step may be inside itself. The default is [25](crate::RECURSION_LIMIT). It overrides the limits of parts
    /// of the run.
    ///
    /// Recursion is counted at [boxed](crate::BoxRunnable) steps: a box that the call is already inside of, and boxes that the
    /// same code creates on each turn. Boxes that are only nested do not count.
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

    /// Sets the value of a key. It overrides the values that parts of the run set.
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

    /// Adds a value of any type, which steps read by its type with [`Context::get`](crate::Context::get). It overrides the values
    /// of the same type that parts of the run add.
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
        Arc::make_mut(self.extensions.get_or_insert_default()).insert(value);
        self
    }

    /// Returns the value of a type that [`with`](Self::with) added, if there is one.
    ///
    /// ```
    /// use catena::Config;
    ///
    /// struct Tenant(u32);
    ///
    /// let config = Config::new().with(Tenant(1));
    /// assert_eq!(config.get::<Tenant>().map(|tenant| tenant.0), Some(1));
    /// ```
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.extensions.as_ref()?.get()
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("tags", &self.tags)
            .field("metadata", self.metadata.as_deref().unwrap_or(&Map::new()))
            .field("run_name", &self.run_name)
            .field("run_id", &self.run_id)
            .field("observers", &self.observers.len())
            .field("listeners", &self.listeners)
            .field("deadline", &self.deadline)
            .field("recursion_limit", &self.recursion_limit)
            .field("max_concurrency", &self.max_concurrency)
            .field("cancel", &!self.cancel.is_empty())
            .field("values", &self.values.len())
            .field("extensions", &self.extensions.as_ref().map_or(0, |extensions| extensions.len()))
            .field("lifecycles", &self.lifecycles.len())
            .finish()
    }
}
