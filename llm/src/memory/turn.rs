//! What a step with a history gets: what was said before, and what is said now.

use crate::{AsPrompt, Messages};
use catena::Record;

/// One turn of a conversation, as a record: a prompt takes its fields by name.
///
/// A chat model takes it as it is: the history, then the input.
#[derive(Clone, Debug, PartialEq, Record)]
pub struct Turn<I> {
    /// What was said before.
    pub history: Messages,
    /// What is said now.
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

/// In which form a step gets its history; see [`WithHistory`](super::WithHistory).
pub trait TurnShape<I>: Send + Sync {
    /// What the step gets.
    type Input: Send;
    /// Made from the history and the input.
    fn shape(history: Messages, input: I) -> Self::Input;
}

/// As a [`Turn`].
#[derive(Clone, Copy, Debug)]
pub struct AsTurn;

impl<I: Send> TurnShape<I> for AsTurn {
    type Input = Turn<I>;

    fn shape(history: Messages, input: I) -> Turn<I> {
        Turn { history, input }
    }
}

/// As [`Messages`].
#[derive(Clone, Copy, Debug)]
pub struct AsMessages;

impl<I: AsPrompt> TurnShape<I> for AsMessages {
    type Input = Messages;

    fn shape(history: Messages, input: I) -> Messages {
        with(history, input.to_messages())
    }
}
