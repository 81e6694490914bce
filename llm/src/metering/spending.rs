//! The usage and the cost of a run.

use crate::{Cost, PriceTable, Usage};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A counter of the usage of a run's models. Add it to the run's [`Config`](catena::Config), and read it during the run
/// or afterwards. A clone is the same counter.
///
/// Every request counts, because each one is paid for. That includes all branches and items, each attempt of a retry,
/// and the first choice and the fallback. It also includes the losers of a race, and requests that a timeout cancelled.
/// Failed requests count with the tokens that the provider reported. [`Spent::unreported`] is the number of requests
/// without a reported usage.
///
/// ```
/// use catena::{Config, Context, RunnableExt, StepExt};
/// use catena_llm::{Chat, ChatModel, ChatRequest, Message, PriceTable, Spending, Usage};
///
/// struct Parrot;
///
/// impl ChatModel for Parrot {
///     fn name(&self) -> &str { "gpt-4o" }
///
///     async fn complete(&self, request: ChatRequest, _cx: &Context) -> catena::Result<Message> {
///         Ok(Message::assistant("Hello!").with_usage(Usage::new(1000, 100)))
///     }
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let spending = Spending::new();
/// let parrots = Chat::new(Parrot).map();
/// parrots.invoke_with(vec!["Hello", "Hi"], Config::new().with(spending.clone())).await?;
/// assert_eq!(spending.calls(), 2);
/// assert_eq!(spending.usage(), Usage::new(2000, 200));
/// assert_eq!(spending.cost(&PriceTable::default()).unwrap().to_string(), "$0.007");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// If both the run and a [part of it](catena::StepExt::with_config) have a counter, the counter of the run applies.
/// Without a counter, each request costs one lookup in the context.
#[derive(Clone, Default)]
pub struct Spending(Arc<Mutex<BTreeMap<String, Count>>>);

/// The usage of one model; see [`Spending::models`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spent {
    /// The name of the model that was called.
    pub model: String,
    /// The number of requests, including failed ones.
    pub calls: u64,
    /// The number of requests that failed, or were cancelled in flight.
    pub failed: u64,
    /// The number of requests that may have used tokens without a report: answers without a usage, and answers that
    /// broke off or were cancelled. If it is not 0, the tokens and the cost are lower bounds.
    pub unreported: u64,
    /// The tokens, including those that failed requests reported.
    pub usage: Usage,
    /// The tokens of failed requests.
    pub failed_usage: Usage,
    /// The tokens, by the name that the provider gives the model in its answers.
    answered: Vec<(Option<String>, Usage)>,
}

impl Spent {
    /// Returns the cost of the tokens. `None` if the table has neither the model that the answers name, nor the model
    /// that was called.
    pub fn cost(&self, prices: &PriceTable) -> Option<Cost> {
        let price = |name: Option<&str>| name.and_then(|name| prices.price(name)).or_else(|| prices.price(&self.model));
        self.answered.iter().map(|(name, usage)| Some(price(name.as_deref())?.of(usage))).sum()
    }
}

#[derive(Debug, Default)]
struct Count {
    calls: u64,
    failed: u64,
    unreported: u64,
    failed_usage: Usage,
    answered: HashMap<Option<String>, Usage>,
}

/// The end of a request.
pub(crate) enum Ending {
    Answered,
    /// It failed before anything was received.
    Refused,
    /// It failed or was cancelled after something was received.
    BrokenOff,
}

impl Spending {
    /// Creates a counter.
    pub fn new() -> Self {
        Spending::default()
    }

    /// Returns the number of requests so far, including failed ones.
    pub fn calls(&self) -> u64 {
        self.counts().values().map(|count| count.calls).sum()
    }

    /// Returns the tokens of all models so far.
    pub fn usage(&self) -> Usage {
        self.counts().values().flat_map(|count| count.answered.values()).sum()
    }

    /// Returns the cost so far, or `None` if the price of one of the models is unknown. See [`Spent::unreported`].
    pub fn cost(&self, prices: &PriceTable) -> Option<Cost> {
        self.models().iter().map(|spent| spent.cost(prices)).sum()
    }

    /// Returns the usage of each model, ordered by name.
    pub fn models(&self) -> Vec<Spent> {
        let spent = |(model, count): (&String, &Count)| Spent {
            model: model.clone(),
            calls: count.calls,
            failed: count.failed,
            unreported: count.unreported,
            usage: count.answered.values().sum(),
            failed_usage: count.failed_usage,
            answered: count.answered.iter().map(|(name, usage)| (name.clone(), *usage)).collect(),
        };
        self.counts().iter().map(spent).collect()
    }

    /// Counts a request. `answered_by` is the model that the answer names.
    pub(crate) fn add(&self, model: &str, answered_by: Option<&str>, usage: Option<Usage>, ending: &Ending) {
        let mut counts = self.counts();
        if !counts.contains_key(model) {
            counts.insert(model.to_owned(), Count::default());
        }
        let Some(count) = counts.get_mut(model) else { return };
        count.calls += 1;
        match (ending, usage) {
            (Ending::Answered, _) => {}
            (Ending::Refused | Ending::BrokenOff, usage) => {
                count.failed += 1;
                count.failed_usage += usage.unwrap_or_default();
            }
        }
        match usage {
            Some(usage) => *count.answered.entry(answered_by.map(str::to_owned)).or_default() += usage,
            None if matches!(ending, Ending::Refused) => {}
            None => count.unreported += 1,
        }
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<String, Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Spending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Spending").field(&self.models()).finish()
    }
}
