//! One tool of a server.

use super::{connection::Connection, result, shared::Server};
use crate::{Tool, ToolContent, ToolDefinition};
use catena::{Context, Error, ErrorKind, Result};
use rmcp::{model::CallToolRequestParams, service::ServiceError};
use serde_json::Value;
use std::{fmt, sync::Arc, time::Duration};

/// A tool of a server.
pub(super) struct McpTool {
    server: Arc<Server>,
    /// The name that models use.
    name: String,
    /// The definition, with the name that the server uses.
    definition: ToolDefinition,
}

impl McpTool {
    pub(super) fn new(server: Arc<Server>, name: String, definition: ToolDefinition) -> Self {
        McpTool { server, name, definition }
    }
}

impl fmt::Debug for McpTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("McpTool").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Tool for McpTool {
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> &str {
        &self.definition.description
    }

    fn schema(&self) -> Value {
        self.definition.schema.clone()
    }

    fn timeout(&self) -> Option<Duration> {
        Some(self.server.settings().timeout)
    }

    fn output_limit(&self) -> usize {
        self.server.settings().output_limit
    }

    async fn call(&self, arguments: Value, _: &Context) -> Result<ToolContent> {
        self.server.call(&self.definition.name, arguments).await
    }
}

/// Calls a tool. If the call is dropped, the server receives a cancellation.
pub(super) async fn call(
    connection: &Connection,
    name: &str,
    arguments: Value,
    text_only: bool,
) -> Result<ToolContent> {
    let mut params = CallToolRequestParams::new(name.to_owned());
    if let Value::Object(arguments) = arguments {
        params = params.with_arguments(arguments);
    }
    let doing = "the tool was called; it is not known if the call was carried out";
    match connection.running().call_tool(params).await {
        Ok(found) => result::content(found, text_only),
        Err(error) => {
            let kind = match error {
                ServiceError::McpError(_) => ErrorKind::Step,
                _ => ErrorKind::Unavailable { retry_after: None },
            };
            Err(Error::new(kind, connection.explain(&error, doing)))
        }
    }
}
