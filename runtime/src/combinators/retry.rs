//! Try again: exponential backoff with jitter, bounded by attempts and by total delay.

use crate::{
    Chunks, Component, ComponentKind, Context, Error, Node, Result, Runnable, Step, host,
    observe::instrument::{observed_call, observed_stream, within},
    step::{
        call::{Call, Started, future_of_ref, waits},
        cold::ColdBox,
        recover::{kept, recover},
        runnable::{Delegate, lent, like},
        shared_input::ShareInput,
    },
    util::coop::Turn,
};
use futures_util::{StreamExt, stream};
use serde_json::json;
use std::{fmt, sync::Arc, time::Duration};

/// When and how often to try again.
///
/// The delay before attempt `n` is `base * factor^(n-2)`, at most `max_delay`, plus a random part of itself (jitter).
/// Where the error says how long the provider wants to be left alone ([`Error::retry_after`]), the delay is at least
/// that, up to [`max_retry_after`](Retry::max_retry_after). A delay that would pass the total delay or the run's deadline is not waited for: the error is returned.
///
/// ```
/// use catena::{Retry, prelude::*};
/// use std::time::Duration;
///
/// #[runnable]
/// async fn ask(question: String) -> catena::Result<String> {
///     Ok(format!("{question} indeed"))
/// }
///
/// let patient = ask.retry(Retry::attempts(4).base(Duration::from_millis(50)).when(|e| e.is_retryable()));
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(patient.invoke("so".to_owned()).await?, "so indeed");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
/// The `TIMES` in the type are the attempts where the compiler knows them, by [`times`](Retry::times); else 0.
#[derive(Clone)]
pub struct Retry<const TIMES: u32 = 0> {
    attempts: u32,
    base: Duration,
    factor: f64,
    max_delay: Duration,
    total_delay: Option<Duration>,
    max_retry_after: Duration,
    jitter: bool,
    when: Option<Arc<Predicate>>,
}

/// Panics with this message at the place of its caller. In a constant, the compiler shows that place. Of `assert!` it would
/// show the lines of std that the macro comes from, if std's sources are installed.
#[track_caller]
const fn refuse(why: &str) -> ! {
    panic!("{}", why)
}

type Predicate = dyn Fn(&Error) -> bool + Send + Sync;

impl Retry {
    /// So many attempts in all, the first one included; 0 counts as 1. Delays start at 200 ms, double, are at most
    /// 30 s, and have jitter. Errors [worth retrying](Error::is_retryable) are retried.
    pub const fn attempts(attempts: u32) -> Self {
        Retry::of(attempts)
    }

    /// So many attempts in all, as [`attempts`](Retry::attempts), and in the type: the compiler knows them, and
    /// [policies](crate::policy) can ask.
    ///
    /// ```
    /// use catena::{Node, Step, prelude::*};
    ///
    /// #[runnable]
    /// async fn ask(question: String) -> String { question }
    ///
    /// const fn attempts<S: Step>(_: &S) -> Option<u32> {
    ///     if let Node::Retry { attempts, .. } = S::NODE { attempts } else { None }
    /// }
    /// assert_eq!(attempts(&ask.retry(Retry::times::<3>())), Some(3));
    /// assert_eq!(attempts(&ask.retry(3)), None);
    /// ```
    /// None at all do not compile:
    /// ```compile_fail
    /// catena::Retry::times::<0>();
    /// ```
    pub const fn times<const TIMES: u32>() -> Retry<TIMES> {
        const {
            if TIMES == 0 {
                refuse("a step is tried once at least: `Retry::times::<1>()`")
            }
        };
        Retry::of(TIMES)
    }
}

impl<const TIMES: u32> Retry<TIMES> {
    const fn of(attempts: u32) -> Self {
        Retry {
            attempts,
            base: Duration::from_millis(200),
            factor: 2.0,
            max_delay: Duration::from_secs(30),
            total_delay: None,
            max_retry_after: Duration::from_mins(10),
            jitter: true,
            when: None,
        }
    }

    /// The delay before the second attempt. Zero retries at once.
    pub const fn base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// What each delay is multiplied by for the next one. Below 1, and what is no number, counts as 1; infinity as the largest number.
    pub const fn factor(mut self, factor: f64) -> Self {
        // Not `clamp`, by which what is no number stays so.
        self.factor = factor.max(1.0).min(f64::MAX);
        self
    }

    /// The maximum delay before a single attempt, before jitter. A longer `retry-after` still applies, up to
    /// [`max_retry_after`](Self::max_retry_after).
    pub const fn max_delay(mut self, max: Duration) -> Self {
        self.max_delay = max;
        self
    }

    /// The longest sum of all delays.
    pub const fn total_delay(mut self, total: Duration) -> Self {
        self.total_delay = Some(total);
        self
    }

    /// Sets the longest `retry-after` of a provider that is waited for. The default is 10 minutes. If a provider asks for
    /// more, the error is returned instead, so that no server makes a program wait for years.
    pub const fn max_retry_after(mut self, max: Duration) -> Self {
        self.max_retry_after = max;
        self
    }

