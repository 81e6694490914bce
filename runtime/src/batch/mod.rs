//! A chain over many inputs: `batch`, `try_batch`, `batch_as_completed`, `batch_stream`.
//!
//! | file | contents |
//! |---|---|
//! | [`inputs`] | what a batch takes |
//! | [`job`] | the work of a batch |
//! | [`fan_out`] | concurrent calls, within a limit |
//! | [`slots`] | a bounded set of futures whose slots are reused |
//! | [`settings`] | the settings of a batch |
//! | [`progress`], `progress_bar` | the progress of a batch |

pub(crate) mod fan_out;
mod inputs;
mod job;
mod progress;
#[cfg(feature = "progress")]
mod progress_bar;
mod settings;
mod slots;

use crate::{Chunks, Config, Context, Error, Result, Runnable};
use futures_core::Stream;
use futures_util::{StreamExt, future::BoxFuture, stream::BoxStream};
use job::{Ending, Job, Rest};
use settings::Settings;
use std::{
    future::IntoFuture,
    pin::{Pin, pin},
    task::{Context as Task, Poll},
};

pub use inputs::BatchInputs;
pub use progress::Progress;

/// The number of concurrent inputs of a [`batch_as_completed`](crate::RunnableExt::batch_as_completed) or a
/// [`batch_stream`](crate::RunnableExt::batch_stream) without a limit.
pub const STREAMED_CONCURRENCY: usize = 64;

/// A chain over many inputs, with settings: made by [`batch`](crate::RunnableExt::batch),
/// [`try_batch`](crate::RunnableExt::try_batch), [`batch_as_completed`](crate::RunnableExt::batch_as_completed) and
/// [`batch_stream`](crate::RunnableExt::batch_stream).
///
/// The first two are futures, the other two are streams. Nothing begins before the first poll, and dropping the batch stops
/// everything under it. The settings are those of the whole batch: a [deadline](Config::deadline) is for all items, and one
/// [limit](Config::max_concurrency) holds for the items and everything nested in them.
///
/// For observers, each item is a separate run. [Listeners](Config::listen) are called for every item. A
/// [run id](Config::run_id) belongs to a single run, so it is set by [`config_each`](Batch::config_each).
///
/// If the batch is cancelled, or its deadline passes, finished items keep their results. Items in flight fail with that error.
/// A batch that is a stream then ends, and takes no further inputs. If nothing was in flight, it takes one more input to report
/// the error.
///
/// ```
/// use catena::prelude::*;
///
/// #[runnable]
/// fn parse(text: &str) -> catena::Result<u32> { Ok(text.parse()?) }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let results = parse.batch(["1", "two", "3"].map(String::from)).max_concurrency(2).await;
/// assert_eq!(results[2].as_ref().ok(), Some(&3));
/// assert_eq!(results[1].as_ref().unwrap_err().to_string(), "parse[1]: invalid digit found in string");
/// # });
/// ```
#[must_use = "a batch does nothing until it is awaited, or read where it is a stream"]
pub struct Batch<'a, R, In, Inputs, Mode> {
    chain: &'a R,
    inputs: Option<Inputs>,
    settings: Settings<'a, In>,
    mode: Mode,
}

/// A [`Batch`] of all results, in the order of the inputs.
pub struct InOrder(());

/// A [`Batch`] of all outputs, or the first error.
pub struct AllOrError(());

/// A [`Batch`] of results in the order of completion: a stream.
pub struct AsCompleted<'a, O> {
    /// Present once the stream is read.
    results: Option<BoxStream<'a, (usize, Result<O>)>>,
}

impl<'a, R, In, Inputs> Batch<'a, R, In, Inputs, InOrder> {
    pub(crate) fn in_order(chain: &'a R, inputs: Inputs) -> Self {
        Batch { chain, inputs: Some(inputs), settings: Settings::default(), mode: InOrder(()) }
    }
}

impl<'a, R, In, Inputs> Batch<'a, R, In, Inputs, AllOrError> {
    pub(crate) fn all_or_error(chain: &'a R, inputs: Inputs) -> Self {
        Batch { chain, inputs: Some(inputs), settings: Settings::default(), mode: AllOrError(()) }
    }
}

