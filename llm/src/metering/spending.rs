//! What a run took, in tokens and in money.

use crate::{Cost, PriceTable, Usage};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts what the models of a run take: put it into the run's [`Config`](catena::Config), and read it afterwards, or
/// meanwhile. A clone counts into the same.
///
/// Every request counts, for each one is paid for: those of all branches and items, each attempt of a retry, the first
/// choice and the fallback, the losers of a race, and what a timeout stopped. Of what failed the tokens count that the
/// provider told of; [`Spent::unreported`] says how many requests were answered without a word of tokens.
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
/// Of several in one run that of the run itself counts, not those of its [parts](catena::StepExt::with_config). A run
/// without one pays a look into its context for each request, and nothing else.
#[derive(Clone, Default)]
pub struct Spending(Arc<Mutex<BTreeMap<String, Count>>>);

/// What one model took; see [`Spending::models`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spent {
    /// The model, by the name that it is asked by.
    pub model: String,
    /// The requests, with those that failed.
    pub calls: u64,
    /// Those of them that failed, or were stopped on the way.
    pub failed: u64,
    /// Those of them that may have used tokens which nobody told of: answers without usage, and answers that broke off
    /// or were stopped on the way. While there are any, the tokens and the cost are the least that was used.
    pub unreported: u64,
    /// The tokens, with what failed requests told of.
    pub usage: Usage,
    /// Those that were used by requests that failed.
    pub failed_usage: Usage,
    /// By the name that the provider gives the model in its answers.
    answered: Vec<(Option<String>, Usage)>,
}

impl Spent {
    /// What the tokens cost; `None` where the price of the model is not known, neither by the name that its answers tell
    /// nor by the one it is asked by.
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

/// How a request ended.
pub(crate) enum Ending {
    Answered,
    /// It failed before anything was answered.
    Refused,
    /// It failed, or was stopped, while it was being answered.
    BrokenOff,
}

impl Spending {
    /// Nothing yet.
    pub fn new() -> Self {
        Spending::default()
    }

    /// The requests so far, with those that failed.
    pub fn calls(&self) -> u64 {
        self.counts().values().map(|count| count.calls).sum()
    }

    /// The tokens so far, of all models together.
    pub fn usage(&self) -> Usage {
        self.counts().values().flat_map(|count| count.answered.values()).sum()
    }

    /// What it cost so far; `None` while the price of one of the models is not known. See [`Spent::unreported`].
    pub fn cost(&self, prices: &PriceTable) -> Option<Cost> {
        self.models().iter().map(|spent| spent.cost(prices)).sum()
    }

    /// Model by model, in the order of their names.
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

    /// Count a request. `answered_by` is the model as the answer names it.
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
