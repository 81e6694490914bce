//! The context that a run passes to its steps. It is empty unless the caller has set something.

use crate::{
    Config, Segment,
    host::Instant,
    observe::trace_context::TraceContext,
    run::{
        config_layers::{add_metadata, inherited},
        extensions::Extensions,
        key::Values,
        limits::Limits,
        recursion::Way,
    },
};
use serde_json::{Map, Value};
use std::{
    collections::HashSet,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// The default recursion limit.
pub const RECURSION_LIMIT: u32 = 25;

/// The surroundings of a step: configuration, deadline, typed extensions.
///
/// A run without settings has an empty context, which is created and cloned without an allocation. A context has three pointers:
/// to the settings, to the observers, and to the boxed steps around the call, which limit recursion.
///
/// A step gets it as a parameter of type `&Context`. If it passes the context to the steps that it calls itself
/// ([`Runnable::call`](crate::Runnable::call)), they are part of its run.
///
/// ```
/// use catena::{Config, prelude::*};
///
/// struct Tenant(&'static str);
///
/// #[runnable]
/// fn greet(name: String, cx: &Context) -> String {
///     let tenant = cx.get::<Tenant>().map_or("nobody", |t| t.0);
///     format!("{tenant} greets {name}")
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let config = Config::new().with(Tenant("Acme"));
/// assert_eq!(greet.invoke_with("Ann".to_owned(), config).await?, "Acme greets Ann");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug, Default)]
pub struct Context {
    scope: Option<Arc<Scope>>,
    // Apart from the settings, which stay as they are from step to step, while this is another for each.
    trace: Option<Arc<TraceContext>>,
    // The steps that it is inside of, which tell whether it is inside itself.
    way: Option<Arc<Way>>,
    /// A run began with it, in contrast to one that is made by hand. What it is for, [`emit`](Context::emit) says.
    #[cfg(debug_assertions)]
    in_run: bool,
}

/// The settings in force. Everything is shared.
#[derive(Clone, Debug, Default)]
struct Scope {
    tags: Arc<[String]>,
    metadata: Option<Arc<Map<String, Value>>>,
    deadline: Option<Instant>,
    recursion_limit: Option<u32>,
    extensions: Option<Arc<Extensions>>,
    values: Option<Arc<Values>>,
    bounds: Limits,
    /// The place of the call, if the run keeps track of it.
    place: Option<Arc<[Segment]>>,
}

impl Context {
    /// Creates an empty context, without a run.
    pub const fn new() -> Self {
        Context::made(false)
    }

    /// The empty context, of a run that begins.
    pub(crate) const fn of_run() -> Self {
        Context::made(true)
    }

    const fn made(#[cfg_attr(not(debug_assertions), allow(unused_variables))] in_run: bool) -> Self {
        Context {
            scope: None,
            trace: None,
            way: None,
            #[cfg(debug_assertions)]
            in_run,
        }
    }

    /// Returns `true` if it comes from a run. Known in debug builds only.
    #[cfg(debug_assertions)]
    pub(crate) fn is_in_run(&self) -> bool {
        self.in_run
    }

    fn with(&self, scope: Option<Arc<Scope>>, trace: Option<Arc<TraceContext>>, way: Option<Arc<Way>>) -> Context {
        Context {
            scope,
            trace,
            way,
            #[cfg(debug_assertions)]
            in_run: self.in_run,
        }
    }

    /// Returns this context with a configuration merged in. Tags are united, and observers are added. Metadata, values of
    /// keys and extensions that are already set stay. The earlier deadline applies.
    pub fn configured(&self, config: &Config) -> Self {
        let trace = TraceContext::configured(self.trace.as_ref(), config);
        let scope = if config.only_observes() { self.scope.clone() } else { Some(Arc::new(self.scoped(config))) };
        self.with(scope, trace, self.way.clone())
    }

    /// The settings with those of a configuration merged in.
    fn scoped(&self, config: &Config) -> Scope {
        let mut scope = self.scope.as_deref().cloned().unwrap_or_default();
        if !config.tags.is_empty() {
            let mut known: HashSet<&str> = scope.tags.iter().map(String::as_str).collect();
            let added: Vec<String> = config.tags.iter().filter(|tag| known.insert(tag)).cloned().collect();
            if !added.is_empty() {
                scope.tags = scope.tags.iter().cloned().chain(added).collect();
            }
        }
        scope.metadata = inherited(scope.metadata, config.metadata.as_ref(), add_metadata);
        scope.deadline = match (scope.deadline, config.deadline.map(|after| far(Instant::now(), after))) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        scope.recursion_limit = scope.recursion_limit.or(config.recursion_limit);
        scope.extensions = inherited(scope.extensions, config.extensions.as_ref(), Extensions::add);
        if !config.values.is_empty() {
            Arc::make_mut(scope.values.get_or_insert_default()).add(&config.values);
        }
        scope.bounds = scope.bounds.configured(config);
        if !config.lifecycles.is_empty() {
            scope.place.get_or_insert_default();
        }
        scope
    }

    /// Returns the tags of the run, in the order in which they were added.
    pub fn tags(&self) -> &[String] {
        self.scope.as_ref().map_or(&[], |scope| &scope.tags)
    }

    /// Returns a value of the run's metadata.
    pub fn metadata(&self, key: &str) -> Option<&Value> {
        self.scope.as_ref()?.metadata.as_ref()?.get(key)
    }

    /// Returns the value of this type that [`Config::with`] added. If both the run and a part of it added one, the value of the run
    /// is returned.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.scope.as_ref()?.extensions.as_ref()?.get()
    }

    /// The place of the call, if the run keeps track of it.
    #[inline]
    pub(crate) fn tracked_place(&self) -> Option<&Arc<[Segment]>> {
        self.scope.as_ref()?.place.as_ref()
    }

    /// This context at another place.
    pub(crate) fn at_place(&self, place: Arc<[Segment]>) -> Context {
        let mut scope = self.scope.as_deref().cloned().unwrap_or_default();
        scope.place = Some(place);
        self.with(Some(Arc::new(scope)), self.trace.clone(), self.way.clone())
    }

    /// Returns the deadline of the run.
    pub fn deadline(&self) -> Option<Instant> {
        self.scope.as_ref().and_then(|scope| scope.deadline)
    }

    /// Returns the time until the deadline, zero after it, or `None` without a deadline.
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline().map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// The limit that the run sets on recursion.
    pub(crate) fn recursion_limit(&self) -> Option<u32> {
        self.scope.as_ref()?.recursion_limit
    }

    /// The steps that the call is inside of, if it is inside of any that are counted.
    #[inline]
    pub(crate) fn way(&self) -> Option<&Arc<Way>> {
        self.way.as_ref()
    }

    /// A context of a run that asks for nothing, on this way.
    pub(crate) const fn bare(way: Arc<Way>) -> Self {
        Context {
            scope: None,
            trace: None,
            way: Some(way),
            #[cfg(debug_assertions)]
            in_run: true,
        }
    }

    /// Returns `true` if it is of a run, nothing was set and there are no observers.
    #[inline]
    pub(crate) fn asks_for_nothing(&self) -> bool {
        #[cfg(debug_assertions)]
        if !self.in_run {
            return false;
        }
        self.scope.is_none() && self.trace.is_none()
    }

    /// This context on another way.
    pub(crate) fn on(&self, way: Arc<Way>) -> Self {
        self.with(self.scope.clone(), self.trace.clone(), Some(way))
    }

    /// Returns the limits of the run, if any setting exists.
    #[inline]
    pub(crate) fn bounds(&self) -> Option<&Limits> {
        self.scope.as_deref().map(|scope| &scope.bounds)
    }

    /// The values of keys that are set.
    pub(crate) fn values(&self) -> Option<&Values> {
        self.scope.as_ref()?.values.as_deref()
    }

    /// With a configuration merged in, if it sets anything.
    pub(crate) fn configured_if(&self, config: &Config) -> Self {
        if config.is_empty() { self.clone() } else { self.configured(config) }
    }

    /// Returns the observers, if there are any.
    #[inline]
    pub(crate) fn trace(&self) -> Option<&TraceContext> {
        self.trace.as_deref()
    }

    /// Returns `true` if the run has observers. Without observers, this check is all that a step pays.
    #[inline]
    #[doc(hidden)]
    pub fn is_observed(&self) -> bool {
        self.trace.is_some()
    }

    /// Returns this context for a part whose events are others.
    pub(crate) fn traced(&self, trace: TraceContext) -> Self {
        self.traced_in(Arc::new(trace))
    }

    /// The same, in a room that is there already.
    pub(crate) fn traced_in(&self, trace: Arc<TraceContext>) -> Self {
        self.with(self.scope.clone(), Some(trace), self.way.clone())
    }

    /// Returns the room of its observers, if no other context shares it.
    pub(crate) fn room(&mut self) -> Option<&mut TraceContext> {
        self.trace.as_mut().and_then(Arc::get_mut)
    }

    /// Takes the room of its observers out of it.
    pub(crate) fn take_room(&mut self) -> Option<Arc<TraceContext>> {
        self.trace.take()
    }

    /// The tags, to be kept.
    pub(crate) fn shared_tags(&self) -> Arc<[String]> {
        self.scope.as_ref().map(|scope| Arc::clone(&scope.tags)).unwrap_or_default()
    }

    /// The metadata, to be kept.
    pub(crate) fn shared_metadata(&self) -> Arc<Map<String, Value>> {
        static NONE: OnceLock<Arc<Map<String, Value>>> = OnceLock::new();
        let metadata = self.scope.as_ref().and_then(|scope| scope.metadata.clone());
        metadata.unwrap_or_else(|| Arc::clone(NONE.get_or_init(Arc::default)))
    }
}

/// `start + after`, or as late as the clock can say.
pub(crate) fn far(start: Instant, after: Duration) -> Instant {
    start.checked_add(after).unwrap_or_else(|| start + Duration::from_hours(24 * 365 * 30))
}
