use super::Expenses;
use crate::{Cost, Usage};
use std::{error::Error, fmt};

/// The source of the [`catena::Error`] of an exceeded [`Budget`](super::Budget).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetExceeded {
    pub(super) cost_limit: Option<Cost>,
    pub(super) token_limit: Option<u64>,
    pub(super) spent: Expenses,
    pub(super) model: String,
    pub(super) last: Option<(Cost, Usage)>,
}

impl BudgetExceeded {
    /// Returns the limit in money.
    pub fn cost_limit(&self) -> Option<Cost> {
        self.cost_limit
    }

    /// Returns the limit in tokens.
    pub fn token_limit(&self) -> Option<u64> {
        self.token_limit
    }

    /// Returns the expenses.
    pub fn spent(&self) -> &Expenses {
        &self.spent
    }

    /// Returns the model whose answer exceeded the budget, or that was not called because the budget was used up.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Returns whether the model was called. If so, its answer was paid for and is lost.
    pub fn was_asked(&self) -> bool {
        self.last.is_some()
    }

    /// Returns the limit, the total and the last expense, in money or in tokens, depending on which limit is exceeded.
    fn amounts(&self) -> (String, String, String) {
        let (last_cost, last_usage) = self.last.unwrap_or_default();
        match self.cost_limit {
            Some(limit) if self.spent.cost >= limit => {
                (limit.to_string(), self.spent.cost.to_string(), last_cost.to_string())
            }
            _ => {
                let tokens = |count: u64| format!("{count} tokens");
                let limit = tokens(self.token_limit.unwrap_or_default());
                (limit, tokens(self.spent.usage.total_tokens()), tokens(last_usage.total_tokens()))
            }
        }
    }
}

impl fmt::Display for BudgetExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (limit, spent, last) = self.amounts();
        let verb = if spent.ends_with("tokens") { "are" } else { "is" };
        let model = &self.model;
        if self.was_asked() {
            write!(f, "the budget of {limit} is exceeded: {spent} {verb} spent, the last {last} of it by {model}")
        } else {
            write!(f, "the budget of {limit} is used up: {spent} {verb} spent, so {model} is not asked")
        }
    }
}

impl Error for BudgetExceeded {}
