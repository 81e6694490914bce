//! What a run carries through its steps: nothing, unless somebody asked for something.

use crate::{Config, Error, ErrorKind, Result};
use serde_json::{Map, Value};
use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// The recursion limit of runs that set none.
pub const RECURSION_LIMIT: u32 = 25;

/// The surroundings of a step: configuration, deadline, typed extensions.
///
/// A run that asks for nothing has an empty context: making and cloning it allocates nothing. Beside the pointer to the
/// run it holds one number, the depth of boxed steps, so that recursion can be limited without allocating on each turn.
///
/// A step gets it by a parameter of type `&Context`:
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
    run: Option<Arc<Run>>,
    depth: u32,
}

#[derive(Clone, Debug, Default)]
struct Run {
    tags: Vec<String>,
    metadata: Map<String, Value>,
    deadline: Option<Instant>,
    recursion_limit: Option<u32>,
    extensions: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

impl Context {
    /// The empty context.
    pub const fn new() -> Self {
        Context { run: None, depth: 0 }
    }

    /// This context with a configuration merged in: tags are united, metadata and extensions of `config` win, the
    /// earlier deadline counts.
    pub fn configured(&self, config: &Config) -> Self {
        let mut run = self.run.as_deref().cloned().unwrap_or_default();
        for tag in &config.tags {
            if !run.tags.contains(tag) {
                run.tags.push(tag.clone());
            }
        }
        run.metadata.extend(config.metadata.clone());
        run.deadline = match (run.deadline, config.deadline.map(|after| far(Instant::now(), after))) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        run.recursion_limit = config.recursion_limit.or(run.recursion_limit);
        run.extensions.extend(config.extensions.iter().map(|(id, value)| (*id, Arc::clone(value))));
        Context { run: Some(Arc::new(run)), depth: self.depth }
    }

    /// The tags of the run, in the order they came.
    pub fn tags(&self) -> &[String] {
        self.run.as_ref().map_or(&[], |run| &run.tags)
    }

    /// A value of the run's metadata.
    pub fn metadata(&self, key: &str) -> Option<&Value> {
        self.run.as_ref().and_then(|run| run.metadata.get(key))
    }

    /// The extension of this type, put in by [`Config::with`].
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.run.as_ref()?.extensions.get(&TypeId::of::<T>())?.downcast_ref()
    }

    /// When the run has to be over.
    pub fn deadline(&self) -> Option<Instant> {
        self.run.as_ref().and_then(|run| run.deadline)
    }

    /// The time left until the deadline, zero once it has passed; `None` without one.
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline().map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// The context one boxed step further down.
    ///
    /// # Errors
    /// [`ErrorKind::Recursion`] past the run's limit.
    pub fn deeper(&self) -> Result<Self> {
        let limit = self.run.as_ref().and_then(|run| run.recursion_limit).unwrap_or(RECURSION_LIMIT);
        if self.depth >= limit {
            return Err(Error::new(
                ErrorKind::Recursion { limit },
                format!(
                    "boxed steps are nested more than {limit} deep: does the recursion end? If so, raise `Config::recursion_limit`"
                ),
            ));
        }
        Ok(Context { run: self.run.clone(), depth: self.depth + 1 })
    }
}

/// `start + after`, or as late as the clock can say.
fn far(start: Instant, after: Duration) -> Instant {
    start.checked_add(after).unwrap_or_else(|| start + Duration::from_hours(24 * 365 * 30))
}
