//! A server as a source of tools.

use super::{
    Settings,
    connection::{Client, Connection},
    list::{self, Listed},
    tool::McpTool,
    transport::Open,
};
use crate::{
    Redactor, ToolContent, ToolStep,
    tool::{Boxed, Listing, Taken, ToolSource},
};
use catena::{Error, ErrorKind, Result};
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Mutex, time::Instant};

/// The time after which an optional server is tried again.
const AGAIN: Duration = Duration::from_secs(30);

/// A server, shared by the clones of a set and by its tools.
pub(super) struct Server {
    transport: Box<dyn Open>,
    settings: Settings,
    redactor: Redactor,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connection: Option<Arc<Connection>>,
    listed: Option<Arc<Listed>>,
    /// The time of the last failure to connect, if nothing was ever listed.
    failed: Option<Instant>,
}

impl Server {
    pub(super) fn new(transport: Box<dyn Open>, settings: Settings) -> Self {
        let redactor = transport.redactor();
        Server { transport, settings, redactor, state: Mutex::default() }
    }

    /// Adds the server's name to an error, and removes secrets from it.
    fn about(&self, error: &Error) -> Error {
        let message = self.redactor.clean_keys(error.message());
        let name = self.transport.shown();
        let message = if message.contains(&name) {
            message
        } else {
            format!("the MCP server `{name}` cannot be used: {message}")
        };
        Error::new(error.kind().clone(), message).with_retryable(error.is_retryable())
    }

    /// Returns the connection, which is opened if there is none.
    async fn connection(&self, state: &mut State) -> Result<Arc<Connection>> {
        if let Some(connection) = state.connection.as_ref().filter(|connection| !connection.is_closed()) {
            return Ok(Arc::clone(connection));
        }
        state.connection = None;
        let opened =
            tokio::time::timeout(self.settings.connect_timeout, self.transport.open(Client::default(), &self.settings));
        let opened =
            opened.await.unwrap_or_else(|_| Err(self.timed_out("did not start"))).map_err(|e| self.about(&e))?;
        // Another process may have another list.
        opened.changed().put_back();
        let opened = Arc::new(opened);
        tracing::debug!(target: "catena_llm::mcp", server = self.transport.shown(), pid = opened.process_id(), "connected");
        state.connection = Some(Arc::clone(&opened));
        Ok(opened)
    }

    #[cold]
    fn timed_out(&self, what: &str) -> Error {
        let after = self.settings.connect_timeout;
        Error::new(ErrorKind::Timeout { after }, format!("it {what} within {after:?}"))
    }

    /// Returns the list, which is read if it may have changed.
    async fn read_list(&self, state: &mut State) -> Result<Arc<Listed>> {
        // A server that was lost is not started for its list alone: its tools are known.
        if let (Some(listed), Some(connection)) = (&state.listed, &state.connection)
            && connection.is_closed()
        {
            return Ok(Arc::clone(listed));
        }
        let connection = self.connection(state).await?;
        let changed = connection.changed().take();
        if let Some(listed) = state.listed.as_ref().filter(|_| !changed) {
            return Ok(Arc::clone(listed));
        }
        let first = state.listed.is_none();
        let read = list::read(&connection, self.settings.only.as_deref(), first);
        let read = tokio::time::timeout(self.settings.connect_timeout, read).await;
        match read.unwrap_or_else(|_| Err(self.timed_out("did not list its tools"))) {
            Ok(listed) => Ok(Arc::clone(state.listed.insert(Arc::new(listed)))),
            Err(error) => {
                connection.changed().put_back();
                Err(self.about(&error))
            }
        }
    }

    /// Returns the list. One that is known stands in for one that cannot be read.
    async fn listed(&self) -> Result<Arc<Listed>> {
        let mut state = self.state.lock().await;
        let waits = state.failed.is_some_and(|at| at.elapsed() < AGAIN);
        if self.settings.optional && waits {
            return Ok(Arc::default());
        }
        let error = match self.read_list(&mut state).await {
            Ok(listed) => {
                state.failed = None;
                return Ok(listed);
            }
            Err(error) => error,
        };
        let known = state.listed.clone();
        // A wrong setting is one of an optional server, too.
        if known.is_none() && (!self.settings.optional || *error.kind() == ErrorKind::BadInput) {
            return Err(error);
        }
        tracing::warn!(target: "catena_llm::mcp", server = self.transport.shown(), "{}", error.message());
        if known.is_none() {
            state.failed = Some(Instant::now());
        }
        Ok(known.unwrap_or_default())
    }
}

impl Server {
    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Calls a tool by the server's own name.
    pub(super) async fn call(&self, name: &str, arguments: Value) -> Result<ToolContent> {
        let connection = self.connection(&mut *self.state.lock().await).await?;
        let outcome = super::tool::call(&connection, name, arguments, self.settings.text_only).await;
        // The words of a tool are those of its author; secrets that were given to its server are taken out.
        outcome.map_err(|error| {
            Error::new(error.kind().clone(), self.redactor.clean(error.message())).with_retryable(false)
        })
    }
}

impl ToolSource for Server {
    fn list(self: Arc<Self>) -> BoxFuture<'static, Result<Listing>> {
        Box::pin(async move {
            let listed = self.listed().await?;
            let version = listed.version;
            let named = move |taken: &mut Taken| -> Vec<Arc<dyn Boxed>> {
                let tools = listed.tools.iter();
                let named = tools.map(|definition| {
                    let own = &definition.name;
                    let prefix = self.settings.prefix.as_deref();
                    let name = taken.name(&prefix.map_or_else(|| own.clone(), |prefix| format!("{prefix}_{own}")));
                    let tool = McpTool::new(Arc::clone(&self), name, definition.clone());
                    Arc::new(ToolStep::new(tool)) as Arc<dyn Boxed>
                });
                named.collect()
            };
            Ok(Listing { version, named: Box::new(named) })
        })
    }

    fn shown(&self) -> String {
        self.transport.shown()
    }
}

/// Numbers the lists that are read.
pub(super) fn next_version() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
