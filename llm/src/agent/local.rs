//! The state of one run of an agent, inside of its hooks and tools.

use super::AgentPaused;
use crate::{Message, ToolCall};
use serde_json::Value;
use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

tokio::task_local! {
    static LOCAL: Local;
}

/// The state of one run that its hooks share, and the answers of models that the run paid for besides its own: those of
/// agents that are its tools, and of its hooks.
///
/// It belongs to the task and not to the context, because an agent inside of another has its own, and a context keeps the
/// outermost of its values.
#[derive(Clone, Default)]
pub(super) struct Local(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// With whether a recorder had kept them.
    answers: Vec<(Message, bool)>,
    /// The calls of each tool that were made before the run was resumed.
    earlier: HashMap<String, u32>,
    /// The calls that each hook has counted, by the hook and the tool.
    counted: HashMap<(usize, String), u32>,
    values: HashMap<&'static str, Value>,
    /// The states of agents inside that were paused, by the ids of the calls that they are in.
    paused: HashMap<String, AgentPaused>,
}

impl Local {
    /// Creates the state of a run, in which these calls were made before.
    pub(super) fn new<'a>(earlier: impl IntoIterator<Item = &'a ToolCall>) -> Self {
        let local = Local::default();
        for call in earlier {
            *local.state().earlier.entry(call.name.clone()).or_default() += 1;
        }
        local
    }

    /// Returns the state of the agent around this call, if there is one.
    pub(super) fn around() -> Option<Local> {
        LOCAL.try_with(Local::clone).ok()
    }

    /// Runs `work` with this state around it.
    pub(super) async fn scope<F: Future>(self, work: F) -> F::Output {
        LOCAL.scope(self, work).await
    }

    /// Adds an answer that was paid for.
    pub(super) fn add(&self, answer: &Message, is_replayed: bool) {
        self.state().answers.push((answer.clone(), is_replayed));
    }

    /// Removes and returns the answers.
    pub(super) fn drain(&self) -> Vec<(Message, bool)> {
        std::mem::take(&mut self.state().answers)
    }

    /// Counts a call of a tool for this hook. Returns its number in the run, from 1.
    pub(super) fn count_call(&self, hook: usize, tool: &str) -> u32 {
        let mut state = self.state();
        let earlier = state.earlier.get(tool).copied().unwrap_or_default();
        let counted = state.counted.entry((hook, tool.to_owned())).or_default();
        *counted += 1;
        earlier.saturating_add(*counted)
    }

    /// Stores a value for the rest of the run.
    pub(super) fn set(&self, key: &'static str, value: Value) {
        self.state().values.insert(key, value);
    }

    pub(super) fn get(&self, key: &'static str) -> Option<Value> {
        self.state().values.get(key).cloned()
    }

    /// Keeps the state of an agent inside, until the call that it is in is made again.
    pub(super) fn put_paused(&self, call: String, paused: AgentPaused) {
        self.state().paused.insert(call, paused);
    }

    pub(super) fn take_paused(&self, call: &str) -> Option<AgentPaused> {
        self.state().paused.remove(call)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts an answer of a model towards the agent around this call.
pub(super) fn count(answer: &Message) {
    if let Some(local) = Local::around() {
        local.add(answer, false);
    }
}
