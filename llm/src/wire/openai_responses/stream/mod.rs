//! The reader of a streamed answer; `items` reads its items.

mod items;

use super::{
    event::{Answer, Event, Extra, word},
    open_item::{Kind, OpenItem, Text},
};
use crate::{
    FinishReason, MessageChunk, Part, ProviderState, Reasoning, ToolCallChunk, Usage,
    wire::{
        Fault, Flow, ReadStream,
        ids::Ids,
        lenient::{self, Every, says_something},
        openai_tokens::Tokens,
        parse,
        usage::larger,
    },
};
use serde_json::{Value, json};

/// A reader of a streamed answer.
///
/// A text, or the arguments of a call, may come in pieces, in an event that completes them, in their item, and in the
/// whole answer at the end. Each of these adds what those before left out.
#[allow(clippy::struct_excessive_bools, reason = "they are facts about the answer that do not depend on each other")]
pub(crate) struct Reader {
    origin: String,
    items: Vec<OpenItem>,
    ids: Ids,
    calls: usize,
    /// The item whose text was added last.
    text_of: Option<usize>,
    id: Option<String>,
    model: Option<String>,
    has_sent_metadata: bool,
    usage: Option<Usage>,
    finish: Option<FinishReason>,
    refusal: String,
    /// `true` if the answer has a text that is not blank, a call, or an item of another kind.
    has_content: bool,
    has_reasoning: bool,
    has_begun: bool,
    is_complete: bool,
    /// The end of an answer without content, for the error.
    raw: String,
}

impl ReadStream for Reader {
    fn event(&mut self, name: &str, data: &str, out: &mut Vec<MessageChunk>) -> Result<Flow, Fault> {
        let data = data.trim();
        if data.is_empty() {
            return Ok(Flow::More);
        }
        self.has_begun = true;
        if data == "[DONE]" {
            return Ok(Flow::Done);
        }
        let begun = out.len();
        let mut mended = String::new();
        let event: Event<'_> = lenient::borrow(data, &mut mended).map_err(|error| Fault::not_json(data, &error))?;
        let kind = if event.kind.0.is_empty() {
            // An error may come under any name.
            let extra: Extra = parse(data)?;
            if extra.is_error() {
                return Err(reported(data));
            }
            name
        } else {
            &event.kind.0
        };
        let flow = match kind {
            "response.output_text.delta" => {
                let at = self.item(Kind::Message, &event);
                self.add_text(at, event.content_index.unwrap_or(0), &event.delta.0, out);
                Flow::More
            }
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                let at = self.item(Kind::Call, &event);
                self.add_arguments(at, &event.delta.0, out);
                Flow::More
            }
            "response.reasoning_summary_text.delta" | "response.reasoning_summary.delta" => {
                self.add_reasoning(&event, Text::Summary, event.summary_index, out);
                Flow::More
            }
            "response.reasoning_text.delta" | "response.reasoning.delta" => {
                self.add_reasoning(&event, Text::Content, event.content_index, out);
                Flow::More
            }
            "response.refusal.delta" => {
                let at = self.item(Kind::Message, &event);
                self.add_refusal(at, event.content_index.unwrap_or(0), &event.delta.0);
                Flow::More
            }
            _ => self.seldom(kind, &event, data, out)?,
        };
        if !self.has_sent_metadata && (self.id.is_some() || self.model.is_some()) {
            // They wait for a chunk of the answer, because a stream is not repeated after its first chunk.
            if let Some(chunk) = out.get_mut(begun) {
                self.add_metadata(chunk);
            }
        }
        Ok(flow)
    }

    fn end(&mut self, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        if !self.is_complete {
            return Err(if self.has_begun { Fault::Early } else { Fault::NoEvents { blank: true } });
        }
        self.complete_calls(out)?;
        if !self.has_content {
            let (raw, words) = (std::mem::take(&mut self.raw), std::mem::take(&mut self.refusal));
            return Err(if words.trim().is_empty() {
                Fault::Empty { finish: self.finish.take(), raw }
            } else {
                Fault::Refused { words }
            });
        }
        let mut chunk = MessageChunk::text(std::mem::take(&mut self.refusal));
        let metadata = chunk.metadata_mut();
        metadata.finish_reason = self.finish.take();
        metadata.usage = self.usage;
        if !self.has_sent_metadata {
            self.add_metadata(&mut chunk);
        }
        out.push(chunk);
        Ok(())
    }

    fn usage(&self) -> Option<Usage> {
        self.usage
    }
}

