//! The tokens that a step used.

use catena::{Event, EventKind, Observer, RunKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The tokens that the models in a step used, as their providers count them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Usage {
    /// The answers of models.
    pub calls: u64,
    /// The tokens that were sent.
    pub input_tokens: u64,
    /// The tokens of the answers.
    pub output_tokens: u64,
    /// The calls by the name of the model.
    pub models: BTreeMap<String, u64>,
}

impl Usage {
    pub(crate) fn add(&mut self, other: &Usage) {
        self.calls = self.calls.saturating_add(other.calls);
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        for (model, calls) in &other.models {
            let sum = self.models.entry(model.clone()).or_default();
            *sum = sum.saturating_add(*calls);
        }
    }
}

impl Usage {
    /// The usage of one answer of a model, as JSON.
    pub(crate) fn of_answer(answer: &Value) -> Option<Self> {
        let told = answer.get("usage").or_else(|| answer.get("usage_metadata")).filter(|told| told.is_object())?;
        let count = |name| told.get(name).and_then(Value::as_u64).unwrap_or_default();
        let model = answer.get("model").and_then(Value::as_str);
        let models = model.map(|model| (model.to_owned(), 1)).into_iter().collect();
        Some(Usage { calls: 1, input_tokens: count("input_tokens"), output_tokens: count("output_tokens"), models })
    }
}

/// Counts the usage of the models in a step, from the events of their runs.
#[derive(Clone, Default)]
pub(crate) struct Meter(Arc<Mutex<Usage>>);

impl Meter {
    pub(crate) fn usage(&self) -> Usage {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Leaves out the usage of a step inside, which has a record of its own.
    pub(crate) fn subtract(&self, other: &Usage) {
        let mut usage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        usage.calls = usage.calls.saturating_sub(other.calls);
        usage.input_tokens = usage.input_tokens.saturating_sub(other.input_tokens);
        usage.output_tokens = usage.output_tokens.saturating_sub(other.output_tokens);
        for (model, calls) in &other.models {
            if let Some(count) = usage.models.get_mut(model) {
                *count = count.saturating_sub(*calls);
            }
        }
        usage.models.retain(|_, calls| *calls > 0);
    }
}

impl Observer for Meter {
    fn event(&self, event: &Event) {
        if event.run.kind() != RunKind::ChatModel || !matches!(event.kind, EventKind::End { .. }) {
            return;
        }
        let Some(told) = event.output().and_then(Usage::of_answer) else { return };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(&told);
    }

    fn follows(&self, run: &catena::Run) -> bool {
        run.kind() == RunKind::ChatModel
    }
}