impl<'a, R, In, Inputs, O> Batch<'a, R, In, Inputs, AsCompleted<'a, O>> {
    pub(crate) fn as_completed(chain: &'a R, inputs: Inputs) -> Self {
        Batch { chain, inputs: Some(inputs), settings: Settings::default(), mode: AsCompleted { results: None } }
    }
}

impl<'a, R, In, Inputs, Mode> Batch<'a, R, In, Inputs, Mode> {
    /// Limits the concurrency of the items and everything nested in them. It overrides [`Config::max_concurrency`].
    ///
    /// Zero is an error of kind [`BadInput`](crate::ErrorKind::BadInput), of a `try_batch` as a whole, otherwise of every item.
    pub fn max_concurrency(mut self, limit: usize) -> Self {
        self.settings.limit = Some(limit);
        self
    }

    /// Sets the settings of the whole batch.
    pub fn config(mut self, config: Config) -> Self {
        self.settings.config = config;
        self
    }

    /// Sets a function that returns the settings of each item, by its index and input. They are merged into those of the batch. A
    /// deadline is measured from the start of the item. A [run name](Config::run_name) follows the index in the path of errors.
    ///
    /// ```
    /// use catena::{Config, prelude::*};
    ///
    /// #[runnable]
    /// fn tags(_: &u32, cx: &Context) -> String { cx.tags().join(" ") }
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let batch = tags.try_batch([7, 8]).config_each(|index, input| Config::new().tag(format!("{index}:{input}")));
    /// assert_eq!(batch.await?, ["0:7", "1:8"]);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn config_each(mut self, config: impl Fn(usize, &In) -> Config + Send + Sync + 'a) -> Self {
        self.settings.each = Some(Box::new(config));
        self
    }

    /// Runs the batch as part of the run of a step: with its settings, under its limit.
    ///
    /// ```
    /// use catena::{Config, prelude::*};
    ///
    /// #[runnable]
    /// async fn length(word: &str) -> usize { word.len() }
    /// #[runnable]
    /// async fn lengths(text: String, cx: &Context) -> catena::Result<Vec<usize>> {
    ///     length.try_batch(text.split(' ').map(String::from)).within(cx).await
    /// }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let config = Config::new().max_concurrency(4);
    /// assert_eq!(lengths.invoke_with("to be or not".to_owned(), config).await?, [2, 2, 2, 3]);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn within(mut self, cx: &Context) -> Self {
        self.settings.outer = cx.clone();
        self
    }

    /// Sets a function that is called when the batch begins and after each item. The batch waits for it, so it should return
    /// soon.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// #[runnable]
    /// async fn double(n: u32) -> u32 { n * 2 }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let mut seen = Vec::new();
    /// double.try_batch([1, 2]).on_progress(|progress| seen.push((progress.done, progress.total))).await?;
    /// assert_eq!(seen, [(0, Some(2)), (1, Some(2)), (2, Some(2))]);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn on_progress(mut self, tell: impl FnMut(Progress) + Send + 'a) -> Self {
        self.settings.progress.push(Box::new(tell));
        self
    }
}

impl<'a, R, In, Inputs> IntoFuture for Batch<'a, R, In, Inputs, InOrder>
where
    In: Send + 'a,
    R: Runnable<In>,
    Inputs: Stream<Item = In> + Unpin + Send + 'a,
{
    type Output = Vec<Result<R::Output>>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Batch { chain, inputs, settings, .. } = self;
        Box::pin(async move {
            let Some(inputs) = inputs else { return Vec::new() };
            let mut items = room_for(inputs.size_hint());
            let (job, reports) = Job::new(chain, settings);
            let refused = job.begin().await;
            let mut ending = job.ending().filter(|_| refused.is_none());
            let mut results = pin!(job.results(inputs, Rest::All, reports, refused));
            while let Some((index, result)) = results.next().await {
                if let Some(ending) = &mut ending {
                    ending.note(&result);
                }
                put(&mut items, index, result);
            }
            if let Some(ending) = ending {
                ending.end().await;
            }
            items.into_iter().flatten().collect()
        })
    }
}

