//! The Model Context Protocol: each chain is a tool, at `/mcp`.
//!
//! | file | contents |
//! |---|---|
//! | this file | the route |
//! | `handler` | lists of tools, and calls of them |
//! | `schema` | inputs and outputs as objects, as the protocol wants them |
//! | `progress` | the steps of a run as progress of its call |

mod handler;
mod progress;
mod schema;

use crate::{
    chain::Served,
    request::{Gate, Identified},
};
use axum::{Router, body::Body, extract::Request, routing::any};
use handler::Tools;
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
};
use std::sync::Arc;

/// Hosts from which a server may be called if none is named: the names of the loopback interface.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Returns the route of the protocol, without sessions: a request is all that a call needs.
pub(crate) fn routes(gate: &Arc<Gate>, chains: &[Arc<Served>], hosts: &[String], origins: &[String]) -> Router {
    let tools = Tools::new(Arc::clone(gate), chains);
    let mut config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_max_request_body_bytes(gate.limits.body)
        .with_cancellation_token(gate.cancellation())
        .with_allowed_hosts(LOOPBACK.into_iter().map(str::to_owned).chain(hosts.iter().cloned()));
    config = if origins.iter().any(|origin| origin == "*") {
        config.disable_allowed_origins()
    } else {
        config.with_allowed_origins(origins.iter().cloned()).enforce_origin_validation()
    };
    let sessions = Arc::new(NeverSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(tools.clone()), sessions, config);
    let answer = async move |request: Request| service.handle(request).await.map(Body::new);
    Router::new().route("/mcp", any(Identified(answer)))
}
