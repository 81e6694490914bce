use crate::{Messages, Part, Role};
use std::collections::{HashMap, HashSet, VecDeque};

/// The result of a call that was not answered.
pub(crate) const NO_RESULT: &str = "The call has no result.";

/// The user's turn before a conversation that begins with the model.
pub(crate) const LEFT_OUT: &str = "(The beginning of the conversation is left out.)";

/// A tool call in a conversation: the index of its message, and its index in the message.
pub(crate) type CallAt = (usize, usize);

/// The tool calls of a conversation with their results.
///
/// A result belongs to a call of the model's turn before it. Ids may come again in a later turn.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    /// The calls, by the index of the result's message and of its part.
    calls: HashMap<(usize, usize), CallAt>,
    answered: HashSet<CallAt>,
}

impl Pairs {
    /// Finds the results of the calls.
    pub(crate) fn new(messages: &Messages) -> Self {
        let mut pairs = Pairs::default();
        let mut open: HashMap<&str, VecDeque<CallAt>> = HashMap::new();
        let mut after_model = false;
        for (at, message) in messages.iter().enumerate() {
            if *message.role() == Role::Assistant {
                if !after_model {
                    open.clear();
                }
                after_model = true;
                for (index, call) in message.tool_calls().iter().enumerate() {
                    open.entry(&call.id).or_default().push_back((at, index));
                }
            } else if *message.role() != Role::System {
                after_model = false;
            }
            for (index, part) in message.parts().iter().enumerate() {
                if let Part::ToolResult { call_id, .. } = part
                    && let Some(call) = open.get_mut(call_id.as_str()).and_then(VecDeque::pop_front)
                {
                    pairs.calls.insert((at, index), call);
                    pairs.answered.insert(call);
                }
            }
        }
        pairs
    }

    /// Returns the call of a result, by the index of the result's message and of its part.
    pub(crate) fn call(&self, message: usize, part: usize) -> Option<CallAt> {
        self.calls.get(&(message, part)).copied()
    }

    /// Returns whether a call has a result.
    pub(crate) fn is_answered(&self, call: CallAt) -> bool {
        self.answered.contains(&call)
    }
}

#[cfg(test)]
mod tests {
    use super::Pairs;
    use crate::{Message, Messages, ToolCall};

    #[test]
    fn ids_that_come_again_belong_to_their_turn() {
        let call = |id: &str| ToolCall::new(id, "f", "{}");
        let messages: Messages = [
            Message::tool("a", "of nobody"),
            Message::assistant("").with_tool_call(call("a")).with_tool_call(call("a")).with_tool_call(call("b")),
            Message::tool("a", "1"),
            Message::tool("a", "2"),
            Message::tool("a", "3"),
            Message::assistant("").with_tool_call(call("a")),
            Message::tool("b", "late"),
            Message::user("Go on"),
            Message::tool("a", "4"),
        ]
        .into_iter()
        .collect();
        let pairs = Pairs::new(&messages);
        let calls: Vec<_> = (0..messages.len()).filter_map(|at| Some((at, pairs.call(at, 0)?))).collect();
        assert_eq!(calls, [(2, (1, 0)), (3, (1, 1)), (8, (5, 0))]);
        assert!(!pairs.is_answered((1, 2)));
    }
}
