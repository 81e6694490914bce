//! A conversation on its way to a run.

use super::{Models, options};
use crate::{
    chain::{Call, Served},
    failure::Failure,
    request::Ticket,
};
use catena::Config;
use catena_llm::{ChatRequest, Options, Spending, Usage};
use std::sync::Arc;

/// A run that is about to begin.
pub(super) struct Asked {
    pub(super) call: Box<dyn Call>,
    pub(super) config: Config,
    pub(super) spent: Spent,
    pub(super) ticket: Ticket,
}

/// The usage of a run's models, independent of the usage in the chain's output.
#[derive(Clone)]
pub(super) struct Spent(Spending);

impl Spent {
    /// Returns the tokens, if any model was asked.
    pub(super) fn usage(&self) -> Option<Usage> {
        (self.0.calls() > 0).then(|| self.0.usage())
    }
}

/// Hands a conversation to a chain.
pub(super) fn ask(
    models: &Models,
    served: &Arc<Served>,
    request: ChatRequest,
    format_place: &str,
    (config, ticket): (Config, Ticket),
) -> Result<Asked, Failure> {
    if !served.chain.takes_tools() {
        options::refuse_for_models(&request.options)?;
        if !request.tools.is_empty() {
            return Err(Failure::bad_request("this chain takes no tools of the client").at("tools"));
        }
        if request.options.response_format.is_some() {
            return Err(Failure::bad_request("this chain has a format of its own").at(format_place));
        }
    }
    let asked: Options = request.options.clone();
    let call = served.chain.ask(request).ok_or_else(|| Failure::not_found("this chain is no model"))?;
    let call = call.map_err(|error| models.gate.failure(&error))?;
    let spending = Spending::new();
    let config = options::config(&asked).with(spending.clone()).within(config).run_id(ticket.run_id);
    Ok(Asked { call, config, spent: Spent(spending), ticket })
}
