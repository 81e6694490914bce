//! A chain behind the gate of its server: the state of all routes of the chain.

use super::Gate;
use crate::chain::Served;
use std::sync::Arc;

/// One chain behind the gate of its server.
pub(crate) struct Door {
    pub(crate) gate: Arc<Gate>,
    pub(crate) served: Arc<Served>,
}