impl Reader {
    /// Creates a reader. The states in the answer get this origin.
    pub(crate) fn new(origin: &str) -> Self {
        Reader {
            origin: origin.to_owned(),
            items: Vec::new(),
            ids: Ids::default(),
            calls: 0,
            text_of: None,
            id: None,
            model: None,
            has_sent_metadata: false,
            usage: None,
            finish: None,
            refusal: String::new(),
            has_content: false,
            has_reasoning: false,
            has_begun: false,
            is_complete: false,
            raw: String::new(),
        }
    }

    /// Reads an event that is not a piece of a text.
    fn seldom(
        &mut self,
        kind: &str,
        event: &Event<'_>,
        data: &str,
        out: &mut Vec<MessageChunk>,
    ) -> Result<Flow, Fault> {
        let extra: Extra = parse(data)?;
        match kind {
            "error" | "response.error" => return Err(reported(data)),
            _ if extra.is_error() => return Err(reported(data)),
            "response.completed"
            | "response.incomplete"
            | "response.failed"
            | "response.done"
            | "response.cancelled" => {
                let mut answer = extra.response.read().unwrap_or_default();
                if answer.status.is_none() || kind != "response.completed" {
                    let status = kind.strip_prefix("response.").filter(|status| *status != "done");
                    answer.status = status.map(str::to_owned).or(answer.status);
                }
                self.complete(answer, data, out)?;
                return Ok(Flow::Done);
            }
            "response.output_item.added" => {
                if let Some(item) = extra.item.read() {
                    self.begin_item(event.output_index, &item, out);
                }
            }
            "response.output_item.done" => {
                if let Some(item) = extra.item.read() {
                    let at = self.find(event.output_index, &item, false);
                    let at = at.unwrap_or_else(|| self.add_item(event.output_index, &item));
                    self.end_item(at, item, out);
                }
            }
            "response.output_text.done" | "response.content_part.done" => {
                let part = extra.part.read().unwrap_or_default();
                // A part may be one of reasoning, too.
                let Some(text) = extra.text.or(part.text.filter(|_| part.kind.as_deref() != Some("reasoning_text")))
                else {
                    return Ok(Flow::More);
                };
                let at = self.item(Kind::Message, event);
                let part = event.content_index.unwrap_or(0);
                let rest = self.rest(at, part, &text);
                self.pass_text(at, rest, out);
            }
            "response.function_call_arguments.done" => {
                let at = self.item(Kind::Call, event);
                if let Some(name) = extra.name {
                    self.name_call(at, &name, out);
                }
                self.end_arguments(at, extra.arguments, out);
            }
            "response.custom_tool_call_input.done" => {
                let at = self.item(Kind::Call, event);
                self.end_arguments(at, extra.input, out);
            }
            "response.refusal.done" => {
                let at = self.item(Kind::Message, event);
                let words = extra.refusal.unwrap_or_default();
                let rest = self.rest(at, refusal_of(event.content_index.unwrap_or(0)), &words);
                self.refusal.push_str(&rest);
            }
            _ => {
                // An answer without an event around it.
                let answer = match (extra.response.read(), extra.object.as_deref()) {
                    (Some(answer), _) => answer,
                    (None, Some("response")) if kind.is_empty() => {
                        let answer: Answer = parse(data)?;
                        self.complete(answer, data, out)?;
                        return Ok(Flow::Done);
                    }
                    (None, _) => return Ok(Flow::More),
                };
                self.head(answer);
            }
        }
        Ok(Flow::More)
    }

    /// Reads the id, the model and the tokens of an answer.
    fn head(&mut self, answer: Answer) {
        self.id = answer.id.or(self.id.take());
        self.model = answer.model.or(self.model.take());
        self.usage = larger(self.usage, answer.usage.read().and_then(Tokens::usage));
    }

