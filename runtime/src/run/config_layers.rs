//! Two configurations of one run, as one.

use crate::Config;
use std::collections::HashSet;

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
        let Config {
            mut tags,
            mut metadata,
            run_name,
            run_id,
            observers,
            mut listeners,
            deadline,
            recursion_limit,
            max_concurrency,
            mut cancel,
            mut values,
            mut extensions,
            mut lifecycles,
        } = outer;
        let known: HashSet<String> = tags.iter().cloned().collect();
        tags.extend(self.tags.into_iter().filter(|tag| !known.contains(tag)));
        for (key, value) in self.metadata {
            metadata.entry(key).or_insert(value);
        }
        let observers = observers.with(self.observers.iter().cloned());
        listeners.extend(self.listeners);
        cancel.extend(self.cancel);
        values.add(&self.values);
        for (ty, value) in self.extensions {
            extensions.entry(ty).or_insert(value);
        }
        lifecycles.extend(self.lifecycles);
        Config {
            tags,
            metadata,
            run_name: run_name.or(self.run_name),
            run_id: run_id.or(self.run_id),
            observers,
            listeners,
            deadline: deadline.into_iter().chain(self.deadline).min(),
            recursion_limit: recursion_limit.or(self.recursion_limit),
            max_concurrency: max_concurrency.or(self.max_concurrency),
            cancel,
            values,
            extensions,
            lifecycles,
        }
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
