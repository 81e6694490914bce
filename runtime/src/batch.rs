//! Many inputs at once: `batch`, `try_batch`, `batch_as_completed`.

use crate::{
    Config, Context, Error, Result, Runnable, concurrent,
    error::Segment,
    run::{EMPTY, before_end},
};
use futures_core::Stream;
use futures_util::{StreamExt, TryStreamExt, future::BoxFuture, stream::BoxStream};
use std::{
    marker::PhantomData,
    pin::Pin,
    task::{Context as Task, Poll},
};

/// How many inputs run at once where results are read one by one and no limit is set.
pub(crate) const AS_COMPLETED: usize = 64;

/// A run over many inputs; made by [`batch`](crate::RunnableExt::batch), [`try_batch`](crate::RunnableExt::try_batch) and
/// [`batch_as_completed`](crate::RunnableExt::batch_as_completed), which say what it gives. The methods here set how it
/// runs.
///
/// Each input is a run of its own: with its own events, and with its number in the path of its errors.
///
/// ```
/// use catena::prelude::*;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let parse = chain!(&str => |text| text.parse::<u32>()?);
/// let numbers = parse.batch(["1", "two", "3"]).max_concurrency(2).await;
/// assert_eq!(numbers[0].as_ref().unwrap(), &1);
/// assert_eq!(numbers[1].as_ref().unwrap_err().path(), "[1].|text|");
/// # });
/// ```
pub struct Batch<'a, R, I, In, M> {
    step: &'a R,
    inputs: I,
    config: Config,
    each: Option<Box<Each<In>>>,
    progress: Option<Box<dyn FnMut(Progress) + Send + 'a>>,
    mode: PhantomData<fn() -> M>,
}

type Each<In> = dyn Fn(usize, &In) -> Config + Send + Sync;

/// All results, failed ones in their place.
pub struct All;

/// All results, or the first error.
pub struct First;

/// How far a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many inputs are done, the failed ones included.
    pub done: usize,
    /// How many have failed.
    pub failed: usize,
    /// How many there are, where that is known.
    pub total: Option<usize>,
}

impl<'a, R, I, In, M> Batch<'a, R, I, In, M> {
    pub(crate) fn new(step: &'a R, inputs: I) -> Self {
        Batch { step, inputs, config: Config::new(), each: None, progress: None, mode: PhantomData }
    }

    /// At most so many inputs at once, and of all that fans out within them: see
    /// [`Config::max_concurrency`]. With 0, which would run nothing, each input fails with
    /// [`ErrorKind::BadInput`](crate::ErrorKind::BadInput).
    pub fn max_concurrency(mut self, most: usize) -> Self {
        self.config = self.config.max_concurrency(most);
        self
    }

    /// Settings for all. Its deadline is one for the whole batch.
    pub fn config(mut self, config: Config) -> Self {
        let most = self.config.max_concurrency;
        self.config = config;
        self.config.max_concurrency = self.config.max_concurrency.or(most);
        self
    }

    /// Settings for each input, of its number and itself, merged into those for all.
    pub fn config_each(mut self, config: impl Fn(usize, &In) -> Config + Send + Sync + 'static) -> Self {
        self.each = Some(Box::new(config));
        self
    }

    /// Do this each time an input is done.
    pub fn on_progress(mut self, report: impl FnMut(Progress) + Send + 'a) -> Self {
        self.progress = Some(Box::new(report));
        self
    }

    /// Show a progress bar on the terminal, if the standard error output is one: how many are done and have failed, how
    /// fast it goes and how long it will take. Behind the feature `progress`.
    #[cfg(feature = "progress")]
    pub fn progress_bar(self) -> Self {
        use indicatif::{ProgressBar, ProgressStyle};
        let template = "{wide_bar} {pos}/{len} {msg} {per_sec} {eta}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::no_length().with_style(style);
        self.on_progress(move |progress| {
            if let Some(total) = progress.total {
                bar.set_length(total as u64);
            }
            bar.set_position(progress.done as u64);
            if progress.failed > 0 {
                bar.set_message(format!("{} failed", progress.failed));
            }
            if progress.total == Some(progress.done) {
                bar.finish();
            }
        })
    }
}

impl<'a, R, I, In, M> Batch<'a, R, I, In, M>
where
    In: Send + 'a,
    R: Runnable<In>,
    I: Stream<Item = In> + Send + 'a,
    M: 'a,
{
    /// The outcomes as they come.
    fn outcomes(self, unlimited: usize) -> impl Stream<Item = (usize, Result<R::Output>)> + Send + 'a {
        let Batch { step, inputs, config, each, mut progress, mode: _ } = self;
        let total = match inputs.size_hint() {
            (least, Some(most)) if least == most => Some(most),
            _ => None,
        };
        let cx = EMPTY.configured_if(&config);
        let (permits, refused) = match cx.permits() {
            Ok(permits) => (permits, None),
            Err(error) => (None, Some(error)),
        };
        let most = match cx.most() {
            usize::MAX => unlimited,
            most => most.max(1),
        };
        // Borrowed by each input's run.
        let config = std::sync::Arc::new(config);
        let each = each.map(std::sync::Arc::new);
        let start = move |index: usize, input: In| {
            let (cx, config, each, refused) = (cx.clone(), config.clone(), each.clone(), refused.clone());
            async move {
                let output = match refused {
                    Some(error) => Err(error),
                    None => one(step, index, input, &cx, &config, each.as_ref().map(|each| &***each)).await,
                };
                (index, output.map_err(|error| locate(error, index, step.name())))
            }
        };
        let mut so_far = Progress { done: 0, failed: 0, total };
        concurrent::run(inputs, most, permits, start).inspect(move |(_, outcome)| {
            if let Some(report) = &mut progress {
                so_far.done += 1;
                so_far.failed += usize::from(outcome.is_err());
                report(so_far);
            }
        })
    }
}

