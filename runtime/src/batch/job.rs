use super::{
    progress::Reports,
    settings::{Each, Settings},
};
use crate::{
    Config, Context, Error, ErrorKind, Listeners, Result, Runnable, Segment,
    batch::fan_out::FanOut,
    error::path::locate,
    run::{
        deadline::{run_until_stopped, stopped},
        lifecycle,
    },
    step::{call::future_of, locate::name_of},
};
use futures_core::Stream;
use futures_util::{
    FutureExt, StreamExt,
    future::{BoxFuture, Either},
};
use pin_project_lite::pin_project;
use std::{
    future::Future,
    ops::Deref,
    pin::Pin,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    task::{Context as Task, Poll, ready},
};

/// A batch on its way.
pub(super) struct Job<'a, R, In> {
    chain: &'a R,
    outer: Context,
    cx: Context,
    config: Config,
    each: Option<Each<'a, In>>,
    /// Of each item: they listen to one run.
    listeners: Vec<Listeners>,
    /// `true` if an item is more than its call: it has observers or settings of its own.
    apart: bool,
    /// Under a limit, the contexts of items.
    slots: Option<Slots>,
}

/// Contexts of items that each have a place to themselves under a limit. An item takes one that no other item has.
struct Slots {
    contexts: Vec<OnceLock<Context>>,
    free: Arc<Mutex<Vec<usize>>>,
}

/// The most of them that are kept; further items get one that is theirs alone.
const SLOTS: usize = 256;

struct Slot {
    number: usize,
    free: Arc<Mutex<Vec<usize>>>,
}

impl Slots {
    fn new(places: usize) -> Self {
        let places = places.min(SLOTS);
        let contexts = std::iter::repeat_with(OnceLock::new).take(places).collect();
        Slots { contexts, free: Arc::new(Mutex::new((0..places).rev().collect())) }
    }

    fn take(&self) -> Option<Slot> {
        let number = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        Some(Slot { number, free: Arc::clone(&self.free) })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(self.number);
    }
}

/// The end of a batch that has work around it.
pub(super) struct Ending {
    config: Config,
    error: Option<Error>,
}

impl Ending {
    /// Notes the result of an item. The error of the whole is that of an item that waits for later, or else the first.
    pub(super) fn note<O>(&mut self, result: &Result<O>) {
        if let Err(error) = result
            && (self.error.is_none() || *error.kind() == ErrorKind::Paused)
        {
            self.error = Some(error.clone());
        }
    }

    pub(super) async fn end(self) {
        lifecycle::end(&self.config, self.error.as_ref()).await;
    }
}

/// The fate of unfinished items when the whole batch is stopped.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Rest {
    /// All of them have that error.
    All,
    /// The items in flight get the error, or else the next one.
    First,
    /// It is the batch that has it.
    Failed,
}

pin_project! {
    /// An item in flight.
    struct Item<F> {
        index: usize,
        // Dropped before its place is given back.
        #[pin]
        work: F,
        slot: Option<Slot>,
    }
}

impl<O, F: Future<Output = Result<O>>> Future for Item<F> {
    type Output = (usize, Result<O>);

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        let index = self.index;
        self.project().work.poll(task).map(|result| (index, result))
    }
}