    /// Whether to add a random part of itself to each delay, so that many callers do not come back at once.
    pub const fn jitter(mut self, jitter: bool) -> Self {
        self.jitter = jitter;
        self
    }

    /// Which errors to retry, instead of those [worth it](Error::is_retryable).
    pub fn when(mut self, predicate: impl Fn(&Error) -> bool + Send + Sync + 'static) -> Self {
        self.when = Some(Arc::new(predicate));
        self
    }

    /// For graphs and manifests, by the names that LangChain gives them.
    fn describe(&self, component: Component) -> Component {
        let component = component
            .with("max_attempt_number", self.attempts.max(1))
            .with("wait_exponential_jitter", self.jitter)
            .with(
                "exponential_jitter_params",
                json!({
                    "initial": self.base.as_secs_f64(),
                    "max": self.max_delay.as_secs_f64(),
                    "exp_base": self.factor,
                }),
            );
        let component = match self.total_delay {
            Some(total) => component.with("total_delay", total.as_secs_f64()),
            None => component,
        };
        if self.when.is_some() { component.with("when", "a predicate") } else { component }
    }

    fn wants(&self, error: &Error) -> bool {
        match &self.when {
            Some(predicate) => predicate(error),
            None => error.is_retryable(),
        }
    }

    /// The delay after this one, before jitter.
    ///
    /// By hand, because the crates for it reckon in `f32`: 200 ms come out as 200.000003 ms, which is a tick of the timer
    /// late and over a total delay that it just fits.
    fn grown(&self, delay: Duration) -> Duration {
        if delay.is_zero() { delay } else { times(delay, self.factor).min(self.max_delay) }
    }

    fn jittered(&self, delay: Duration) -> Duration {
        if self.jitter && !delay.is_zero() { delay.saturating_add(times(delay, fastrand::f64())) } else { delay }
    }
}

/// In `f64`, where the decimal delays that people write come out exact.
fn times(delay: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(delay.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

/// `3` is `Retry::attempts(3)`.
impl From<u32> for Retry {
    fn from(attempts: u32) -> Self {
        Retry::attempts(attempts)
    }
}

/// A policy for [`retry`](crate::StepExt::retry): a number of attempts, a [`Retry`], or a value that converts into one.
///
/// ```
/// use catena::prelude::*;
///
/// struct Patient;
///
/// impl From<Patient> for Retry {
///     fn from(_: Patient) -> Self {
///         Retry::attempts(10)
///     }
/// }
///
/// #[runnable]
/// fn shout(text: String) -> String { text.to_uppercase() }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(shout.retry(Patient).invoke("hey".to_owned()).await?, "HEY");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a policy of retries",
    label = "not a policy of retries",
    note = "write a number of attempts, `.retry(3)`, or a `Retry`: `.retry(Retry::attempts(3).max_delay(..))`"
)]
pub trait RetryPolicy<const TIMES: u32> {
    /// Returns the policy.
    #[doc(hidden)]
    fn policy(self) -> Retry<TIMES>;
}

#[diagnostic::do_not_recommend]
impl<P: Into<Retry<TIMES>>, const TIMES: u32> RetryPolicy<TIMES> for P {
    fn policy(self) -> Retry<TIMES> {
        self.into()
    }
}

impl<const TIMES: u32> fmt::Debug for Retry<TIMES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("attempts", &self.attempts)
            .field("base", &self.base)
            .field("factor", &self.factor)
            .field("max_delay", &self.max_delay)
            .field("total_delay", &self.total_delay)
            .field("max_retry_after", &self.max_retry_after)
            .field("jitter", &self.jitter)
            .field("when", if self.when.is_some() { &"a predicate" } else { &"worth retrying" })
            .finish()
    }
}

/// A step that is tried again on failure; made by [`retry`](crate::StepExt::retry). Each failure that is not the last is a
/// `tracing` event of level `debug`.
///
/// The input is kept and lent to each attempt: a step that only reads it is retried without a copy. A call that succeeds
/// at once allocates nothing and computes no delays.
///
/// # Streaming
/// Retries until the first chunk has come; after it, an error ends the stream. Waits for its whole input.
#[derive(Clone, Debug)]
pub struct Retried<S, const TIMES: u32 = 0> {
    step: S,
    policy: Retry<TIMES>,
}

impl<S, const TIMES: u32> Retried<S, TIMES> {
    /// Retry a step.
    pub const fn new(step: S, policy: Retry<TIMES>) -> Self {
        Retried { step, policy }
    }
}

impl<S, const TIMES: u32> Retried<S, TIMES> {
    /// The attempts after the first.
    async fn again<In>(&self, mut error: Error, input: &In, cx: &Context) -> Result<S::Output>
    where
        In: ShareInput + Send,
        S: Runnable<In>,
    {
        let mut attempts = Attempts::new(&self.policy);
        loop {
            attempts.pause(error, cx).await?;
            match future_of_ref(&self.step, input, cx).await {
                Ok(output) => return Ok(output),
                Err(failed) => error = failed,
            }
        }
    }
}

