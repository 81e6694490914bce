//! What happens to which request, in turn.

use std::sync::{Mutex, PoisonError};

use super::{Answer, Fault, Provider, Target};

/// One rule: what is done, and how often.
#[derive(Debug)]
struct Rule {
    target: Target,
    action: Action,
    /// `None`: always.
    limit: Option<usize>,
    used: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Action {
    /// The responder's answer, with this fault.
    Fail(Fault),
    /// This answer.
    Answer(Answer),
    /// The responder's answer.
    Pass,
}

/// All rules, in the order they were written.
#[derive(Debug, Default)]
pub(super) struct Rules(Mutex<Vec<Rule>>);

impl Rules {
    /// The action for this request: of the rules not used up, the first of those with the most precise target.
    pub(super) fn next(&self, provider: Provider, model: &str) -> Action {
        let mut rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open =
            |rule: &&mut Rule| rule.limit.is_none_or(|limit| rule.used < limit) && rule.target.matches(provider, model);
        // `min_by_key` keeps the first of equals.
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

/// Writes what happens to the requests of a [`Target`], one after the other; see [`Simulator::script`].
///
/// Each of `fail`, `answer` and `pass` concerns one request, unless `times` or `always` follows. After the script's
/// end the responder answers. What is written takes effect at once.
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

    /// The next request goes wrong like this.
    pub fn fail(self, fault: impl Into<Fault>) -> Self {
        self.push(Action::Fail(fault.into()))
    }

    /// The next request gets this answer.
    pub fn answer(self, answer: impl Into<Answer>) -> Self {
        self.push(Action::Answer(answer.into()))
    }

    /// The next request is answered by the responder.
    pub fn pass(self) -> Self {
        self.push(Action::Pass)
    }

    /// The step just written concerns this many requests instead of one. Before any step it does nothing.
    pub fn times(self, times: usize) -> Self {
        self.limit(Some(times))
    }

    /// The step just written concerns all requests from there on. Before any step it does nothing.
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
