//! Budgets: limits on the cost of a run, in money or tokens.
//!
//! A [`Budget`] is added to the configuration of a run, or of a part of it. It covers every [`Chat`](crate::Chat) in
//! it, including those in parallel maps, batches, retries and fallbacks. [`Chat::budgeted`](crate::Chat::budgeted)
//! gives a budget to certain models instead, in all runs.
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
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A limit on the cost of models. A clone is the same budget: create one for each run, or one for all runs of a day.
///
/// The budget is checked before each call and charged after it. Once it is used up, no request is sent. The answer that
/// exceeds the budget is an error that no retry repeats; that answer is paid for. Calls in flight at that time are paid
/// for too, so that they can exceed the budget together. If nested configurations set a budget, the outermost wins, as
/// with all [`Config::with`](catena::Config::with).
///
/// # Charged usage
/// The [usage](crate::Message::usage) that the provider reports is charged. If it reports none, the usage is estimated
/// at one token per four characters sent and received. That is the case for a stream that broke off or was dropped.
/// Answers of a [cache](crate::cache) are free. A call that fails or is dropped before anything was received is not
/// charged.
#[derive(Clone)]
pub struct Budget {
    cost: Option<Cost>,
    tokens: Option<u64>,
    prices: Arc<PriceTable>,
    default_price: Option<Price>,
    /// `true` if a model without a price is an error.
    is_strict: bool,
    spent: Arc<Mutex<Expenses>>,
    /// The models without a price that were warned of.
    warned: Arc<Mutex<BTreeSet<String>>>,
}

/// The expenses of a [`Budget`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expenses {
    /// The cost, as far as prices are known.
    pub cost: Cost,
    /// The tokens.
    pub usage: Usage,
    /// The cost and the tokens of each model, by the name of the model that was called.
    pub by_model: BTreeMap<String, (Cost, Usage)>,
}

impl Budget {
    /// Creates a limit in money. Prices are those of the default [`PriceTable`], of [another one](Budget::prices), or
    /// the [default price](Budget::default_price).
    ///
    /// The tokens of a model without a price are counted at no cost, with one warning for each such model. A
    /// [strict](Budget::strict) budget does not call it.
    pub fn dollars(limit: Cost) -> Self {
        Budget { cost: Some(limit), ..Budget::unlimited() }
    }

    /// Creates a limit on the sum of input and output tokens. It needs no prices.
    pub fn tokens(limit: u64) -> Self {
        Budget { tokens: Some(limit), ..Budget::unlimited() }
    }

    /// Creates a budget without a limit, which only counts. The cost includes models with a known price.
    pub fn unlimited() -> Self {
        Budget {
            cost: None,
            tokens: None,
            prices: Arc::default(),
            default_price: None,
            is_strict: false,
            spent: Arc::default(),
            warned: Arc::default(),
        }
    }

    /// Adds a limit on tokens.
    pub fn and_tokens(self, limit: u64) -> Self {
        Budget { tokens: Some(limit), ..self }
    }

    /// Sets the prices.
    pub fn prices(self, prices: PriceTable) -> Self {
        Budget { prices: Arc::new(prices), ..self }
    }

    /// Makes the call of a model without a price an error, if money is limited. The model is not called.
    pub fn strict(self) -> Self {
        Budget { is_strict: true, ..self }
    }

    /// Sets the price of models that have none.
    pub fn default_price(self, price: Price) -> Self {
        Budget { default_price: Some(price), ..self }
    }

    /// Returns the expenses so far.
    pub fn spent(&self) -> Expenses {
        self.state().clone()
    }

    /// Sets the expenses to zero.
    pub fn reset(&self) {
        *self.state() = Expenses::default();
    }

    /// Checks that a model may be called.
    fn check(&self, model: &str) -> Result<()> {
        if let Some(limit) = self.cost
            && self.price(None, model).is_none()
        {
            let cure = "set one in `Budget::prices`, or a `default_price`";
            if self.is_strict {
                let message = format!("the price of {model} is not known, and the budget is strict: {cure}");
                return Err(Error::new(ErrorKind::BadInput, message));
            }
            if self.warned.lock().unwrap_or_else(PoisonError::into_inner).insert(model.to_owned()) {
                tracing::warn!(
                    target: "catena_llm::budget",
                    model,
                    "the price of {model} is not known, so the budget of {limit} does not cover it: {cure}"
                );
            }
        }
        let spent = self.state();
        let used_up = self.cost.is_some_and(|limit| spent.cost >= limit)
            || self.tokens.is_some_and(|limit| spent.usage.total_tokens() >= limit);
        if used_up { Err(self.exceeded(&spent, model, None)) } else { Ok(()) }
    }

    /// Charges the usage of an answer. `answered` is the model that answered, `asked` the model that was called.
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
