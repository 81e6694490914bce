//! What a run may cost, in money or tokens.
//!
//! A [`Budget`] is put into the configuration of a run, or of a part of it, and every [`Chat`](crate::Chat) under it counts: in
//! parallel maps, batches, retries and fallbacks. Or it is of some models, wherever they are asked, by
//! [`Chat::budgeted`](crate::Chat::budgeted).
//!
//! ```
//! use catena::{Config, RunnableExt};
//! use catena_llm::{Usage, budget::{Budget, BudgetExceeded}, testing::{Reply, Scripted}};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let reply = || Reply::from("Yes.").usage(Usage::new(1000, 100));
//! let chat = Scripted::answers([reply(), reply()]).named("gpt-4o").chat();
//!
//! let budget = Budget::dollars("$0.005".parse()?);
//! let run = || Config::new().with(budget.clone());
//! chat.invoke_with("Is it?", run()).await?;
//! assert_eq!(budget.spent().cost.to_string(), "$0.0035");
//!
//! let error = chat.invoke_with("And now?", run()).await.unwrap_err();
//! assert_eq!(error.message(), "the budget of $0.005 is exceeded: $0.007 is spent, the last $0.0035 of it by gpt-4o");
//! assert!(error.downcast_ref::<BudgetExceeded>().is_some());
//! # Ok::<(), catena::Error>(()) }).unwrap();
//! ```

mod charge; // the calls of models, counted
mod exceeded; // the error
mod model; // the model with a budget

pub use exceeded::BudgetExceeded;
pub use model::Budgeted;

pub(crate) use charge::{complete, stream};

use crate::{Cost, Price, PriceTable, Usage};
use catena::{Error, ErrorKind, Result};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A limit on what models cost. A clone is the same budget: make one for each run, or one for all runs of a day.
///
/// It is looked at before a model is asked, and counted after: where it is used up nothing is sent, and the answer that exceeds
/// it is an error, which no retry repeats. (That answer is paid for. So are answers that were under way at once: they can
/// exceed it together.) Of nested configurations the outermost budget counts, as with all [`Config::with`](catena::Config::with).
///
/// # What counts
/// The [usage](crate::Message::usage) that the provider tells. Where it tells none, as for a stream that broke off or was
/// dropped on the way, an estimate from the length of what was sent and answered: a token for every four characters. Answers out of a
/// [cache](crate::cache) cost nothing. A call that fails or is dropped before anything has come is not counted.
#[derive(Clone)]
pub struct Budget {
    cost: Option<Cost>,
    tokens: Option<u64>,
    prices: Arc<PriceTable>,
    default_price: Option<Price>,
    spent: Arc<Mutex<Expenses>>,
}

/// What was spent of a [`Budget`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expenses {
    /// The money, as far as prices are known.
    pub cost: Cost,
    /// The tokens.
    pub usage: Usage,
    /// The money and the tokens of each model, by the names that they are asked by.
    pub by_model: BTreeMap<String, (Cost, Usage)>,
}

impl Budget {
    /// So much money. Each model needs a price: in the usual [`PriceTable`], [another](Budget::prices), or
    /// [by default](Budget::default_price).
    pub fn dollars(limit: Cost) -> Self {
        Budget { cost: Some(limit), ..Budget::unlimited() }
    }

    /// So many tokens, sent and answered. No prices are needed.
    pub fn tokens(limit: u64) -> Self {
        Budget { tokens: Some(limit), ..Budget::unlimited() }
    }

    /// No limit: it counts only. The cost is of models with a price.
    pub fn unlimited() -> Self {
        Budget { cost: None, tokens: None, prices: Arc::default(), default_price: None, spent: Arc::default() }
    }

    /// And so many tokens at most.
    pub fn and_tokens(self, limit: u64) -> Self {
        Budget { tokens: Some(limit), ..self }
    }

    /// With these prices.
    pub fn prices(self, prices: PriceTable) -> Self {
        Budget { prices: Arc::new(prices), ..self }
    }

    /// With this price for models that have none. Without it, asking such a model is an error where money is limited.
    pub fn default_price(self, price: Price) -> Self {
        Budget { default_price: Some(price), ..self }
    }

    /// What was spent so far.
    pub fn spent(&self) -> Expenses {
        self.state().clone()
    }

    /// Begin anew.
    pub fn reset(&self) {
        *self.state() = Expenses::default();
    }

    /// Whether a model may be asked.
    fn check(&self, model: &str) -> Result<()> {
        if self.cost.is_some() && self.price(None, model).is_none() {
            let message = format!(
                "the price of {model} is not known, and the run has a budget in dollars: set one in `Budget::prices`, or a `default_price`"
            );
            return Err(Error::new(ErrorKind::BadInput, message));
        }
        let spent = self.state();
        let used_up = self.cost.is_some_and(|limit| spent.cost >= limit)
            || self.tokens.is_some_and(|limit| spent.usage.total_tokens() >= limit);
        if used_up { Err(self.exceeded(&spent, model, None)) } else { Ok(()) }
    }

    /// Count what an answer took. The models: that which answered, and that which was asked.
    fn charge(&self, answered: Option<&str>, asked: &str, usage: Usage) -> Result<()> {
        let cost = self.price(answered, asked).map(|price| price.of(&usage)).unwrap_or_default();
        let mut spent = self.state();
        spent.cost += cost;
        spent.usage += usage;
        let of_model = spent.by_model.entry(asked.to_owned()).or_default();
        of_model.0 += cost;
        of_model.1 += usage;
        let exceeded = self.cost.is_some_and(|limit| spent.cost > limit)
            || self.tokens.is_some_and(|limit| spent.usage.total_tokens() > limit);
        if exceeded { Err(self.exceeded(&spent, asked, Some((cost, usage)))) } else { Ok(()) }
    }

    fn price(&self, answered: Option<&str>, asked: &str) -> Option<Price> {
        let known = answered.and_then(|model| self.prices.price(model)).or_else(|| self.prices.price(asked));
        known.or(self.default_price)
    }

    #[cold]
    fn exceeded(&self, spent: &Expenses, model: &str, last: Option<(Cost, Usage)>) -> Error {
        let exceeded = BudgetExceeded {
            cost_limit: self.cost,
            token_limit: self.tokens,
            spent: spent.clone(),
            model: model.to_owned(),
            last,
        };
        Error::from_source(ErrorKind::BadInput, exceeded)
    }

    fn state(&self) -> MutexGuard<'_, Expenses> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<&Budget> for Budget {
    fn from(budget: &Budget) -> Self {
        budget.clone()
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget")
            .field("cost", &self.cost)
            .field("tokens", &self.tokens)
            .field("spent", &*self.state())
            .finish_non_exhaustive()
    }
}
