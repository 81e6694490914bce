//! A connection to a server.

use super::{bounded::Refusal, process::Process};
use catena::{Error, ErrorKind, Result};
use rmcp::{
    ClientHandler, RoleClient,
    model::{
        ClientCapabilities, ClientConfig, Implementation, ProtocolVersion, ServerNotification, SubscriptionFilter,
    },
    service::{
        ClientInitializeError, ClientLifecycleMode, NotificationContext, Peer, RunningService, ServiceError,
        serve_client_with_lifecycle,
    },
    transport::IntoTransport,
};
use std::{
    error::Error as StdError,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::task::JoinHandle;

/// A mark that the list of tools may have changed since it was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Changed {
    once: Arc<AtomicBool>,
    /// `true` if the server does not say when its list changes.
    unknown: Arc<AtomicBool>,
}

impl Changed {
    fn mark(&self) {
        self.once.store(true, Ordering::Release);
    }

    /// Returns whether the list has to be read, and counts it as read.
    pub(super) fn take(&self) -> bool {
        self.once.swap(false, Ordering::AcqRel) || self.unknown.load(Ordering::Acquire)
    }

    /// Makes the list count as not read.
    pub(super) fn put_back(&self) {
        self.mark();
    }
}

/// This end of a connection. It declines all requests of a server, and notices that the list of tools has changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Client {
    pub(super) changed: Changed,
}

impl ClientHandler for Client {
    fn get_info(&self) -> ClientConfig {
        ClientConfig::new(ClientCapabilities::default(), Implementation::new("catena", env!("CARGO_PKG_VERSION")))
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.changed.mark();
    }
}

pub(super) type Running = RunningService<RoleClient, Client>;

/// Begins a connection, in whichever version of the protocol the server speaks.
pub(super) async fn open<T, E, A>(client: Client, transport: T) -> Result<Running>
where
    T: IntoTransport<RoleClient, E, A>,
    E: StdError + Send + Sync + 'static,
{
    let lifecycle = ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        legacy_version: Some(ProtocolVersion::LATEST_WITH_INITIALIZE),
    };
    serve_client_with_lifecycle(client, transport, lifecycle).await.map_err(not_opened)
}

fn not_opened(error: ClientInitializeError) -> Error {
    let why = match &error {
        ClientInitializeError::ConnectionClosed(_) => "it closed the connection before it answered".to_owned(),
        ClientInitializeError::LegacyFallbackFailed { fallback, .. } => causes(&**fallback),
        other => causes(other),
    };
    Error::new(ErrorKind::Unavailable { retry_after: None }, why).with_source(error)
}

/// Returns the messages of an error and of its causes, as far as they add something.
pub(super) fn causes(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        next = cause.source();
    }
    text
}

/// A connection. When it is dropped, the server's process ends.
pub(super) struct Connection {
    // Dropped first: it closes the process's input.
    running: Running,
    listener: Option<JoinHandle<()>>,
    refusal: Refusal,
    process: Option<Process>,
    /// The other end, if it is in this process.
    pub(super) server: Option<JoinHandle<()>>,
}

impl Connection {
    pub(super) fn new(running: Running, refusal: Refusal, process: Option<Process>) -> Self {
        let listener = listen(&running);
        Connection { running, listener, refusal, process, server: None }
    }

    pub(super) fn peer(&self) -> &Peer<RoleClient> {
        self.running.peer()
    }

    pub(super) fn running(&self) -> &Running {
        &self.running
    }

    pub(super) fn changed(&self) -> &Changed {
        &self.running.service().changed
    }

    pub(super) fn is_closed(&self) -> bool {
        self.running.is_closed() || self.running.is_transport_closed()
    }

    /// Returns the id of the server's process.
    pub(super) fn process_id(&self) -> Option<u32> {
        self.process.as_ref()?.id()
    }

    /// Returns why a request failed, for a model to read. `doing` is said of a server that went away.
    pub(super) fn explain(&self, error: &ServiceError, doing: &str) -> String {
        match error {
            ServiceError::McpError(error) => error.message.to_string(),
            ServiceError::TransportClosed | ServiceError::TransportSend(_) => {
                let why = self.refusal.get().or_else(|| match error {
                    ServiceError::TransportSend(error) => Some(causes(error)),
                    _ => None,
                });
                let said = self.process.as_ref().map(Process::last_errors).filter(|said| !said.is_empty());
                let mut text = format!("the connection to the server was lost while {doing}");
                for (word, more) in [(": ", why), ("; it said: ", said)] {
                    if let Some(more) = more {
                        text = format!("{text}{word}{more}");
                    }
                }
                text
            }
            ServiceError::UnexpectedResponse => "the server's answer is not one to this request".to_owned(),
            other => causes(other),
        }
    }
}

/// Listens for changes of the list, with servers that announce them only on request.
fn listen(running: &Running) -> Option<JoinHandle<()>> {
    let info = running.peer_info()?;
    let tells = info.capabilities.tools.as_ref().and_then(|tools| tools.list_changed).unwrap_or_default();
    if !tells || info.protocol_version.has_initialize() {
        return None;
    }
    let (peer, changed) = (running.peer().clone(), running.service().changed.clone());
    Some(tokio::spawn(async move {
        if let Ok(mut subscription) = peer.listen(SubscriptionFilter::builder().tools_list_changed().build()).await {
            while let Ok(Some(notification)) = subscription.next().await {
                if matches!(notification, ServerNotification::ToolListChangedNotification(_)) {
                    changed.mark();
                }
            }
        }
        changed.unknown.store(true, Ordering::Release);
    }))
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.listener.iter().chain(&self.server).for_each(JoinHandle::abort);
    }
}
