//! How much of a conversation goes into the next turn.

use crate::{Message, Messages, Part, Role};
use std::{collections::HashMap, fmt, sync::Arc};

/// How much of a history is read: the newest turns that fit. What is stored stays whole.
///
/// A history is cut between turns: before something the user says, and never between the call of a tool and its result.
/// What the system says is always kept, and counted first. Where the newest turn alone does not fit, only that is left.
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
    /// At most so many messages.
    pub fn messages(limit: usize) -> Self {
        Trim { limit, cost: Arc::new(|_| 1), unit: "messages" }
    }

    /// At most about so many tokens, by a rule of thumb: four bytes of text each, and four for the message itself. For
    /// English that is a little more than models count; [`tokens_by`](Trim::tokens_by) takes a real count.
    pub fn tokens(limit: usize) -> Self {
        Trim::tokens_by(limit, rough_tokens)
    }

    /// At most so many tokens, by the count of a model's own tokenizer.
    pub fn tokens_by(limit: usize, count: impl Fn(&Message) -> usize + Send + Sync + 'static) -> Self {
        Trim { limit, cost: Arc::new(count), unit: "tokens" }
    }

    /// The messages that are left. Those that fit are given back without a copy.
    pub fn trim(&self, messages: Messages) -> Messages {
        let is_system = |at: usize| *messages[at].role() == Role::System;
        let mut system = 0_usize;
        // From each message to the end, without what the system says.
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
        let start = cuts(&messages).into_iter().find(fits).unwrap_or(messages.len());
        let kept = messages.iter().enumerate().filter(|(at, _)| *at >= start || is_system(*at));
        kept.map(|(_, message)| message.clone()).collect()
    }
}

impl fmt::Debug for Trim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trim({} {})", self.limit, self.unit)
    }
}

/// Where a turn begins: before a user's message that follows none, and with no call open whose result comes later.
fn cuts(messages: &[Message]) -> Vec<usize> {
    let mut results = HashMap::new();
    for (at, message) in messages.iter().enumerate() {
        for part in message.parts() {
            if let Part::ToolResult { call_id, .. } = part {
                results.insert(call_id.as_str(), at);
            }
        }
    }
    let mut answered_at = 0;
    let mut cuts = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let is_user = |message: &Message| *message.role() == Role::User;
        if is_user(message) && (at == 0 || !is_user(&messages[at - 1])) && answered_at < at {
            cuts.push(at);
        }
        let answers = message.tool_calls().iter().filter_map(|call| results.get(call.id.as_str()).copied());
        answered_at = answers.fold(answered_at, usize::max);
    }
    cuts
}

fn rough_tokens(message: &Message) -> usize {
    let parts: usize = message
        .parts()
        .iter()
        .map(|part| match part {
            Part::ToolResult { content, .. } => content.len(),
            part => part.text().len(),
        })
        .sum();
    let calls: usize = message.tool_calls().iter().map(|call| call.name.len() + call.raw_arguments.len()).sum();
    4 + (parts + calls).div_ceil(4)
}
