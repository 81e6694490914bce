//! The input of a step with a history.

use crate::{AsPrompt, Messages};
use catena::Record;

/// A turn of a conversation, as a record whose fields a prompt uses by name.
///
/// A chat model accepts it directly: the history, followed by the input.
#[derive(Clone, Debug, PartialEq, Record)]
pub struct Turn<I> {
    /// The earlier messages of the conversation.
    pub history: Messages,
    /// The input of this turn.
    pub input: I,
}

impl<I: AsPrompt> AsPrompt for Turn<I> {
    fn to_messages(&self) -> Messages {
        with(self.history.clone(), self.input.to_messages())
    }
}

fn with(mut history: Messages, input: Messages) -> Messages {
    if history.is_empty() {
        return input;
    }
    history.extend(input);
    history
}

/// The form in which a step receives its history; see [`WithHistory`](super::WithHistory).
pub trait TurnShape<I>: Send + Sync {
    /// The input of the step.
    type Input: Send;
    /// Creates the input of the step from the history and the input of the turn.
    fn shape(history: Messages, input: I) -> Self::Input;
}

/// The form of a [`Turn`].
#[derive(Clone, Copy, Debug)]
pub struct AsTurn;

impl<I: Send> TurnShape<I> for AsTurn {
    type Input = Turn<I>;

    fn shape(history: Messages, input: I) -> Turn<I> {
        Turn { history, input }
    }
}

/// The form of [`Messages`].
#[derive(Clone, Copy, Debug)]
pub struct AsMessages;

impl<I: AsPrompt> TurnShape<I> for AsMessages {
    type Input = Messages;

    fn shape(history: Messages, input: I) -> Messages {
        with(history, input.to_messages())
    }
}