impl<'a, R, In, Inputs> IntoFuture for Batch<'a, R, In, Inputs, AllOrError>
where
    In: Send + 'a,
    R: Runnable<In>,
    Inputs: Stream<Item = In> + Unpin + Send + 'a,
{
    type Output = Result<Vec<R::Output>>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Batch { chain, inputs, settings, .. } = self;
        Box::pin(async move {
            let Some(inputs) = inputs else { return Ok(Vec::new()) };
            let mut items = room_for(inputs.size_hint());
            let (job, reports) = Job::new(chain, settings);
            let refused = job.begin().await;
            let mut ending = job.ending().filter(|_| refused.is_none());
            let mut failed = None;
            {
                let mut results = pin!(job.results(inputs, Rest::Failed, reports, refused));
                while let Some((index, result)) = results.next().await {
                    if let Some(ending) = &mut ending {
                        ending.note(&result);
                    }
                    match result {
                        Ok(output) => put(&mut items, index, output),
                        Err(error) => {
                            failed = Some(error);
                            break;
                        }
                    }
                }
            }
            // The other items are stopped before the whole ends.
            if let Some(ending) = ending {
                ending.end().await;
            }
            match failed {
                None => Ok(items.into_iter().flatten().collect()),
                Some(error) => Err(error),
            }
        })
    }
}

impl<'a, R, In, Inputs> Stream for Batch<'a, R, In, Inputs, AsCompleted<'a, R::Output>>
where
    In: Send + 'a,
    R: Runnable<In>,
    Inputs: Stream<Item = In> + Unpin + Send + 'a,
{
    type Item = (usize, Result<R::Output>);

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(inputs) = this.inputs.take() {
            let (job, reports) = Job::new(this.chain, std::mem::take(&mut this.settings));
            let most = if job.is_limited() { usize::MAX } else { STREAMED_CONCURRENCY };
            this.mode.results = Some(match job.ending() {
                None => Box::pin(job.into_results(inputs, most, Rest::First, reports, None)),
                Some(ending) => Box::pin(around(job, ending, move |job, refused| {
                    job.into_results(inputs, most, Rest::First, reports, refused)
                })),
            });
        }
        match &mut this.mode.results {
            Some(results) => results.poll_next_unpin(task),
            None => Poll::Ready(None),
        }
    }
}

/// The results of a batch that has work before and after it.
fn around<'a, In, R, Results>(
    job: Job<'a, R, In>,
    mut ending: Ending,
    results: impl FnOnce(Job<'a, R, In>, Option<Error>) -> Results + Send + 'a,
) -> impl Stream<Item = (usize, Result<R::Output>)> + Send + 'a
where
    In: Send + 'a,
    R: Runnable<In>,
    Results: Stream<Item = (usize, Result<R::Output>)> + Send + 'a,
{
    Chunks::generate(move |out| async move {
        let refused = job.begin().await;
        let has_begun = refused.is_none();
        {
            let mut results = pin!(results(job, refused));
            while let Some(item) = results.next().await {
                ending.note(&item.1);
                out.send(item).await;
            }
        }
        if has_begun {
            ending.end().await;
        }
        Ok(())
    })
    .filter_map(|item| std::future::ready(item.ok()))
}

/// Nothing in it is pinned: what runs is behind a pointer.
impl<R, In, Inputs, Mode> Unpin for Batch<'_, R, In, Inputs, Mode> {}

/// The most items that room is reserved for before they are there: a size hint is a hint, and may be far off.
const RESERVED: usize = 1024;

fn room_for<T>((least, _): (usize, Option<usize>)) -> Vec<T> {
    Vec::with_capacity(least.min(RESERVED))
}

#[inline]
pub(crate) fn put<T>(items: &mut Vec<Option<T>>, index: usize, item: T) {
    if items.len() == index {
        // In turn, as most are.
        items.push(Some(item));
        return;
    }
    if items.len() < index {
        items.resize_with(index + 1, || None);
    }
    items[index] = Some(item);
}