    /// Reads the complete answer, and adds the parts of it that did not come before.
    pub(super) fn complete(&mut self, mut answer: Answer, raw: &str, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        let error = answer.error.take().filter(says_something);
        let status = answer.status.take();
        let reason = std::mem::take(&mut answer.incomplete_details).read().unwrap_or_default().reason;
        let output = answer.output.take().map_or_else(Vec::new, |Every(items)| items);
        let output_text = answer.output_text.take();
        self.has_begun = true;
        self.head(answer);
        if let Some(error) = error {
            return Err(Fault::Reported(json!({ "error": error })));
        }
        match status.as_deref() {
            Some("failed" | "cancelled") => {
                return Err(reported(raw));
            }
            Some("queued" | "in_progress") => return Err(Fault::Early),
            _ => {}
        }
        for (place, item) in (0..).zip(output) {
            if !item.is_object() {
                continue;
            }
            let at = self.find(Some(place), &item, true).unwrap_or_else(|| self.add_item(Some(place), &item));
            if let Some(open) = self.items.get_mut(at) {
                open.is_matched = true;
            }
            self.end_item(at, item, out);
        }
        if let Some(text) = output_text.filter(|_| self.items.iter().all(|item| item.kind != Kind::Message)) {
            self.items.push(OpenItem::new(Kind::Message, None, ""));
            self.add_text(self.items.len() - 1, 0, &text, out);
        }
        self.finish = match (status.as_deref(), reason) {
            (_, Some(reason)) => Some(match &*reason {
                "max_output_tokens" | "max_tokens" | "length" => FinishReason::Length,
                "content_filter" => FinishReason::ContentFilter,
                reason => FinishReason::Other(reason.to_owned()),
            }),
            (Some("incomplete"), None) => Some(FinishReason::Other("incomplete".to_owned())),
            _ if self.calls > 0 => Some(FinishReason::ToolCalls),
            (Some("completed") | None, None) => Some(FinishReason::Stop),
            (Some(status), None) => Some(status.into()),
        };
        self.is_complete = true;
        if !self.has_content {
            raw.clone_into(&mut self.raw);
        }
        Ok(())
    }

    fn rest(&mut self, at: usize, part: u64, text: &str) -> String {
        self.items.get_mut(at).map_or_else(String::new, |open| open.rest(part, text).to_owned())
    }

    /// Adds a piece of a text.
    fn add_text(&mut self, at: usize, part: u64, text: &str, out: &mut Vec<MessageChunk>) {
        if let Some(open) = self.items.get_mut(at) {
            open.add(part, text.len());
        }
        self.pass_text(at, text.to_owned(), out);
    }

    fn pass_text(&mut self, at: usize, text: String, out: &mut Vec<MessageChunk>) {
        if text.is_empty() {
            return;
        }
        self.has_content = self.has_content || !text.trim().is_empty();
        let mut chunk = MessageChunk::text(text);
        if self.text_of.replace(at).is_some_and(|last| last != at) {
            // The text of another message does not continue the one before.
            chunk.part = Some(Part::Text(String::new()));
        }
        out.push(chunk);
    }

    fn add_refusal(&mut self, at: usize, part: u64, words: &str) {
        if let Some(open) = self.items.get_mut(at) {
            open.add(refusal_of(part), words.len());
        }
        self.refusal.push_str(words);
    }

    fn add_reasoning(&mut self, event: &Event<'_>, of: Text, part: Option<u64>, out: &mut Vec<MessageChunk>) {
        let at = self.item(Kind::Reasoning, event);
        self.has_reasoning = true;
        let delta = &*event.delta.0;
        let Some(open) = self.items.get_mut(at).filter(|open| !delta.is_empty() && !open.is_done) else { return };
        open.add(0, delta.len());
        let part = (of, part.unwrap_or(0));
        let is_next = open.part.replace(part).is_some_and(|last| last != part);
        let text = if is_next { format!("{BETWEEN}{delta}") } else { delta.to_owned() };
        out.push(MessageChunk::reasoning(Reasoning::new(text)));
    }

