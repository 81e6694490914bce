//! Decisions on tool calls.

use crate::ToolCall;
use catena::Result;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::{fmt, future::Future, sync::Arc};

/// A decision on a tool call that the model asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Approval {
    /// The call is made.
    Call,
    /// This call is made instead. Its result counts as the result of the original call; the model does not learn of the
    /// change.
    Change(ToolCall),
    /// The call is not made, and the model receives the reason.
    Refuse(String),
    /// The agent stops, and its state can be answered elsewhere and later: its error has an
    /// [`AgentPaused`](crate::AgentPaused).
    Pause,
}

impl Approval {
    /// Creates a refusal with this reason.
    pub fn refuse(reason: impl Into<String>) -> Self {
        Approval::Refuse(reason.into())
    }

    /// Stops the agent until a decision is given, perhaps in another process; see [`AgentPaused`](crate::AgentPaused).
    pub fn pause() -> Self {
        Approval::Pause
    }
}

type AsyncCheck = dyn Fn(ToolCall) -> BoxFuture<'static, Result<Approval>> + Send + Sync;

/// The function that decides, if there is one.
#[derive(Clone, Default)]
pub(super) enum Approve {
    #[default]
    All,
    Sync(Arc<dyn Fn(&ToolCall) -> Approval + Send + Sync>),
    Async(Arc<AsyncCheck>),
}

impl Approve {
    pub(super) fn sync(check: impl Fn(&ToolCall) -> Approval + Send + Sync + 'static) -> Self {
        Approve::Sync(Arc::new(check))
    }

    pub(super) fn asynchronous<F, Fut>(check: F) -> Self
    where
        F: Fn(ToolCall) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Approval>> + Send + 'static,
    {
        Approve::Async(Arc::new(move |call| Box::pin(check(call))))
    }

    pub(super) async fn ask(&self, call: &ToolCall) -> Result<Approval> {
        match self {
            Approve::All => Ok(Approval::Call),
            Approve::Sync(check) => Ok(check(call)),
            Approve::Async(check) => check(call.clone())
                .await
                .map_err(|error| error.while_doing(format!("approving a call of `{}`", call.name))),
        }
    }
}

impl fmt::Debug for Approve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Approve::All => "All",
            Approve::Sync(_) | Approve::Async(_) => "Approve(..)",
        })
    }
}
