//! A server of tools in this process.

use super::{
    Settings,
    bounded::{Bounded, Refusal},
    connection::{self, Client, Connection},
    transport::{Erased, Open, Transport},
};
use crate::{Part, ToolCall, Tools, tool::Dispatch};
use base64::{Engine, engine::general_purpose::STANDARD};
use catena::{Context, Result};
use futures_util::future::BoxFuture;
use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, ListToolsResult,
        PaginatedRequestParams, ResourceContents, ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
    transport::async_rw::AsyncRwTransport,
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// A server in this process; see [`McpServer::in_memory`](super::McpServer::in_memory).
#[derive(Clone, Debug)]
pub struct InMemory {
    tools: Tools,
}

impl InMemory {
    pub(super) fn new(tools: Tools) -> Self {
        InMemory { tools }
    }
}

impl Transport for InMemory {
    fn erase(self) -> Erased {
        Erased(Box::new(self))
    }
}

impl Open for InMemory {
    fn shown(&self) -> String {
        "in memory".to_owned()
    }

    fn open<'a>(&'a self, client: Client, settings: &'a Settings) -> BoxFuture<'a, Result<Connection>> {
        Box::pin(self.connect(client, settings))
    }
}

impl InMemory {
    async fn connect(&self, client: Client, settings: &Settings) -> Result<Connection> {
        let (near, far) = tokio::io::duplex(1 << 16);
        let handler = Handler { tools: self.tools.clone() };
        let server = tokio::spawn(async move {
            if let Ok(running) = handler.serve(far).await {
                let _ = running.waiting().await;
            }
        });
        let (reader, writer) = tokio::io::split(near);
        let refusal = Refusal::default();
        let reader = Bounded::new(reader, settings.message_limit, refusal.clone());
        let transport = AsyncRwTransport::new_client(reader, writer).with_max_line_length(usize::MAX);
        let running = connection::open(client, transport).await;
        if running.is_err() {
            server.abort();
        }
        let mut connection = Connection::new(running?, refusal, None);
        connection.server = Some(server);
        Ok(connection)
    }
}

/// The other end.
struct Handler {
    tools: Tools,
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::default();
        info.capabilities = ServerCapabilities::builder().enable_tools().build();
        info.server_info = Implementation::new("catena-llm", env!("CARGO_PKG_VERSION"));
        info
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools =
            self.tools.listed().await.map_err(|error| ErrorData::internal_error(error.message().to_owned(), None))?;
        let tools = tools.definitions().iter().map(|tool| {
            let schema = if let Value::Object(schema) = &tool.schema { schema.clone() } else { Map::new() };
            Tool::new(tool.name.clone(), tool.description.clone(), Arc::new(schema))
        });
        Ok(ListToolsResult::with_all_items(tools.collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = Value::Object(request.arguments.unwrap_or_default()).to_string();
        let call = ToolCall::new(context.id.to_string(), request.name, arguments);
        let dispatch = Dispatch::new(self.tools.clone());
        let cx = Context::new();
        let result = tokio::select! {
            result = dispatch.call_tool(call, &cx) => result,
            () = context.ct.cancelled() => return Err(ErrorData::internal_error("the call was cancelled", None)),
        };
        let result = result.map_err(|error| ErrorData::internal_error(error.message().to_owned(), None))?;
        let blocks = result.message.parts().iter().filter_map(block).collect();
        Ok(if result.error.is_some() { CallToolResult::error(blocks) } else { CallToolResult::success(blocks) }.into())
    }
}

fn block(part: &Part) -> Option<ContentBlock> {
    match part {
        Part::Image(image) => {
            let (media_type, data) = image.as_bytes()?;
            Some(ContentBlock::image(STANDARD.encode(data), media_type))
        }
        Part::File(file) => {
            let data = STANDARD.encode(file.as_bytes()?);
            let name = format!("file:{}", file.name().unwrap_or("file"));
            Some(ContentBlock::resource(ResourceContents::blob(data, name).with_mime_type(file.media_type())))
        }
        other => Some(ContentBlock::text(other.content())),
    }
}
