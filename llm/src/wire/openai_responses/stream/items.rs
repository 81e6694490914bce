//! The items of an answer: which one an event belongs to, and what a complete item adds.

use super::{BETWEEN, Reader, opaque, refusal_of};
use crate::{
    MessageChunk, ProviderState, Reasoning, ToolCallChunk,
    wire::{
        arguments,
        lenient::says_something,
        logprobs,
        openai_responses::{
            CUSTOM_CALL,
            event::{Event, word},
            open_item::{Kind, OpenItem},
        },
    },
};
use serde_json::{Map, Value};

impl Reader {
    /// Returns the item that a piece belongs to. One that was not announced begins.
    pub(super) fn item(&mut self, kind: Kind, event: &Event<'_>) -> usize {
        let id = &*event.item_id.0;
        let has_id = |item: &OpenItem| {
            !id.is_empty() && item.kind == kind && (item.id == id || item.call_id.as_deref() == Some(id))
        };
        let has_place = |item: &OpenItem| item.kind == kind && item.place.is_some() && item.place == event.output_index;
        if let Some(last) = self.items.last()
            && has_id(last)
        {
            return self.items.len() - 1;
        }
        let found = self.items.iter().rposition(has_id).or_else(|| self.items.iter().rposition(has_place));
        let found = found.or_else(|| {
            let is_unknown = event.output_index.is_none()
                || !self.items.iter().any(|item| item.kind == kind && item.place.is_some());
            self.items.iter().rposition(|item| item.kind == kind).filter(|_| is_unknown)
        });
        found.unwrap_or_else(|| {
            self.items.push(OpenItem::new(kind, event.output_index, id));
            self.number_call(self.items.len() - 1);
            self.items.len() - 1
        })
    }

    /// Returns the open item that is the beginning of this one. `at_end` if the item is one of the whole answer.
    pub(super) fn find(&self, place: Option<u64>, item: &Value, at_end: bool) -> Option<usize> {
        let kind = Kind::of(item);
        let (id, call_id) = (word(item, "id"), word(item, "call_id"));
        let is_left = |open: &OpenItem| open.kind == kind && if at_end { !open.is_matched } else { !open.is_done };
        let find = |fits: &dyn Fn(&OpenItem) -> bool| self.items.iter().position(|open| is_left(open) && fits(open));
        let same = |first: Option<&str>, second: Option<&str>| first.is_some() && first == second;
        // Another id is another call, whatever its place.
        let may_be =
            |open: &OpenItem| call_id.is_none() || open.call_id.is_none() || open.call_id.as_deref() == call_id;
        find(&|open| same(call_id, open.call_id.as_deref()))
            .or_else(|| find(&|open| may_be(open) && same(id, Some(&open.id))))
            .or_else(|| find(&|open| may_be(open) && place.is_some() && open.place == place))
            .or_else(|| {
                // Some servers count the places of the last answer in another way, or send none.
                find(&|open| may_be(open) && (at_end || place.is_none() || open.place.is_none()))
            })
    }

    pub(super) fn add_item(&mut self, place: Option<u64>, item: &Value) -> usize {
        let kind = Kind::of(item);
        let mut open = OpenItem::new(kind, place, word(item, "id").unwrap_or_default());
        open.is_custom = word(item, "type") == Some(CUSTOM_CALL);
        self.items.push(open);
        let at = self.items.len() - 1;
        self.number_call(at);
        at
    }

    fn number_call(&mut self, at: usize) {
        if let Some(open) = self.items.get_mut(at).filter(|open| open.kind == Kind::Call) {
            open.call = self.calls;
            self.calls += 1;
            self.has_content = true;
        }
    }

    /// Returns the arguments in a call, or its input.
    fn said(&self, at: usize, item: &Value) -> Option<Value> {
        let is_custom = self.items.get(at).is_some_and(|open| open.is_custom);
        item.get("arguments").or_else(|| item.get("input").filter(|_| is_custom)).cloned()
    }

    /// Reads the announcement of an item.
    pub(super) fn begin_item(&mut self, place: Option<u64>, item: &Value, out: &mut Vec<MessageChunk>) {
        let at = self.add_item(place, item);
        match Kind::of(item) {
            Kind::Call => {
                self.identify_call(at, item, out);
                let said = self.said(at, item).map(arguments::text).filter(|said| said != "{}");
                self.add_arguments(at, &said.unwrap_or_default(), out);
            }
            Kind::Reasoning => self.has_reasoning = true,
            Kind::Message | Kind::Other => {}
        }
    }

