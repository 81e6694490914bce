//! OpenAI's paths: `/v1/models`, `/v1/chat/completions`, `/v1/responses`.
//!
//! | file | contents |
//! |---|---|
//! | this file | the routes |
//! | `models` | the list of models |
//! | `ask` | a conversation on its way to a run, and a run's usage |
//! | `options` | the options of both protocols, and those that no chain has |
//! | `part` | the parts of messages, of both protocols |
//! | `answer` | the output of a run as a message, and its chunks |
//! | `chat` | chat completions: requests, answers, streams |
//! | `responses` | responses: the same |

mod answer;
mod ask;
mod chat;
mod models;
mod options;
mod part;
mod responses;

pub(crate) use part::{image, part};

use crate::{
    chain::Served,
    failure::Failure,
    request::{Gate, get, post},
};
use axum::{Router, http::StatusCode};
use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// All chains that are models, behind the gate of their server.
pub(crate) struct Models {
    gate: Arc<Gate>,
    chains: Vec<Arc<Served>>,
    /// When the server was made, in seconds since 1970.
    created: u64,
}

impl Models {
    /// Returns the chain of a name. The error lists none.
    fn find(&self, name: &str) -> Result<&Arc<Served>, Failure> {
        self.chains.iter().find(|served| served.name == name).ok_or_else(|| {
            let mut failure = Failure::new(StatusCode::NOT_FOUND, "model_not_found", "there is no model of this name");
            failure.field = Some("model".to_owned());
            failure
        })
    }
}

/// The routes, if any chain is a model.
pub(crate) fn routes(gate: &Arc<Gate>, chains: &[Arc<Served>]) -> Option<Router> {
    let chains: Vec<_> = chains.iter().filter(|served| served.chain.is_model()).map(Arc::clone).collect();
    if chains.is_empty() {
        return None;
    }
    let models = Models { gate: Arc::clone(gate), chains, created: now() };
    let router = Router::new()
        .route("/v1/models", get(models::list))
        .route("/v1/models/{id}", get(models::one))
        .route("/v1/chat/completions", post(chat::answer))
        .route("/v1/responses", post(responses::answer));
    Some(router.with_state(Arc::new(models)))
}

/// The seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
