use crate::{ChatRequest, Message, MessageAssembler, MessageChunk, Part};
use catena::Assemble;
use std::collections::{HashMap, HashSet};

/// The names of tools that a provider accepts: letters, digits, `_` and `-`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NameRule {
    /// The length of the longest name.
    pub(crate) longest: usize,
    /// `true` if a name begins with a letter or `_`.
    pub(crate) letter_first: bool,
}

impl NameRule {
    fn allows(self, name: &str) -> bool {
        let first = name.bytes().next();
        (1..=self.longest).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
            && (!self.letter_first || first.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_'))
    }

    /// Returns a name that is as similar as the rule allows, with this end.
    fn similar(self, name: &str, end: &str) -> String {
        let allowed = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
        let mut similar: String = name.chars().map(allowed).collect();
        if self.letter_first && !similar.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
            similar.insert(0, '_');
        }
        if similar.is_empty() {
            similar.push('_');
        }
        similar.truncate(self.longest.saturating_sub(end.len()));
        similar + end
    }
}

/// Stand-ins for the names of tools that a provider does not accept.
///
/// They follow from the request alone, so that what is sent and what is read agree without shared state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    sent: HashMap<String, String>,
    own: HashMap<String, String>,
}

impl Names {
    /// Creates the stand-ins for a request: for its tools, and for the calls in its messages.
    pub(crate) fn new(request: &ChatRequest, rule: NameRule) -> Self {
        let tools = request.tools.iter().map(|tool| tool.name.as_str());
        let calls = request.messages.iter().flat_map(Message::tool_calls).map(|call| call.name.as_str());
        let mut names = Names::default();
        if tools.clone().chain(calls.clone()).all(|name| rule.allows(name)) {
            return names;
        }
        let mut taken: HashSet<String> =
            tools.clone().chain(calls.clone()).filter(|name| rule.allows(name)).map(str::to_owned).collect();
        for name in tools.chain(calls) {
            if rule.allows(name) || names.sent.contains_key(name) {
                continue;
            }
            let mut stand_in = rule.similar(name, "");
            let mut number = 2;
            while taken.contains(&stand_in) {
                stand_in = rule.similar(name, &format!("_{number}"));
                number += 1;
            }
            taken.insert(stand_in.clone());
            names.own.insert(stand_in.clone(), name.to_owned());
            names.sent.insert(name.to_owned(), stand_in);
        }
        names
    }

    /// Returns the name that is sent.
    pub(crate) fn sent<'a>(&'a self, name: &'a str) -> &'a str {
        self.sent.get(name).map_or(name, String::as_str)
    }

    /// Returns `true` if every name is sent as it is.
    pub(crate) fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    /// Replaces the stand-ins in a chunk of an answer by the tools' own names.
    pub(crate) fn restore(&self, chunk: &mut MessageChunk) {
        for call in &mut chunk.tool_calls {
            if let Some(name) = call.name.as_mut()
                && let Some(own) = self.own.get(name.as_str())
            {
                name.clone_from(own);
            }
        }
    }

    /// Replaces the stand-ins in an answer by the tools' own names.
    pub(crate) fn restored(&self, message: Message) -> Message {
        if !message.tool_calls().iter().any(|call| self.own.contains_key(&call.name)) {
            return message;
        }
        let mut answer = MessageAssembler::default();
        MessageAssembler::default().split(message.clone(), &mut |mut chunk| {
            self.restore(&mut chunk);
            // Of two texts in a row, the second one comes as a part.
            debug_assert!(!matches!(&chunk.part, Some(Part::Text(text)) if text.is_empty()) || chunk.text.is_empty());
            answer.push(chunk);
        });
        answer.finish().unwrap_or(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ToolCall, ToolDefinition};
    use serde_json::json;

    const RULE: NameRule = NameRule { longest: 12, letter_first: true };

    fn request(names: &[&str]) -> ChatRequest {
        let tools = names.iter().map(|name| ToolDefinition::new(*name, "", json!({"type": "object"})));
        ChatRequest { tools: tools.collect(), ..ChatRequest::new("Hi") }
    }

    #[test]
    fn names_that_are_allowed_are_sent_as_they_are() {
        let names = Names::new(&request(&["look_up", "b-2"]), RULE);
        assert!(names.is_empty());
        assert_eq!(names.sent("look_up"), "look_up");
    }

    #[test]
    fn stand_ins_are_allowed_and_distinct_and_mapped_back() {
        let own = ["fs/read", "fs_read", "fs.read", "wetter für heute", "wetter für morgen", "2nd", "", "città"];
        let names = Names::new(&request(&own), RULE);
        let sent: Vec<&str> = own.iter().map(|name| names.sent(name)).collect();
        assert!(sent.iter().all(|name| RULE.allows(name)), "{sent:?}");
        assert_eq!(sent.iter().collect::<HashSet<_>>().len(), own.len(), "{sent:?}");
        assert_eq!(sent[1], "fs_read");
        let back = sent.iter().map(|name| names.own.get(*name).map_or(*name, String::as_str));
        assert_eq!(back.collect::<Vec<_>>(), own);
    }

    #[test]
    fn answers_have_the_tools_own_names() {
        let names = Names::new(&request(&["fs/read"]), RULE);
        let answer = Message::assistant("I look.").with_tool_call(ToolCall::new("1", names.sent("fs/read"), "{}"));
        let restored = names.restored(answer);
        assert_eq!(restored, Message::assistant("I look.").with_tool_call(ToolCall::new("1", "fs/read", "{}")));
    }
}