/// The state between attempts, made after the first failure.
struct Attempts<'a, const TIMES: u32> {
    policy: &'a Retry<TIMES>,
    made: u32,
    waited: Duration,
    /// The last delay before jitter.
    last: Option<Duration>,
    turn: Turn,
}

impl<'a, const TIMES: u32> Attempts<'a, TIMES> {
    fn new(policy: &'a Retry<TIMES>) -> Self {
        Attempts { policy, made: 0, waited: Duration::ZERO, last: None, turn: Turn::new() }
    }

    /// Wait until the next attempt, or give the error back where there is none.
    #[cold]
    fn next(&mut self, error: Error, cx: &Context) -> Result<Duration> {
        self.made += 1;
        let error = cx.recoverable(error)?;
        if self.made >= self.policy.attempts || !self.policy.wants(&error) {
            return Err(error.with_attempts(self.made));
        }
        let grown = self.last.map_or(self.policy.base.min(self.policy.max_delay), |last| self.policy.grown(last));
        self.last = Some(grown);
        let asked = error.retry_after().unwrap_or_default();
        if asked > self.policy.max_retry_after {
            let doing = format!("waiting {asked:?} for another attempt, which is longer than `max_retry_after` allows");
            return Err(error.with_attempts(self.made).while_doing(doing));
        }
        let delay = self.policy.jittered(grown).max(asked);
        let in_budget = self.policy.total_delay.is_none_or(|total| self.waited.saturating_add(delay) <= total);
        let in_time = cx.time_left().is_none_or(|left| delay < left);
        if !in_budget || !in_time {
            let limit = if in_budget { "the run's deadline" } else { "the total delay allowed" };
            return Err(error
                .with_attempts(self.made)
                .while_doing(format!("waiting {delay:?} for another attempt, which {limit} forbids")));
        }
        self.waited += delay;
        // What recovers is nowhere else to be seen.
        tracing::debug!(%error, attempt = self.made, ?delay, "trying again");
        Ok(delay)
    }

    /// Waits before the next attempt; without a delay, for its turn.
    async fn pause(&mut self, error: Error, cx: &Context) -> Result<()> {
        let delay = self.next(error, cx)?;
        if delay.is_zero() {
            self.turn.taken().await;
        } else {
            host::sleep(delay).await;
            self.turn.waited();
        }
        Ok(())
    }
}

impl<S: Step, const TIMES: u32> Step for Retried<S, TIMES> {
    const NODE: Node = Node::Retry { attempts: if TIMES == 0 { None } else { Some(TIMES) }, node: &S::NODE };

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<S, const TIMES: u32> Delegate for Retried<S, TIMES> {
    type To = S;
    fn inner(&self) -> &S {
        &self.step
    }
}

impl<In: ShareInput + Send, S: Runnable<In>, const TIMES: u32> Runnable<In> for Retried<S, TIMES> {
    like!(In, S);

    fn component(&self) -> Component {
        self.policy.describe(Component::around(ComponentKind::Retry, self.step.component()))
    }

    lent!(In, call);

    #[inline]
    fn start<'a>(&'a self, input: In, cx: &'a Context) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
        recover(self, kept(&self.step, input, cx), cx, |this: &'a Self, (error, input), cx| {
            waits(ColdBox::new(async move { this.again(error, &input, cx).await }))
        })
    }

    async fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> Result<Self::Output> {
        if !cx.is_observed() {
            return future_of_ref(self, input, cx).await;
        }
        observed_call!(self, input, cx => {
            let mut attempts = Attempts::new(&self.policy);
            loop {
                let child = cx.attempt(attempts.made + 1);
                match self.step.call_ref(input, child.as_ref().unwrap_or(cx)).await {
                    Ok(output) => return Ok(output),
                    Err(error) => attempts.pause(error, cx).await?,
                }
            }
        })
    }

    #[inline]
    fn start_ref<'a>(
        &'a self,
        input: &'a In,
        cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
        recover(self, self.step.start_ref(input, cx), cx, move |this: &'a Self, error, cx| {
            waits(ColdBox::erased(this.again(error, input, cx)))
        })
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        observed_stream!(self, In, input, cx => Chunks::open(async move {
            let mut attempts = Attempts::new(&self.policy);
            loop {
                let child = cx.attempt(attempts.made + 1);
                let input = input.clone();
                let mut chunks = within!(child, cx => self.step.call_stream(input, cx));
                match chunks.next().await {
                    None => return Ok(Chunks::new(stream::empty())),
                    Some(Ok(first)) => return Ok(chunks.after(first)),
                    Some(Err(error)) => {
                        drop(chunks);
                        attempts.pause(error, cx).await?;
                    }
                }
            }
        }))
    }
}