async fn one<In: Send, R: Runnable<In>>(
    step: &R,
    index: usize,
    input: In,
    cx: &Context,
    config: &Config,
    each: Option<&Each<In>>,
) -> Result<R::Output> {
    let Some(each) = each else {
        let given = cx.given(|| step.input_json(&input));
        let cx = given.as_ref().unwrap_or(cx);
        return before_end(&EMPTY, cx, config, step.call(input, cx)).await;
    };
    let own = each(index, &input);
    let inner = cx.configured(&own);
    let inner = inner.given(|| step.input_json(&input)).unwrap_or(inner);
    let work = before_end(cx, &inner, &own, step.call(input, &inner));
    before_end(&EMPTY, cx, config, work).await
}

#[cold]
fn locate(error: Error, index: usize, name: Option<&str>) -> Error {
    let error = error.at(Segment::Index(index));
    match name {
        Some(name) => error.at(Segment::Step(name.to_owned().into())),
        None => error,
    }
}

impl<'a, R, I, In> IntoFuture for Batch<'a, R, I, In, All>
where
    In: Send + 'a,
    R: Runnable<In>,
    I: Stream<Item = In> + Send + 'a,
{
    type Output = Vec<Result<R::Output>>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut all = Vec::with_capacity(self.inputs.size_hint().0);
            let mut outcomes = std::pin::pin!(self.outcomes(usize::MAX));
            while let Some((index, outcome)) = outcomes.next().await {
                put(&mut all, index, outcome);
            }
            all.into_iter().flatten().collect()
        })
    }
}

impl<'a, R, I, In> IntoFuture for Batch<'a, R, I, In, First>
where
    In: Send + 'a,
    R: Runnable<In>,
    I: Stream<Item = In> + Send + 'a,
{
    type Output = Result<Vec<R::Output>>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut all = Vec::with_capacity(self.inputs.size_hint().0);
            let outcomes = self.outcomes(usize::MAX).map(|(index, outcome)| Ok::<_, Error>((index, outcome?)));
            let mut outcomes = std::pin::pin!(outcomes);
            while let Some((index, output)) = outcomes.try_next().await? {
                put(&mut all, index, output);
            }
            Ok(all.into_iter().flatten().collect())
        })
    }
}

/// In the place of its input, though others may come first.
fn put<T>(all: &mut Vec<Option<T>>, index: usize, value: T) {
    if all.len() <= index {
        all.resize_with(index + 1, || None);
    }
    all[index] = Some(value);
}

/// The outcomes of a batch in the order in which they come, each with the number of its input; made by
/// [`batch_as_completed`](crate::RunnableExt::batch_as_completed). Set it up before it is read.
///
/// Inputs are pulled as others are done: however many there are, at most as many are held as run at once, which without
/// a limit are 64. Dropping it stops what runs.
pub struct AsCompleted<'a, R, I, In, O> {
    setup: Option<Batch<'a, R, I, In, All>>,
    outcomes: Option<BoxStream<'a, (usize, Result<O>)>>,
}

impl<'a, R, I, In, O> AsCompleted<'a, R, I, In, O> {
    pub(crate) fn new(step: &'a R, inputs: I) -> Self {
        AsCompleted { setup: Some(Batch::new(step, inputs)), outcomes: None }
    }

    fn set(mut self, set: impl FnOnce(Batch<'a, R, I, In, All>) -> Batch<'a, R, I, In, All>) -> Self {
        self.setup = self.setup.map(set);
        self
    }

    /// At most so many at once; see [`Batch::max_concurrency`].
    pub fn max_concurrency(self, most: usize) -> Self {
        self.set(|batch| batch.max_concurrency(most))
    }

    /// Settings for all; see [`Batch::config`].
    pub fn config(self, config: Config) -> Self {
        self.set(|batch| batch.config(config))
    }

    /// Settings for each; see [`Batch::config_each`].
    pub fn config_each(self, config: impl Fn(usize, &In) -> Config + Send + Sync + 'static) -> Self {
        self.set(|batch| batch.config_each(config))
    }

    /// Do this each time an input is done.
    pub fn on_progress(self, report: impl FnMut(Progress) + Send + 'a) -> Self {
        self.set(|batch| batch.on_progress(report))
    }

    /// Show a progress bar; see [`Batch::progress_bar`].
    #[cfg(feature = "progress")]
    pub fn progress_bar(self) -> Self {
        self.set(Batch::progress_bar)
    }
}

// What is pinned is boxed.
impl<R, I, In, O> Unpin for AsCompleted<'_, R, I, In, O> {}

impl<'a, R, I, In> Stream for AsCompleted<'a, R, I, In, R::Output>
where
    In: Send + 'a,
    R: Runnable<In>,
    I: Stream<Item = In> + Send + 'a,
{
    type Item = (usize, Result<R::Output>);

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        if let Some(batch) = self.setup.take() {
            self.outcomes = Some(batch.outcomes(AS_COMPLETED).boxed());
        }
        match &mut self.outcomes {
            Some(outcomes) => outcomes.poll_next_unpin(task),
            None => Poll::Ready(None),
        }
    }
}
