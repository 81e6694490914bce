//! Lists of tools, and calls of them.

use super::{
    progress::progress,
    schema::{Arguments, output},
};
use crate::{
    chain::Served,
    failure::Failure,
    request::{Admitted, Gate},
};
use axum::http::request::Parts;
use catena::Config;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, ListToolsResult,
        PaginatedRequestParams, ProgressNotificationParam, ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
};
use serde_json::Value;
use std::{future::ready, sync::Arc};

/// The chains as tools. A clone is the same.
#[derive(Clone)]
pub(crate) struct Tools {
    gate: Arc<Gate>,
    tools: Arc<[OneTool]>,
}

struct OneTool {
    served: Arc<Served>,
    tool: Tool,
    arguments: Arguments,
    structured: bool,
}

impl Tools {
    pub(super) fn new(gate: Arc<Gate>, chains: &[Arc<Served>]) -> Self {
        Tools { gate, tools: chains.iter().map(OneTool::new).collect() }
    }

    fn find(&self, name: &str) -> Option<&OneTool> {
        self.tools.iter().find(|tool| tool.served.name == name)
    }
}

impl OneTool {
    fn new(served: &Arc<Served>) -> Self {
        let arguments = Arguments::of(served.input_schema());
        let output = output(served.output_schema());
        let description = served.description.clone().unwrap_or_else(|| format!("The chain `{}`.", served.name));
        let mut tool = Tool::new(served.name.clone(), description, Arc::new(arguments.schema.clone()));
        let structured = output.is_some();
        if let Some(output) = output {
            tool = tool.with_raw_output_schema(Arc::new(output));
        }
        OneTool { served: Arc::clone(served), tool, arguments, structured }
    }

    /// The result for an output: text, and the value itself if the tool has a schema for it.
    fn result(&self, json: &str) -> CallToolResult {
        let value: Value = serde_json::from_str(json).unwrap_or_default();
        if self.structured {
            return CallToolResult::structured(value);
        }
        let text = value.as_str().map_or_else(|| json.to_owned(), str::to_owned);
        CallToolResult::success(vec![ContentBlock::text(text)])
    }
}

impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::default();
        info.capabilities = ServerCapabilities::builder().enable_tools().build();
        info.server_info = Implementation::new("catena-serve", env!("CARGO_PKG_VERSION"));
        info
    }

    fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> impl Future<Output = Result<ListToolsResult, ErrorData>> + Send + '_ {
        let tools = self.tools.iter().map(|tool| tool.tool.clone()).collect();
        ready(Ok(ListToolsResult::with_all_items(tools)))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.find(name).map(|tool| tool.tool.clone())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let tool = self.find(&request.name);
        let tool = tool.ok_or_else(|| ErrorData::invalid_params("there is no tool of this name", None))?;
        // A failed chain is a result, so that the model that called it can read why.
        let outcome = self.run(tool, request, context).await;
        Ok(outcome.unwrap_or_else(|failure| CallToolResult::error(vec![ContentBlock::text(failure.message)])).into())
    }
}

impl Tools {
    async fn run(
        &self,
        tool: &OneTool,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, Failure> {
        let parts = context.extensions.get::<Parts>();
        let parts = parts.ok_or_else(|| Failure::bad_request("the call did not come over HTTP"))?;
        let Admitted { ticket, config } = self.gate.admit(parts)?;
        let (input, place) = tool.arguments.input(request.arguments.unwrap_or_default());
        let call = tool.served.chain.read(&input.to_string()).map_err(|error| Failure::unreadable(place, &error))?;
        let mut config = config.run_id(ticket.run_id);
        let mut ended = None;
        if let Some(token) = context.meta.get_progress_token() {
            let (observer, names) = progress();
            config = Config::new().observe(observer).within(config);
            ended = Some((token, names));
        }
        let mut run = call.invoke(config);
        let Some((token, mut names)) = ended else {
            let output = tokio::select! {
                () = context.ct.cancelled() => return Err(cancelled()),
                output = run => output,
            };
            return self.outcome(tool, output);
        };
        let mut steps = 0.0;
        loop {
            let (name, output) = tokio::select! {
                biased;
                () = context.ct.cancelled() => return Err(cancelled()),
                Some(name) = names.recv() => (Some(name), None),
                output = &mut run => (None, Some(output)),
            };
            // What has ended together with the run.
            let names = name.into_iter().chain(std::iter::from_fn(|| names.try_recv().ok()));
            for name in names {
                steps += 1.0;
                let progress = ProgressNotificationParam::new(token.clone(), steps).with_message(name);
                // A client that does not listen loses nothing but its progress.
                let _ = context.peer.notify_progress(progress).await;
            }
            if let Some(output) = output {
                return self.outcome(tool, output);
            }
        }
    }

    fn outcome(&self, tool: &OneTool, output: catena::Result<String>) -> Result<CallToolResult, Failure> {
        output.map(|json| tool.result(&json)).map_err(|error| self.gate.failure(&error))
    }
}

fn cancelled() -> Failure {
    Failure::bad_request("the call was cancelled")
}
