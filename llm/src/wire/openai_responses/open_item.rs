use super::event::word;
use serde_json::Value;

/// An item of a streamed answer that is not complete.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "they are facts about the item that do not depend on each other")]
pub(super) struct OpenItem {
    pub(super) kind: Kind,
    /// The server's index of the item.
    pub(super) place: Option<u64>,
    /// The server's id of the item. Some servers send another one with each event.
    pub(super) id: String,
    /// The id of the call.
    pub(super) call_id: Option<String>,
    /// The index of the call among the calls of the answer.
    pub(super) call: usize,
    pub(super) has_sent_id: bool,
    pub(super) has_sent_name: bool,
    /// `true` if the call is of a tool without a schema, whose input is any text.
    pub(super) is_custom: bool,
    /// The lengths of the texts that were passed on, with the index of their part.
    sent: Vec<(u64, usize)>,
    /// The part that text was last added to.
    pub(super) part: Option<(Text, u64)>,
    /// `true` if the item itself has come, after its pieces.
    pub(super) is_done: bool,
    /// `true` if the item was found in the whole answer at the end.
    pub(super) is_matched: bool,
}

/// A kind of item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Message,
    Call,
    Reasoning,
    Other,
}

/// A kind of text in a reasoning item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Summary,
    Content,
}

impl Kind {
    /// Returns the kind of an item. An item with content that does not say its type is a message.
    pub(super) fn of(item: &Value) -> Self {
        match word(item, "type") {
            Some("message") => Kind::Message,
            Some("function_call" | "custom_tool_call") => Kind::Call,
            Some("reasoning") => Kind::Reasoning,
            None if item.get("content").is_some() => Kind::Message,
            None if item.get("arguments").is_some() => Kind::Call,
            _ => Kind::Other,
        }
    }
}

impl OpenItem {
    pub(super) fn new(kind: Kind, place: Option<u64>, id: &str) -> Self {
        OpenItem {
            kind,
            place,
            id: id.to_owned(),
            call_id: None,
            call: 0,
            has_sent_id: false,
            has_sent_name: false,
            is_custom: false,
            sent: Vec::new(),
            part: None,
            is_done: false,
            is_matched: false,
        }
    }

    /// Counts text that is passed on.
    pub(super) fn add(&mut self, part: u64, len: usize) {
        match self.sent.iter_mut().rfind(|(known, _)| *known == part) {
            Some((_, sent)) => *sent += len,
            None => self.sent.push((part, len)),
        }
    }

    /// Returns the end of a complete text that was not passed on yet, and counts it.
    pub(super) fn rest<'a>(&mut self, part: u64, text: &'a str) -> &'a str {
        let sent = self.sent.iter().rfind(|(known, _)| *known == part).map_or(0, |(_, sent)| *sent);
        let rest = text.get(sent..).unwrap_or("");
        if !rest.is_empty() {
            self.add(part, rest.len());
        }
        rest
    }

    /// Returns whether no text was passed on.
    pub(super) fn is_silent(&self) -> bool {
        self.sent.iter().all(|(_, sent)| *sent == 0)
    }
}
