//! A request for one run, up to where its ways part.

use super::{
    envelope::{Filter, One},
    read_input,
};
use crate::{
    chain::Call,
    failure::Failure,
    request::{Door, Entered, Settings, Ticket, read_json},
};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::HeaderMap,
};
use catena::Config;
use std::sync::Arc;

/// A run that is about to begin: of `invoke`, and of the streams.
pub(super) struct Asked {
    call: Box<dyn Call>,
    config: Config,
    ticket: Ticket,
    headers: HeaderMap,
    body: Bytes,
}

impl FromRequest<Arc<Door>> for Asked {
    type Rejection = Failure;

    async fn from_request(request: Request, door: &Arc<Door>) -> Result<Self, Failure> {
        let Door { gate, served } = &**door;
        let Entered { mut ticket, mut config, headers, body } = gate.enter(request).await?;
        let One { input, config: wanted, .. } = read_json::<One<'_>>(&headers, &body)?.checked()?;
        if let Some(wanted) = wanted {
            let settings = Settings::read("config", wanted, served, &gate.limits)?;
            ticket.run_id = settings.run_id.unwrap_or(ticket.run_id);
            config = settings.config.within(config);
        }
        let call = read_input(served, input.get(), "input")?;
        Ok(Asked { call, config: config.run_id(ticket.run_id), ticket, headers, body })
    }
}

impl Asked {
    /// Returns what runs. The request is let go: its headers and its body share the buffer of the connection.
    pub(super) fn run(self) -> (Box<dyn Call>, Config, Ticket) {
        (self.call, self.config, self.ticket)
    }

    /// Reads the steps whose events are wanted.
    pub(super) fn filter(&self) -> Result<Filter, Failure> {
        read_json(&self.headers, &self.body)
    }
}