impl<'a, In: Send + 'a, R: Runnable<In>> Job<'a, R, In> {
    pub(super) fn new(chain: &'a R, settings: Settings<'a, In>) -> (Self, Reports<'a>) {
        let Settings { mut config, limit, each, outer, progress } = settings;
        config.max_concurrency = limit.or(config.max_concurrency);
        // Two runs cannot share one.
        config.run_id = None;
        let listeners = std::mem::take(&mut config.listeners);
        let cx = outer.configured_if(&config);
        let apart = each.is_some() || cx.is_observed() || !listeners.is_empty() || cx.tracked_place().is_some();
        let slots = cx.limit().map(|limit| Slots::new(limit.places()));
        (Job { chain, outer, cx, config, each, listeners, apart, slots }, Reports::new(progress))
    }

    /// Begins what the configuration has around the whole. Returns its error, which is then that of the batch.
    pub(super) async fn begin(&self) -> Option<Error> {
        lifecycle::begin(&self.config, &self.chain).await.err()
    }

    /// Returns the end of what the configuration has around the whole, if there is any.
    pub(super) fn ending(&self) -> Option<Ending> {
        (!self.config.lifecycles.is_empty()).then(|| Ending { config: self.config.clone(), error: None })
    }

    /// Returns `true` if the number of concurrent items is set, even to all of them.
    pub(super) fn is_limited(&self) -> bool {
        self.config.max_concurrency.is_some() || self.cx.limit().is_some()
    }

    /// The results in the order they come, for one who keeps the job meanwhile.
    pub(super) fn results<'j, Inputs>(
        &'j self,
        inputs: Inputs,
        rest: Rest,
        reports: Reports<'j>,
        refused: Option<Error>,
    ) -> impl Stream<Item = (usize, Result<R::Output>)> + Send + 'j
    where
        Inputs: Stream<Item = In> + Unpin + Send + 'j,
    {
        let start = |index, input| {
            let slot = self.slot();
            let work = match self.context(slot.as_ref()) {
                // Nothing around the call: this is the size of an item.
                Some(cx) => Either::Left(future_of(&self.chain, input, cx)),
                None => Either::Right(self.apart(index, input)),
            };
            Item { index, work, slot }
        };
        run(self, FanOut::new(inputs, usize::MAX, &self.cx, start), rest, reports, refused)
    }

    /// Returns the job as a stream, with at most `most` concurrent items.
    pub(super) fn into_results<Inputs>(
        self,
        inputs: Inputs,
        most: usize,
        rest: Rest,
        reports: Reports<'a>,
        refused: Option<Error>,
    ) -> impl Stream<Item = (usize, Result<R::Output>)> + Send + 'a
    where
        Inputs: Stream<Item = In> + Unpin + Send + 'a,
    {
        let job = Arc::new(self);
        let shared = Arc::clone(&job);
        let start = move |index, input| {
            let job = Arc::clone(&shared);
            let slot = job.slot();
            let number = slot.as_ref().map(|slot| slot.number);
            let work = if job.context(slot.as_ref()).is_none() {
                let work: BoxFuture<'a, _> = Box::pin(async move { job.apart(index, input).await });
                Either::Right(work)
            } else {
                Either::Left(async move { future_of(&job.chain, input, job.context_of(number)).await })
            };
            Item { index, work, slot }
        };
        let fan = FanOut::new(inputs, most, &job.cx, start);
        run(job, fan, rest, reports, refused)
    }

    /// An item with a context of its own. Its error has the name that its settings give it already.
    fn apart(&self, index: usize, input: In) -> BoxFuture<'_, Result<R::Output>> {
        if self.each.is_none() && self.listeners.is_empty() && !self.cx.is_observed() {
            return Box::pin(async move {
                let item = self.cx.item(index);
                let cx = item.as_ref().unwrap_or(&self.cx).placed().or(item);
                future_of(&self.chain, input, cx.as_ref().unwrap_or(&self.cx)).await
            });
        }
        Box::pin(async move {
            let mut config = self.each.as_ref().map(|each| each(index, &input)).unwrap_or_default();
            config.listeners.splice(..0, self.listeners.iter().cloned());
            let cx = self.cx.configured_if(&config);
            let cx = cx.given(|| self.chain.input_json(&input)).unwrap_or(cx);
            let cx = cx.item(index).unwrap_or(cx);
            let cx = cx.placed().unwrap_or(cx);
            run_until_stopped(&self.cx, &cx, &config, self.chain.call(input, &cx)).await.map_err(|error| match &config
                .run_name
            {
                Some(name) => locate(error, Some(name)),
                None => error,
            })
        })
    }

    fn slot(&self) -> Option<Slot> {
        if self.apart { None } else { self.slots.as_ref()?.take() }
    }

    /// The context of an item, if it is one that the job keeps.
    fn context(&self, slot: Option<&Slot>) -> Option<&Context> {
        let kept = !self.apart && (slot.is_some() || self.slots.is_none());
        kept.then(|| self.context_of(slot.map(|slot| slot.number)))
    }

    fn context_of(&self, slot: Option<usize>) -> &Context {
        match (&self.slots, slot) {
            (Some(slots), Some(number)) => slots.contexts[number].get_or_init(|| self.cx.in_own_place()),
            _ => &self.cx,
        }
    }

    fn stops(&self) -> bool {
        !self.config.cancel.is_empty() || self.config.deadline.is_some()
    }

    /// Ready when the whole is stopped.
    async fn stopped(&self) -> Error {
        stopped(&self.outer, &self.cx, &self.config).await
    }

    /// Of an item, or of the whole.
    #[cold]
    fn locate(&self, error: Error, index: Option<usize>) -> Error {
        let error = match index {
            // The name stands outside of the index.
            Some(index) => error.at(Segment::Index(index)),
            None => error,
        };
        locate(error, self.config.run_name.as_deref().or_else(|| name_of(&self.chain, "")))
    }
}

