//! Whether a call of a tool is made.

use crate::ToolCall;
use catena::Result;
use futures_util::future::BoxFuture;
use std::{fmt, future::Future, sync::Arc};

/// What is to be done about a call of a tool that the model asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Approval {
    /// Make it.
    Call,
    /// Make this one instead. Its result is that of the call asked for, and the model does not know.
    Change(ToolCall),
    /// Do not make it, and tell the model why.
    Refuse(String),
}

impl Approval {
    /// Not made, for this reason.
    pub fn refuse(reason: impl Into<String>) -> Self {
        Approval::Refuse(reason.into())
    }
}

type Later = dyn Fn(ToolCall) -> BoxFuture<'static, Result<Approval>> + Send + Sync;

/// Who is asked.
#[derive(Clone, Default)]
pub(super) enum Approve {
    #[default]
    All,
    AtOnce(Arc<dyn Fn(&ToolCall) -> Approval + Send + Sync>),
    Later(Arc<Later>),
}

impl Approve {
    pub(super) fn at_once(look: impl Fn(&ToolCall) -> Approval + Send + Sync + 'static) -> Self {
        Approve::AtOnce(Arc::new(look))
    }

    pub(super) fn later<F, Fut>(look: F) -> Self
    where
        F: Fn(ToolCall) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Approval>> + Send + 'static,
    {
        Approve::Later(Arc::new(move |call| Box::pin(look(call))))
    }

    pub(super) async fn ask(&self, call: &ToolCall) -> Result<Approval> {
        match self {
            Approve::All => Ok(Approval::Call),
            Approve::AtOnce(look) => Ok(look(call)),
            Approve::Later(look) => look(call.clone())
                .await
                .map_err(|error| error.while_doing(format!("approving a call of `{}`", call.name))),
        }
    }
}

impl fmt::Debug for Approve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Approve::All => "All",
            Approve::AtOnce(_) | Approve::Later(_) => "Approve(..)",
        })
    }
}