    /// Reads the id and the name of a call.
    fn identify_call(&mut self, at: usize, item: &Value, out: &mut Vec<MessageChunk>) {
        if let Some(name) = word(item, "name") {
            self.name_call(at, name, out);
        }
        let Some(open) = self.items.get_mut(at) else { return };
        if let Some(id) = word(item, "call_id").filter(|_| !open.has_sent_id) {
            open.call_id = Some(id.to_owned());
            open.has_sent_id = true;
            let (index, id) = (open.call, Some(self.ids.next(Some(id.to_owned()))));
            out.push(MessageChunk::tool_call(ToolCallChunk { index, id, ..ToolCallChunk::default() }));
        }
    }

    fn name_call(&mut self, at: usize, name: &str, out: &mut Vec<MessageChunk>) {
        if let Some(open) = self.items.get_mut(at).filter(|open| !open.has_sent_name) {
            open.has_sent_name = true;
            let (index, name) = (open.call, Some(name.to_owned()));
            out.push(MessageChunk::tool_call(ToolCallChunk { index, name, ..ToolCallChunk::default() }));
        }
    }

    fn add_arguments(&mut self, at: usize, arguments: &str, out: &mut Vec<MessageChunk>) {
        let Some(open) = self.items.get_mut(at).filter(|_| !arguments.is_empty()) else { return };
        open.add(0, arguments.len());
        let (index, arguments) = (open.call, arguments.to_owned());
        out.push(MessageChunk::tool_call(ToolCallChunk { index, arguments, ..ToolCallChunk::default() }));
    }

    /// Adds the end of the arguments, which are text or JSON.
    fn end_arguments(&mut self, at: usize, arguments: Option<Value>, out: &mut Vec<MessageChunk>) {
        let arguments = match arguments {
            None | Some(Value::Null) => return,
            Some(Value::String(text)) => text,
            // JSON may be written in another way than its pieces were.
            Some(_) if self.items.get(at).is_some_and(|open| !open.is_silent()) => return,
            Some(value) => value.to_string(),
        };
        let Some(open) = self.items.get_mut(at) else { return };
        let (rest, index) = (open.rest(0, &arguments), open.call);
        if !rest.is_empty() {
            let arguments = rest.to_owned();
            out.push(MessageChunk::tool_call(ToolCallChunk { index, arguments, ..ToolCallChunk::default() }));
        }
    }

    /// Adds the ids that the server did not send, and the arguments of calls without any.
    fn complete_calls(&mut self, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        for open in self.items.iter_mut().filter(|open| open.kind == Kind::Call) {
            if !open.has_sent_name {
                let call = open.call_id.take().unwrap_or_else(|| std::mem::take(&mut open.id));
                return Err(Fault::BadCall { call, why: "it has no name" });
            }
            let mut chunk = ToolCallChunk { index: open.call, ..ToolCallChunk::default() };
            if !open.has_sent_id {
                open.has_sent_id = true;
                chunk.id = Some(self.ids.next(Some(open.id.clone())));
            }
            if open.is_silent() && !open.is_custom {
                "{}".clone_into(&mut chunk.arguments);
            }
            if chunk.id.is_some() || !chunk.arguments.is_empty() {
                out.push(MessageChunk::tool_call(chunk));
            }
        }
        Ok(())
    }

    fn add_metadata(&mut self, chunk: &mut MessageChunk) {
        self.has_sent_metadata = true;
        if self.id.is_some() || self.model.is_some() {
            let metadata = chunk.metadata_mut();
            metadata.id = self.id.take();
            metadata.model = self.model.take();
        }
    }
}

/// The text between two parts of a summary.
const BETWEEN: &str = "\n\n";

/// Returns the number by which the length of a refusal is counted, apart from that of a text.
fn refusal_of(part: u64) -> u64 {
    u64::MAX - part
}

fn opaque(state: ProviderState) -> MessageChunk {
    MessageChunk::part(Part::Opaque(state))
}

#[cold]
fn reported(data: &str) -> Fault {
    parse(data).map_or_else(std::convert::identity, Fault::Reported)
}
