//! The modifiers: methods that give any step a retry, a timeout, a name.

use crate::{
    BoxRunnable, Config, ConfigKey, Configurable, Fallback, FallbackWithError, Keys, Listeners, Map, Named, Race,
    Retried, RetryPolicy, Runnable, Spawned, Step, Tap, ThenRun, Timeout, combinators::with_config::Configured,
};
use std::{borrow::Cow, time::Duration};

/// The modifiers of steps. They apply from the inside out: `model.timeout(t).retry(3)` limits each attempt,
/// `model.retry(3).timeout(t)` limits all attempts together.
///
/// ```
/// use catena::prelude::*;
/// use std::time::Duration;
///
/// #[runnable]
/// async fn ask(question: &str) -> catena::Result<String> { Ok(format!("{question}!")) }
/// #[runnable]
/// fn shrug(_question: &str) -> String { "who knows".into() }
///
/// let chain = chain!(
///     ask.timeout(Duration::from_secs(5)).retry(Retry::attempts(3)).fallback(shrug)
///     | |answer| answer.len()
/// );
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// assert_eq!(chain.invoke("so".to_owned()).await?, 3);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub trait StepExt: Step + Sized {
    /// Retries the step on failure, with backoff. The policy is a number of attempts, `3`, or a [`Retry`](crate::Retry). With
    /// [`Retry::times`](crate::Retry::times), the compiler knows the number.
    ///
    /// While it waits for the next attempt, the step counts towards [`max_concurrency`](crate::Config::max_concurrency).
    ///
    /// ```
    /// use catena::{Error, prelude::*};
    /// use std::sync::atomic::{AtomicU32, Ordering};
    ///
    /// static CALLS: AtomicU32 = AtomicU32::new(0);
    ///
    /// #[runnable]
    /// fn second_time(_: &()) -> catena::Result<u32> {
    ///     match CALLS.fetch_add(1, Ordering::Relaxed) {
    ///         0 => Err(Error::msg("not yet")),
    ///         n => Ok(n + 1),
    ///     }
    /// }
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// assert_eq!(second_time.retry(3).invoke(()).await?, 2);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn retry<const TIMES: u32>(self, policy: impl RetryPolicy<TIMES>) -> Retried<Self, TIMES> {
        Retried::new(self, policy.policy())
    }

    /// Limits the time of the step. After the limit it fails with [`ErrorKind::Timeout`](crate::ErrorKind::Timeout).
    ///
    /// The step is stopped at its next `.await`. An output that is ready by then is returned. In a stream, only the time of the
    /// step counts, and not the time in which its reader is busy. After the limit, the stream yields no further chunk. A
    /// [deadline](crate::Config::deadline) limits all of the time. See [`Timeout`].
    ///
    /// ```
    /// use catena::prelude::*;
    /// use std::time::Duration;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let never = chain!(u32 => |n| { std::future::pending::<()>().await; n });
    /// let error = never.timeout(Duration::from_millis(5)).invoke(1).await.unwrap_err();
    /// assert_eq!(error.to_string(), "no answer within 5ms");
    /// # });
    /// ```
    fn timeout(self, after: Duration) -> Timeout<Self> {
        Timeout::new(self, after)
    }

    /// Calls another step on failure, on the same input. Both give the same output.
    ///
    /// ```
    /// use catena::{Error, prelude::*};
    ///
    /// #[runnable]
    /// fn remote(_key: &str) -> catena::Result<u32> { Err(Error::msg("no connection")) }
    /// #[runnable]
    /// fn cached(_key: &str) -> u32 { 7 }
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// assert_eq!(remote.fallback(cached).invoke("seven".to_owned()).await?, 7);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn fallback<B: Step>(self, backup: B) -> Fallback<Self, B> {
        Fallback::new(self, backup)
    }

    /// Calls another step on failure, which also gets the error. Its input is a [`Failed`](crate::Failed).
    ///
    /// ```
    /// use catena::{Error, prelude::*};
    ///
    /// #[runnable]
    /// fn fail(_text: &str) -> catena::Result<String> { Err(Error::msg("no luck")) }
    /// #[runnable]
    /// fn excuse(input: String, error: Error) -> String { format!("{input}? {}", error.message()) }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// assert_eq!(fail.fallback_with_error(excuse).invoke("well".into()).await?, "well? no luck");
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn fallback_with_error<B: Step>(self, backup: B) -> FallbackWithError<Self, B> {
        FallbackWithError::new(self, backup)
    }

    /// Runs another step concurrently. The first success is the output, and the other step is dropped.
    ///
    /// Both borrow the input. A step that takes it by value gets a clone, so a race of several such steps holds several copies of
    /// the input. For large inputs, take a reference or an `Arc`.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// #[runnable]
    /// async fn slow(_: &()) -> &'static str { std::future::pending().await }
    /// #[runnable]
    /// async fn quick(_: &()) -> &'static str { "quick" }
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// assert_eq!(slow.race(quick).invoke(()).await?, "quick");
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn race<B: Step>(self, rival: B) -> Race<Self, B> {
        Race::new(self, rival)
    }

    /// Applies the step to every item of a `Vec`, concurrently; see [`Map::concurrency`] for a limit.
    ///
    /// In a stream, the items run only while the stream is read. If its reader waits for something else, they pause, but their
    /// timeouts do not. Items of a [spawned](Self::spawned) step do not pause.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let lengths = chain!(String => |text| text.len()).map().concurrency(8);
    /// assert_eq!(lengths.invoke(vec!["a".into(), "bcd".into()]).await?, [1, 3]);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn map(self) -> Map<Self> {
        Map::new(self)
    }

    /// Calls a function with a reference to each output, and passes the output on. If the function calls methods, its parameter
    /// needs a type: `|message: &Message| ..`.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// let chain = chain!(u32 => (chain!(u32 => |n| n + 1)).tap(|n| println!("now {n}")) | |n| n * 2);
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// assert_eq!(chain.invoke(1).await?, 4);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn tap<O, F: Fn(&O)>(self, look: F) -> Tap<Self, F> {
        Tap::new(self, look)
    }

    /// Sets the name of the step in paths, events and graphs.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let parse = chain!(String => |text| text.parse::<u32>()?).named("parse");
    /// assert_eq!(parse.invoke("x".into()).await.unwrap_err().path(), "parse.|text|");
    /// # });
    /// ```
    fn named(self, name: impl Into<Cow<'static, str>>) -> Named<Self> {
        Named::new(self, name.into())
    }

    /// Sets settings of the step, which are merged into the inherited ones.
    ///
    /// ```
    /// use catena::{Config, prelude::*};
    ///
    /// #[runnable]
    /// fn tags(_: &(), cx: &Context) -> String { cx.tags().join(" ") }
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let tagged = tags.with_config(Config::new().tag("inner"));
    /// assert_eq!(tagged.invoke_with((), Config::new().tag("outer")).await?, "outer inner");
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn with_config(self, config: Config) -> Configured<Self> {
        Configured::new(self, config)
    }

    /// Calls functions at the start, the end and the error of the step; see [`Listeners`](crate::Listeners).
    fn listen(self, listeners: Listeners) -> Configured<Self> {
        self.with_config(Config::new().listen(listeners))
    }

    /// Lets a run set a part of the step. If the run sets the key, the step that runs is built again with the value.
    ///
    /// ```
    /// use catena::{Config, ConfigKey, prelude::*};
    ///
    /// static STEP: ConfigKey<i64> = ConfigKey::new("step", 1);
    ///
    /// #[derive(Clone)]
    /// struct Add(i64);
    ///
    /// #[runnable]
    /// impl Runnable<i64> for Add {
    ///     type Output = i64;
    ///     async fn call(&self, input: i64, _cx: &Context) -> catena::Result<i64> { Ok(input + self.0) }
    /// }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let add = Add(1).configurable(&STEP, |_, step| Add(*step));
    /// assert_eq!(add.invoke(1).await?, 2);
    /// assert_eq!(add.invoke_with(1, Config::new().set(&STEP, 10)).await?, 11);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn configurable<T, F>(self, key: &'static ConfigKey<T>, make: F) -> Configurable<Self, T, F>
    where
        F: Fn(&Self, &T) -> Self,
    {
        Configurable::new(self, key, make)
    }

    /// Runs the step that this step returns, on the same input. It is for a choice that a `match` cannot make.
    ///
    /// ```
    /// use catena::{BoxRunnable, prelude::*};
    ///
    /// #[runnable]
    /// fn choose(text: &str) -> BoxRunnable<String, usize> {
    ///     match text.len() {
    ///         0..9 => chain!(String => |text| text.len()).boxed(),
    ///         _ => chain!(String => |text| text.split(' ').count()).boxed(),
    ///     }
    /// }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// assert_eq!(choose.then_run().invoke("to be or not".into()).await?, 4);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    ///
    /// The chosen step is a boxed one. If it chooses again and again, the
    /// [recursion limit](crate::Config::recursion_limit) ends the run.
    fn then_run(self) -> ThenRun<Self> {
        ThenRun::new(self)
    }

    /// Returns the keys of the values that a run of this chain can set.
    fn config_keys(&self) -> Keys {
        let mut keys = Keys::new();
        self.keys(&mut keys);
        keys
    }

    /// Returns the JSON Schema of the settings that a run may have. [`Config::from_json`] reads them with the chain's
    /// [keys](Self::config_keys).
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`](crate::ErrorKind::BadInput) if the chain has two different keys with the same id.
    fn config_schema(&self) -> crate::Result<serde_json::Value> {
        crate::run::config_json::schema(&self.config_keys())
    }

    /// Runs the step in a separate tokio task, which ends with the call. The current `tracing` span of the caller is also current
    /// in the task.
    ///
    /// ```
    /// use catena::{ErrorKind, prelude::*};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let broken = chain!(u32 => |n| if n == 0 { panic!("nothing to do") } else { n }).spawned();
    /// assert_eq!(broken.invoke(0).await.unwrap_err().kind(), &ErrorKind::Panic);
    /// # });
    /// ```
    fn spawned(self) -> Spawned<Self> {
        Spawned::new(self)
    }

    /// Boxes the step, so that its type is [`BoxRunnable<In, Out>`](BoxRunnable). In a stream, its output is a single chunk, and
    /// a model in it writes no tokens into the [events](crate::RunnableExt::events). To keep both, use
    /// [`boxed_stream`](Self::boxed_stream).
    fn boxed<In: Send>(self) -> BoxRunnable<In, Self::Output>
    where
        Self: Runnable<In> + 'static,
    {
        BoxRunnable::whole(self)
    }

    /// Boxes the step, so that its type is [`BoxRunnable<In, Out, Chunk>`](BoxRunnable). The step keeps its chunks.
    fn boxed_stream<In: Send>(self) -> BoxRunnable<In, Self::Output, Self::Chunk>
    where
        Self: Runnable<In> + 'static,
    {
        BoxRunnable::streaming(self)
    }
}

impl<S: Step> StepExt for S {}
