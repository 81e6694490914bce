//! Scripts: the actions for requests, in order.

use std::sync::{Mutex, PoisonError};

use super::{Answer, Fault, Provider, Target};

/// An action, and how often it applies.
#[derive(Debug)]
struct Rule {
    target: Target,
    action: Action,
    /// `None` means always.
    limit: Option<usize>,
    used: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Action {
    /// The responder's answer with this fault.
    Fail(Fault),
    /// This answer.
    Answer(Answer),
    /// The responder's answer.
    Pass,
}

/// All rules, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Rules(Mutex<Vec<Rule>>);

impl Rules {
    /// Returns the action for a request: of the rules that are not used up, the first with the most precise target.
    pub(super) fn next(&self, provider: Provider, model: &str) -> Action {
        let mut rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open =
            |rule: &&mut Rule| rule.limit.is_none_or(|limit| rule.used < limit) && rule.target.matches(provider, model);
        // `min_by_key` returns the first of equal elements.
        match rules.iter_mut().filter(open).min_by_key(|rule| u8::MAX - rule.target.precision()) {
            Some(rule) => {
                rule.used += 1;
                rule.action.clone()
            }
            None => Action::Pass,
        }
    }

    fn push(&self, target: Target, action: Action) -> usize {
        let mut rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rules.push(Rule { target, action, limit: Some(1), used: 0 });
        rules.len() - 1
    }

    fn limit(&self, index: usize, limit: Option<usize>) {
        let mut rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rule) = rules.get_mut(index) {
            rule.limit = limit;
        }
    }
}

/// A script for the requests of a [`Target`], one after the other; see [`Simulator::script`].
///
/// Each of `fail`, `answer` and `pass` applies to one request, unless `times` or `always` follows. After the end of the
/// script the responder answers. Changes apply immediately.
///
/// [`Simulator::script`]: super::Simulator::script
#[derive(Debug)]
pub struct Script<'a> {
    rules: &'a Rules,
    target: Target,
    last: Option<usize>,
}

impl<'a> Script<'a> {
    pub(super) fn new(rules: &'a Rules, target: Target) -> Self {
        Self { rules, target, last: None }
    }

    /// Adds a fault for the next request.
    pub fn fail(self, fault: impl Into<Fault>) -> Self {
        self.push(Action::Fail(fault.into()))
    }

    /// Adds an answer for the next request.
    pub fn answer(self, answer: impl Into<Answer>) -> Self {
        self.push(Action::Answer(answer.into()))
    }

    /// Lets the responder answer the next request.
    pub fn pass(self) -> Self {
        self.push(Action::Pass)
    }

    /// Applies the last step to this many requests instead of one. Has no effect before the first step.
    pub fn times(self, times: usize) -> Self {
        self.limit(Some(times))
    }

    /// Applies the last step to all further requests. Has no effect before the first step.
    pub fn always(self) -> Self {
        self.limit(None)
    }

    fn push(mut self, action: Action) -> Self {
        self.last = Some(self.rules.push(self.target.clone(), action));
        self
    }

    fn limit(self, limit: Option<usize>) -> Self {
        if let Some(last) = self.last {
            self.rules.limit(last, limit);
        }
        self
    }
}