/// The outcomes of the fan, until something stops it.
fn run<'a, 'j, R, In, J, Inputs, S, F>(
    job: J,
    mut fan: FanOut<Inputs, S, Item<F>>,
    rest: Rest,
    mut reports: Reports<'j>,
    refused: Option<Error>,
) -> impl Stream<Item = (usize, Result<R::Output>)> + Send + 'j
where
    'a: 'j,
    In: Send + 'a,
    R: Runnable<In> + 'a,
    J: Deref<Target = Job<'a, R, In>> + Clone + Send + 'j,
    Inputs: Stream<Item = In> + Unpin + Send + 'j,
    S: FnMut(usize, In) -> Item<F> + Send + 'j,
    F: Future<Output = Result<R::Output>> + Send + 'j,
{
    reports.begin(fan.size_hint());
    let mut stop = job.stops().then(|| {
        let job = job.clone();
        async move { job.stopped().await }.boxed()
    });
    let mut stopping = job.config.check_limit().err().or(refused).map(|error| {
        let rest = if rest == Rest::First { Rest::All } else { rest };
        Stopping { error, under_way: Vec::new(), inputs: fan.stop(), next: 0, rest }
    });
    futures_util::stream::poll_fn(move |task| {
        if stopping.is_none()
            && let Some(stop) = &mut stop
            && let Poll::Ready(error) = stop.poll_unpin(task)
        {
            let mut under_way: Vec<usize> = fan.running().map(|item| item.index).collect();
            under_way.sort_unstable_by(|a, b| b.cmp(a));
            stopping = Some(Stopping { error, under_way, inputs: fan.stop(), next: fan.taken(), rest });
        }
        let result = match &mut stopping {
            None => ready!(fan.poll_next(task)).map(|(index, result)| (Some(index), result)),
            Some(stopping) => ready!(stopping.poll_next(task)).map(|(index, error)| (index, Err(error))),
        };
        Poll::Ready(result.map(|(index, result)| {
            let result = result.map_err(|error| job.locate(error, index));
            reports.finished(&result);
            (index.unwrap_or_default(), result)
        }))
    })
}

/// The items that a stopped batch still has to speak of.
struct Stopping<Inputs> {
    error: Error,
    /// The first one last.
    under_way: Vec<usize>,
    inputs: Option<Inputs>,
    next: usize,
    rest: Rest,
}

impl<Inputs: Stream + Unpin> Stopping<Inputs> {
    /// The next one, or nothing where it is the whole that has failed.
    fn poll_next(&mut self, task: &mut Task<'_>) -> Poll<Option<(Option<usize>, Error)>> {
        if self.rest == Rest::Failed {
            return Poll::Ready(Some((None, self.error.clone())));
        }
        if let Some(index) = self.under_way.pop() {
            if self.rest == Rest::First {
                self.inputs = None;
            }
            return Poll::Ready(Some((Some(index), self.error.clone())));
        }
        let Some(inputs) = &mut self.inputs else { return Poll::Ready(None) };
        let input = inputs.poll_next_unpin(task);
        if self.rest == Rest::First || matches!(input, Poll::Ready(None)) {
            self.inputs = None;
        }
        match input {
            Poll::Ready(Some(_)) => {
                self.next += 1;
                Poll::Ready(Some((Some(self.next - 1), self.error.clone())))
            }
            // Whoever stops it does not want to wait for inputs.
            Poll::Pending if self.rest == Rest::First => Poll::Ready(None),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}
