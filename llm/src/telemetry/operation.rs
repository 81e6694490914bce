//! The operations of steps that are not calls of a provider.

use super::Convention;
use crate::tool::Dispatch;
use catena::{Extent, Node, Run, RunKind};
use serde_json::Value;
use tracing::{Span, field::Empty};

/// An operation of the conventions that is the run of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Workflow,
    Agent,
    Tool,
    Retrieval,
}

impl Operation {
    /// Returns the operation of a run. `None` for a run without a span of its own.
    pub(super) fn of(run: &Run) -> Option<Self> {
        match run.kind() {
            RunKind::Tool => Some(Operation::Tool),
            RunKind::Retriever => Some(Operation::Retrieval),
            RunKind::Chain if is_agent(run.node()) => Some(Operation::Agent),
            RunKind::Chain if run.parent().is_none() => Some(Operation::Workflow),
            _ => None,
        }
    }

    #[cfg(feature = "otlp")]
    pub(super) const fn name(self) -> &'static str {
        match self {
            Operation::Workflow => "invoke_workflow",
            Operation::Agent => "invoke_agent",
            Operation::Tool => "execute_tool",
            Operation::Retrieval => "retrieval",
        }
    }

    /// Returns the attributes of the input and of the output, if they are recorded for this operation.
    pub(super) const fn content(self) -> Option<(&'static str, &'static str)> {
        match self {
            Operation::Tool => Some(("gen_ai.tool.call.arguments", "gen_ai.tool.call.result")),
            Operation::Retrieval => Some(("gen_ai.retrieval.query.text", "gen_ai.retrieval.documents")),
            Operation::Workflow | Operation::Agent => None,
        }
    }

    /// Creates the span of a run.
    pub(super) fn span(self, run: &Run, convention: Convention) -> Span {
        let name = run.name();
        let conversation = conversation_of(run);
        // An attribute that is `None` is not set.
        let published = convention == Convention::Published;
        match self {
            Operation::Workflow => tracing::info_span!(
                "invoke_workflow",
                otel.name = format!("invoke_workflow {name}"),
                otel.kind = "internal",
                otel.status_code = Empty,
                error.type = Empty,
                gen_ai.operation.name = "invoke_workflow",
                gen_ai.workflow.name = published.then_some(name),
                gen_ai.agent.name = (!published).then_some(name),
                gen_ai.conversation.id = conversation,
            ),
            Operation::Agent => tracing::info_span!(
                "invoke_agent",
                otel.name = format!("invoke_agent {name}"),
                otel.kind = "internal",
                otel.status_code = Empty,
                error.type = Empty,
                gen_ai.operation.name = "invoke_agent",
                gen_ai.agent.name = name,
                gen_ai.conversation.id = conversation,
                gen_ai.request.model = Empty,
                gen_ai.usage.input_tokens = Empty,
                gen_ai.usage.output_tokens = Empty,
            ),
            Operation::Tool => tracing::info_span!(
                "execute_tool",
                otel.name = format!("execute_tool {name}"),
                otel.kind = "internal",
                otel.status_code = Empty,
                error.type = Empty,
                gen_ai.operation.name = "execute_tool",
                gen_ai.tool.name = name,
                gen_ai.tool.type = "function",
                gen_ai.tool.description = Empty,
                gen_ai.tool.call.id = Empty,
                gen_ai.tool.call.arguments = Empty,
                gen_ai.tool.call.result = Empty,
            ),
            Operation::Retrieval => tracing::info_span!(
                "retrieval",
                otel.name = if published { format!("retrieval {name}") } else { "retrieval".to_owned() },
                otel.kind = if published { "client" } else { "internal" },
                otel.status_code = Empty,
                error.type = Empty,
                gen_ai.operation.name = "retrieval",
                gen_ai.data_source.id = name,
                gen_ai.request.top_k = Empty,
                gen_ai.retrieval.top_k = Empty,
                gen_ai.retrieval.query.text = Empty,
                gen_ai.retrieval.documents = Empty,
            ),
        }
    }
}

/// Returns whether a structure is that of an [`Agent`](crate::Agent): a model, and tools that are known at run time.
fn is_agent(node: &Node) -> bool {
    const TOOLS: Node = Dispatch::TOOLS.streaming(Extent::Pieces, Extent::Pieces);
    match node {
        Node::Named { node, .. } | Node::Configured(node) => is_agent(node),
        Node::Sequence([_, tools]) => tools.node == TOOLS,
        _ => false,
    }
}

/// The keys of metadata under which a run has its conversation, as in `LangSmith`.
pub(super) const CONVERSATION: [&str; 3] = ["conversation_id", "thread_id", "session_id"];

fn conversation_of(run: &Run) -> Option<&str> {
    CONVERSATION.iter().find_map(|key| run.metadata().get(*key).and_then(Value::as_str))
}