    /// Reads a complete item, and adds the parts of it that did not come before.
    pub(super) fn end_item(&mut self, at: usize, item: Value, out: &mut Vec<MessageChunk>) {
        let Some(open) = self.items.get_mut(at) else { return };
        let was_done = std::mem::replace(&mut open.is_done, true);
        match open.kind {
            Kind::Message => self.end_message(at, &item, was_done, out),
            Kind::Call => {
                self.identify_call(at, &item, out);
                self.end_arguments(at, self.said(at, &item), out);
                let Some(open) = self.items.get_mut(at).filter(|_| !was_done) else { return };
                // The announcement may have had another type.
                open.is_custom = open.is_custom || word(&item, "type") == Some(CUSTOM_CALL);
                let mut state = Map::new();
                if open.is_custom {
                    state.insert("type".to_owned(), CUSTOM_CALL.into());
                }
                // The id of the item is wanted back beside the reasoning that led to the call.
                if let Some(id) = word(&item, "id").filter(|_| self.has_reasoning) {
                    state.insert("id".to_owned(), id.into());
                }
                if !state.is_empty() {
                    let state = Some(ProviderState::new(&*self.origin, Value::Object(state)));
                    let index = open.call;
                    out.push(MessageChunk::tool_call(ToolCallChunk { index, state, ..ToolCallChunk::default() }));
                }
            }
            Kind::Reasoning if !was_done => self.end_reasoning(at, item, out),
            Kind::Other if !was_done => {
                self.has_content = true;
                out.push(opaque(ProviderState::new(&*self.origin, item)));
            }
            Kind::Reasoning | Kind::Other => {}
        }
    }

    fn end_message(&mut self, at: usize, item: &Value, was_done: bool, out: &mut Vec<MessageChunk>) {
        let mut state = Map::new();
        let (mut annotations, mut unknown) = (Vec::new(), Vec::new());
        let one;
        let parts = match item.get("content") {
            Some(Value::Array(parts)) => parts.as_slice(),
            Some(Value::Null) | None => &[],
            Some(other) => {
                one = [other.clone()];
                &one
            }
        };
        for (part, content) in (0..).zip(parts) {
            let text = content.as_str().or_else(|| content.get("text")?.as_str());
            let refusal = content.get("refusal").and_then(Value::as_str);
            match (text, refusal) {
                (Some(text), _) => {
                    let rest = self.rest(at, part, text);
                    self.pass_text(at, rest, out);
                    if let Some(tokens) = content.get("logprobs").filter(|_| !was_done) {
                        logprobs::add(logprobs::openai(tokens), out);
                    }
                    if let Some(Value::Array(list)) = content.get("annotations") {
                        annotations.extend(list.iter().cloned());
                    }
                }
                (None, Some(words)) => {
                    let rest = self.rest(at, refusal_of(part), words);
                    self.refusal.push_str(&rest);
                }
                (None, None) if says_something(content) => unknown.push(content.clone()),
                (None, None) => {}
            }
        }
        if was_done {
            return;
        }
        let has_phase = item.get("phase").is_some_and(|phase| !phase.is_null());
        if !has_phase && !self.has_reasoning && annotations.is_empty() && unknown.is_empty() {
            return;
        }
        // The texts themselves are parts of the message.
        for key in ["id", "phase"] {
            if let Some(value) = item.get(key).filter(|value| !value.is_null()) {
                state.insert(key.to_owned(), value.clone());
            }
        }
        if !annotations.is_empty() {
            state.insert("annotations".to_owned(), annotations.into());
        }
        if !unknown.is_empty() {
            self.has_content = true;
            state.insert("content".to_owned(), unknown.into());
        }
        if !state.is_empty() {
            state.insert("type".to_owned(), "message".into());
            out.push(opaque(ProviderState::new(&*self.origin, Value::Object(state))));
        }
    }

    fn end_reasoning(&mut self, at: usize, item: Value, out: &mut Vec<MessageChunk>) {
        self.has_reasoning = true;
        let Some(open) = self.items.get_mut(at) else { return };
        let mut text = String::new();
        if open.is_silent() {
            let texts = |key: &str| -> Vec<&str> {
                match item.get(key) {
                    Some(Value::Array(parts)) => {
                        parts.iter().filter_map(|part| part.as_str().or_else(|| part.get("text")?.as_str())).collect()
                    }
                    Some(Value::String(text)) => vec![text],
                    _ => Vec::new(),
                }
            };
            let summary = texts("summary");
            text = if summary.is_empty() { texts("content") } else { summary }.join(BETWEEN);
        }
        let state = ProviderState::new(&*self.origin, item);
        out.push(MessageChunk::reasoning(Reasoning::new(text).with_state(state)));
    }
}
