//! The limits of an agent.

use crate::{Cost, PriceTable};
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};

#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) steps: u32,
    pub(super) time: Option<Duration>,
    pub(super) cost: Option<Cost>,
    /// `true` if an unknown cost is an error.
    pub(super) is_strict: bool,
    pub(super) prices: Arc<PriceTable>,
    pub(super) attempts: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { steps: 25, time: None, cost: None, is_strict: false, prices: Arc::default(), attempts: 3 }
    }
}

impl Limits {
    /// Returns the settings for graphs and manifests.
    pub(super) fn settings(&self) -> Map<String, Value> {
        let mut settings = Map::new();
        settings.insert("max_steps".to_owned(), self.steps.into());
        if let Some(time) = self.time {
            settings.insert("time_limit_seconds".to_owned(), time.as_secs_f64().into());
        }
        if let Some(cost) = self.cost {
            settings.insert("cost_limit".to_owned(), cost.to_string().into());
            if self.is_strict {
                settings.insert("strict_cost_limit".to_owned(), true.into());
            }
        }
        settings
    }
}
