use super::AgentPaused;
use crate::{AsPrompt, ChatRequest, Messages};

/// An input of an [`Agent`](crate::Agent): a [prompt](AsPrompt), or a run that was [paused](AgentPaused).
#[diagnostic::on_unimplemented(
    message = "an agent cannot be asked a `{Self}`",
    label = "the agent gets `{Self}`",
    note = "it takes text, a `Message` or `Messages`: put a prompt before it, or a closure that makes one of them"
)]
pub trait AgentInput {
    #[doc(hidden)]
    fn begin(&self) -> Begin;

    /// Returns the messages, for events.
    #[doc(hidden)]
    fn shown(&self) -> Messages;
}

/// The beginning of a run.
#[doc(hidden)]
#[derive(Debug)]
pub struct Begin(pub(super) Start);

#[derive(Debug)]
pub(super) enum Start {
    New(Box<ChatRequest>),
    Resumed(Box<AgentPaused>),
}

#[diagnostic::do_not_recommend]
impl<P: AsPrompt> AgentInput for P {
    fn begin(&self) -> Begin {
        Begin(Start::New(Box::new(self.to_request())))
    }

    fn shown(&self) -> Messages {
        self.to_messages()
    }
}

/// The run goes on with the answers that were given.
#[diagnostic::do_not_recommend]
impl AgentInput for AgentPaused {
    fn begin(&self) -> Begin {
        Begin(Start::Resumed(Box::new(self.clone())))
    }

    fn shown(&self) -> Messages {
        self.messages().clone()
    }
}
