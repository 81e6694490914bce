//! The part of a history that a turn reads.

use crate::{Message, Messages, Part, Reasoning, Role};
use std::{collections::HashMap, fmt, sync::Arc};

/// A limit on the part of a history that is read: the newest turns that fit. The stored history is not changed.
///
/// A history is cut between turns: before a message of the user, and never between a tool call and its result. System
/// messages are always kept, and counted first. The newest turn is kept even if it alone exceeds the limit. A history
/// without such a place is cut before the last message of the model.
///
/// ```
/// use catena_llm::{Message, Messages, memory::Trim};
///
/// let said: Messages = [
///     Message::system("Be brief."),
///     Message::user("One?"), Message::assistant("1"),
///     Message::user("Two?"), Message::assistant("2"),
/// ].into();
/// let kept = Trim::messages(3).trim(said);
/// assert_eq!(kept.iter().map(|m| m.text()).collect::<Vec<_>>(), ["Be brief.", "Two?", "2"]);
/// ```
#[derive(Clone)]
pub struct Trim {
    limit: usize,
    cost: Arc<Cost>,
    unit: &'static str,
}

type Cost = dyn Fn(&Message) -> usize + Send + Sync;

impl Trim {
    /// Limits the number of messages.
    pub fn messages(limit: usize) -> Self {
        Trim { limit, cost: Arc::new(|_| 1), unit: "messages" }
    }

    /// Limits the number of tokens, by an estimate: one token per four bytes of text or state, and four per message. For English
    /// this is slightly more than models count. [`tokens_by`](Trim::tokens_by) uses an exact count.
    pub fn tokens(limit: usize) -> Self {
        Trim::tokens_by(limit, rough_tokens)
    }

    /// Limits the number of tokens, as counted by a function such as the model's tokenizer.
    pub fn tokens_by(limit: usize, count: impl Fn(&Message) -> usize + Send + Sync + 'static) -> Self {
        Trim { limit, cost: Arc::new(count), unit: "tokens" }
    }

    /// Returns the messages that fit. If all of them fit, they are returned without a copy.
    pub fn trim(&self, messages: Messages) -> Messages {
        let is_system = |at: usize| *messages[at].role() == Role::System;
        let mut system = 0_usize;
        // The cost from each message to the end, without system messages.
        let mut rest = vec![0_usize; messages.len() + 1];
        for (at, message) in messages.iter().enumerate().rev() {
            let cost = (self.cost)(message);
            let (counted, to_the_end) = if is_system(at) { (cost, 0) } else { (0, cost) };
            system = system.saturating_add(counted);
            rest[at] = rest[at + 1].saturating_add(to_the_end);
        }
        if system.saturating_add(rest[0]) <= self.limit {
            return messages;
        }
        let left = self.limit.saturating_sub(system);
        let fits = |start: &usize| rest[*start] <= left;
        let cuts = cuts(&messages);
        let start = cuts.turns.iter().copied().find(fits).or(cuts.turns.last().copied()).unwrap_or(cuts.last);
        let kept = messages.iter().enumerate().filter(|(at, _)| *at >= start || is_system(*at));
        kept.map(|(_, message)| message.clone()).collect()
    }
}

impl fmt::Debug for Trim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trim({} {})", self.limit, self.unit)
    }
}

/// The positions at which a history may be cut.
struct Cuts {
    /// The beginnings of turns. A turn begins with a message of the user that does not follow another one.
    turns: Vec<usize>,
    /// The last position before a message that is neither of the system nor of a tool.
    last: usize,
}

/// Returns the positions at which no tool call is open whose result comes later.
fn cuts(messages: &[Message]) -> Cuts {
    let results = results(messages);
    let mut answered_at = 0;
    let mut cuts = Cuts { turns: Vec::new(), last: 0 };
    let mut after_user = false;
    for (at, (message, result)) in messages.iter().zip(&results).enumerate() {
        let is_user = *message.role() == Role::User;
        let is_cut = at == 0 || answered_at < at;
        if is_cut && is_user && !after_user {
            cuts.turns.push(at);
        }
        if is_cut && !matches!(message.role(), Role::System | Role::Tool) {
            cuts.last = at;
        }
        after_user = is_user;
        answered_at = answered_at.max(*result);
    }
    cuts
}

/// Returns the positions at which a conversation may be cut: before a message of the user or of the model, and never
/// between a tool call and its result.
pub(crate) fn safe_cuts(messages: &[Message]) -> Vec<usize> {
    let results = results(messages);
    let mut answered_at = 0;
    let mut cuts = Vec::new();
    for (at, (message, result)) in messages.iter().zip(&results).enumerate() {
        if (at == 0 || answered_at < at) && !matches!(message.role(), Role::System | Role::Tool) {
            cuts.push(at);
        }
        answered_at = answered_at.max(*result);
    }
    cuts
}

/// Returns the position of the last result of each message's calls, or 0. A result belongs to the last call before it
/// that has its id and no result yet, because ids may come again in a later turn.
fn results(messages: &[Message]) -> Vec<usize> {
    let mut results = vec![0; messages.len()];
    let mut open: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, message) in messages.iter().enumerate() {
        for part in message.parts() {
            if let Part::ToolResult { call_id, .. } = part
                && let Some(call) = open.get_mut(call_id.as_str()).and_then(Vec::pop)
                && let Some(result) = results.get_mut(call)
            {
                *result = at;
            }
        }
        for call in message.tool_calls() {
            open.entry(&call.id).or_default().push(at);
        }
    }
    results
}

fn rough_tokens(message: &Message) -> usize {
    let parts: usize = message
        .parts()
        .iter()
        .map(|part| match part {
            Part::ToolResult { content, .. } => content.len(),
            // A state goes back to its provider, with the text in it.
            Part::Reasoning(Reasoning { state: Some(state), .. }) | Part::Opaque(state) => {
                state.value().to_string().len()
            }
            Part::Reasoning(reasoning) => reasoning.text.len(),
            part => part.text().len(),
        })
        .sum();
    let calls: usize = message.tool_calls().iter().map(|call| call.name.len() + call.raw_arguments.len()).sum();
    4 + (parts + calls).div_ceil(4)
}
