//! How far an agent may go.

use crate::{Cost, PriceTable};
use catena::Details;
use std::{sync::Arc, time::Duration};

#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) steps: u32,
    pub(super) time: Option<Duration>,
    pub(super) cost: Option<Cost>,
    pub(super) prices: Arc<PriceTable>,
    pub(super) attempts: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { steps: 25, time: None, cost: None, prices: Arc::default(), attempts: 3 }
    }
}

impl Limits {
    pub(super) fn tell(&self, details: &mut Details) {
        details.set("max_steps", self.steps);
        if let Some(time) = self.time {
            details.set("time_limit_seconds", time.as_secs_f64());
        }
        if let Some(cost) = self.cost {
            details.set("cost_limit", cost.to_string());
        }
    }
}
