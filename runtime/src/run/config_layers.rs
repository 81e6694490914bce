//! Two configurations of one run, as one.

use crate::{Config, run::extensions::Extensions};
use serde_json::{Map, Value};
use std::{collections::HashSet, sync::Arc};

impl Config {
    /// Returns this configuration inside of `outer`, as one configuration for one run.
    ///
    /// A server uses it: the client's settings are inside, and the server's own are outside and take precedence. Tags,
    /// observers, listeners and tokens that cancel of both apply. Of metadata, configurable values and extensions that both set, the outer
    /// value counts. The earlier deadline counts. Of every other setting, the outer one counts if it is set.
    ///
    /// ```
    /// use catena::{Config, prelude::*};
    ///
    /// #[runnable]
    /// fn tenant(_: (), cx: &Context) -> u32 { cx.get::<u32>().copied().unwrap_or(0) }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let (client, server) = (Config::new().with(1u32), Config::new().with(7u32));
    /// assert_eq!(tenant.invoke_with((), client.within(server)).await?, 7);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn within(self, outer: Config) -> Self {
        // Neither copies nor compares what is not there.
        if self.is_empty() {
            return outer;
        }
        if outer.is_empty() {
            return self;
        }
        let Config {
            mut tags,
            metadata,
            run_name,
            run_id,
            observers,
            mut listeners,
            deadline,
            recursion_limit,
            max_concurrency,
            mut cancel,
            mut values,
            extensions,
            mut lifecycles,
        } = outer;
        if !self.tags.is_empty() {
            let known: HashSet<String> = tags.iter().cloned().collect();
            tags.extend(self.tags.into_iter().filter(|tag| !known.contains(tag)));
        }
        let observers = observers.with(self.observers.iter().cloned());
        listeners.extend(self.listeners);
        cancel.extend(self.cancel);
        values.add(&self.values);
        lifecycles.extend(self.lifecycles);
        Config {
            tags,
            metadata: inherited(metadata, self.metadata.as_ref(), add_metadata),
            run_name: run_name.or(self.run_name),
            run_id: run_id.or(self.run_id),
            observers,
            listeners,
            deadline: deadline.into_iter().chain(self.deadline).min(),
            recursion_limit: recursion_limit.or(self.recursion_limit),
            max_concurrency: max_concurrency.or(self.max_concurrency),
            cancel,
            values,
            extensions: inherited(extensions, self.extensions.as_ref(), Extensions::add),
            lifecycles,
        }
    }
}

/// Returns what is in force outside, with what is set inside. If only one of them is there, it is shared.
pub(crate) fn inherited<T: Clone>(
    outside: Option<Arc<T>>,
    inside: Option<&Arc<T>>,
    add: fn(&mut T, &T),
) -> Option<Arc<T>> {
    match (outside, inside) {
        (None, inside) => inside.cloned(),
        (outside, None) => outside,
        (Some(mut both), Some(inside)) => {
            add(Arc::make_mut(&mut both), inside);
            Some(both)
        }
    }
}

/// Adds metadata, except for keys that are set already: what the run says counts, whatever its parts say for themselves.
pub(crate) fn add_metadata(to: &mut Map<String, Value>, added: &Map<String, Value>) {
    for (key, value) in added {
        to.entry(key).or_insert_with(|| value.clone());
    }
}

#[cfg(test)]
mod tests {
    use crate::{CancellationToken, Config, Context};

    #[test]
    fn the_token_of_either_cancels_the_run() {
        for outer_is_cancelled in [true, false] {
            let (inner, outer) = (CancellationToken::new(), CancellationToken::new());
            let config = Config::new().cancel(inner.clone()).within(Config::new().cancel(outer.clone()));
            let cx = Context::new().configured(&config);
            assert!(!cx.is_cancelled() && config.check_cancelled().is_ok());
            if outer_is_cancelled {
                outer.cancel();
            } else {
                inner.cancel();
            }
            assert!(cx.is_cancelled() && config.check_cancelled().is_err());
        }
    }

    #[test]
    fn tags_of_both_are_there_once() {
        let config = Config::new().tag("a").tag("b").within(Config::new().tag("b").tag("c"));
        assert_eq!(config.tags, ["b", "c", "a"]);
    }
}
