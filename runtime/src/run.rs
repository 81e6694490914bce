//! Running a chain: `invoke`, `invoke_with`, `invoke_blocking`, `stream`.

use crate::{Chunks, Config, Context, Error, ErrorKind, Result, Runnable, error::Segment};
use std::{
    future::Future,
    sync::{Arc, OnceLock, PoisonError},
};
use tokio::{runtime, time::Instant};

/// The context of runs that ask for nothing.
static EMPTY: Context = Context::new();

/// The ways to run a step or a chain.
///
/// ```
/// use catena::prelude::*;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let shout = chain!(String => |text| text.to_uppercase());
/// assert_eq!(shout.invoke("hey".to_owned()).await?, "HEY");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub trait RunnableExt<In: Send>: Runnable<In> {
    /// Run on an input. Allocates nothing of its own; dropping the future stops all that runs under it.
    ///
    /// # Errors
    /// That of the step that failed, with its path.
    fn invoke(&self, input: In) -> impl Future<Output = Result<Self::Output>> + Send {
        async move { self.call(input, &EMPTY).await.map_err(|error| locate(error, self.name())) }
    }

    /// Run with settings: tags, a deadline, typed extensions.
    ///
    /// ```
    /// use catena::{Config, prelude::*};
    /// use std::time::Duration;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let sleepy = chain!(u32 => |n| { tokio::time::sleep(Duration::from_secs(60)).await; n });
    /// let config = Config::new().run_name("nap").deadline(Duration::from_millis(10));
    /// let error = sleepy.invoke_with(1, config).await.unwrap_err();
    /// assert_eq!(error.to_string(), "nap: the run's deadline of 10ms has passed");
    /// # });
    /// ```
    ///
    /// # Errors
    /// That of the step that failed, or [`ErrorKind::Deadline`].
    fn invoke_with(&self, input: In, config: Config) -> impl Future<Output = Result<Self::Output>> + Send {
        async move {
            let cx = EMPTY.configured(&config);
            let name = config.run_name.as_deref().or(self.name());
            before_deadline(&EMPTY, &cx, &config, self.call(input, &cx)).await.map_err(|error| locate(error, name))
        }
    }

    /// Run from a program without an async runtime: waits until the output is there, on a runtime of Catena's own.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// let length = chain!(String => |text| text.len());
    /// assert_eq!(length.invoke_blocking("four".to_owned())?, 4);
    /// # Ok::<(), catena::Error>(())
    /// ```
    ///
    /// # Errors
    /// As `invoke`; and [`ErrorKind::BadInput`] inside an async runtime, whose thread it would block.
    fn invoke_blocking(&self, input: In) -> Result<Self::Output> {
        if runtime::Handle::try_current().is_ok() {
            return Err(Error::new(
                ErrorKind::BadInput,
                "`invoke_blocking` was called inside an async runtime, whose thread it would block: use `.invoke(..).await` there",
            ));
        }
        blocking_runtime()?.block_on(self.invoke(input))
    }

    /// The chunks of the output as they come. The stream borrows the chain; dropping it stops all that runs under it.
    ///
    /// Steps that cannot work piece by piece wait for their whole input, and so block the stream up to there;
    /// [`assert_streams!`](crate::assert_streams) refuses chains with such a step behind one that streams.
    fn stream<'a>(&'a self, input: In) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        self.call_stream(input, &EMPTY).signed(self.name(), true)
    }

    /// The chunks of the output as they come, with settings, as for [`invoke_with`](Self::invoke_with). The time of a
    /// deadline begins with the first read.
    ///
    /// ```
    /// use catena::{Config, prelude::*};
    /// use futures_util::StreamExt;
    ///
    /// #[runnable]
    /// fn tags(_: &(), cx: &Context) -> usize { cx.tags().len() }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let mut chunks = tags.stream_with((), Config::new().tag("nightly"));
    /// assert_eq!(chunks.next().await.unwrap()?, 1);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    fn stream_with<'a>(&'a self, input: In, config: Config) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        Chunks::generate(move |out| async move {
            let cx = EMPTY.configured(&config);
            let chunks = self.call_stream(input, &cx).signed(config.run_name.as_deref().or(self.name()), true);
            before_deadline(&EMPTY, &cx, &config, out.forward(chunks)).await.map_err(|error| {
                // Only the deadline's own error is not signed yet.
                let own = matches!(error.kind(), ErrorKind::Deadline) && error.path().is_empty();
                if own { locate(error, config.run_name.as_deref().or(self.name())) } else { error }
            })
        })
    }

    /// The chunks of the output as they come, from a shared chain: the stream keeps the chain and borrows nothing, so that it
    /// can be the body of an HTTP response.
    ///
    /// ```
    /// use catena::{Chunks, prelude::*};
    /// use futures_util::StreamExt;
    /// use std::sync::Arc;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let shout = Arc::new(chain!(String => |text| text.to_uppercase()));
    /// let chunks: Chunks<'static, String> = shout.stream_owned("hey".to_owned());
    /// drop(shout);
    /// let body = tokio::spawn(chunks.collect::<Vec<_>>());
    /// assert_eq!(body.await.unwrap()[0].as_ref().unwrap(), "HEY");
    /// # });
    /// ```
    fn stream_owned(self: &Arc<Self>, input: In) -> Chunks<'static, Self::Chunk>
    where
        In: 'static,
        Self: 'static,
    {
        let step = Arc::clone(self);
        Chunks::generate(move |out| async move { out.forward(step.stream(input)).await })
    }

    /// [`stream_owned`](Self::stream_owned) with settings, as for [`stream_with`](Self::stream_with).
    fn stream_owned_with(self: &Arc<Self>, input: In, config: Config) -> Chunks<'static, Self::Chunk>
    where
        In: 'static,
        Self: 'static,
    {
        let step = Arc::clone(self);
        Chunks::generate(move |out| async move { out.forward(step.stream_with(input, config)).await })
    }
}

impl<In: Send, R: Runnable<In>> RunnableExt<In> for R {}

#[cold]
fn locate(error: Error, name: Option<&str>) -> Error {
    match name {
        Some(name) => error.at(Segment::Step(name.to_owned().into())),
        None => error,
    }
}

/// Work under the deadline that this configuration brings. One that was inherited is watched where it was set, which is
/// where the error can say how long it was.
pub(crate) async fn before_deadline<O>(
    outer: &Context,
    cx: &Context,
    config: &Config,
    work: impl Future<Output = Result<O>>,
) -> Result<O> {
    let (Some(after), Some(deadline)) = (config.deadline, cx.deadline()) else { return work.await };
    if outer.deadline() == Some(deadline) {
        return work.await;
    }
    let passed = || Error::new(ErrorKind::Deadline, format!("the run's deadline of {after:?} has passed"));
    if deadline <= Instant::now() {
        return Err(passed());
    }
    tokio::time::timeout_at(deadline, work).await.unwrap_or_else(|_| Err(passed()))
}

/// One runtime for all blocking calls: connections that a client keeps open live on it.
fn blocking_runtime() -> Result<&'static runtime::Runtime> {
    static RUNTIME: OnceLock<runtime::Runtime> = OnceLock::new();
    static START: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _starting = START.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("catena-blocking")
        .enable_all()
        .build()
        .map_err(|error| Error::from(error).while_doing("starting a runtime for a blocking call"))?;
    Ok(RUNTIME.get_or_init(|| runtime))
}
