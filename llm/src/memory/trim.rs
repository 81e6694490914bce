//! The part of a history that a turn reads.

use crate::{Message, Messages, Part, Role};
use std::{collections::HashMap, fmt, sync::Arc};

/// A limit on the part of a history that is read: the newest turns that fit. The stored history is not changed.
///
/// A history is cut between turns: before a message of the user, and never between a tool call and its result. System
/// messages are always kept, and counted first. If the newest turn alone exceeds the limit, only that turn is kept.
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

    /// Limits the number of tokens, by an estimate: one token per four bytes of text, and four per message. For English
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

/// Returns the positions at which turns begin. A turn begins with a message of the user that does not follow another
/// one. No tool call may be open there whose result comes later.
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
