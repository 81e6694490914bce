use crate::{
    MessageChunk, Part, ProviderState, Reasoning, ToolCallChunk,
    wire::{arguments, ids::Ids},
};
use serde_json::{Map, Value, json};

/// A block of an answer, of which more may come.
#[derive(Debug)]
pub(super) enum Block {
    Text {
        citations: Vec<Value>,
    },
    /// The text of the thoughts is kept, because the provider wants the whole block back.
    Thinking {
        fields: Map<String, Value>,
        text: String,
        signature: Option<String>,
    },
    Call {
        /// The index among the calls of the answer.
        index: usize,
        /// The input that came with the beginning. It counts if no pieces follow.
        input: Value,
        has_pieces: bool,
    },
    /// A block that is sent back as it came: a server tool and its result, or a kind that is not known.
    Opaque {
        fields: Map<String, Value>,
        input: String,
    },
}

/// The most calls that wait for more of their input at the same time.
const MOST_OPEN: usize = 128;

/// The blocks of one answer.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    origin: String,
    ids: Ids,
    /// The blocks that are not complete, with the server's index.
    open: Vec<(Option<u64>, Block)>,
    /// The number of calls so far.
    pub(super) calls: usize,
    /// `true` if there is text that is not blank.
    pub(super) has_text: bool,
    /// `true` if there is a block of another kind, except for thoughts.
    pub(super) has_others: bool,
    /// The id of a call without a name.
    pub(super) nameless: Option<String>,
}

impl Blocks {
    pub(super) fn new(origin: &str) -> Self {
        Blocks { origin: origin.to_owned(), ..Blocks::default() }
    }

    /// Begins a block, with what came with its beginning.
    pub(super) fn begin(&mut self, index: Option<u64>, block: Value, out: &mut Vec<MessageChunk>) {
        // A server may not say when a block ends. Only calls can wait for more beside another block, and not many.
        if self.open.len() >= MOST_OPEN {
            self.end_all(out);
        }
        self.close(|at, open| !matches!(open, Block::Call { .. }) || (at == index && at.is_some()), out);
        let mut fields = match block {
            Value::Object(fields) => fields,
            Value::String(text) => Map::from_iter([("text".to_owned(), Value::String(text))]),
            _ => return,
        };
        let kind = kind_of(&fields);
        let block = match &*kind {
            "text" => {
                self.text(take_text(&mut fields, "text"), out);
                let citations = match fields.remove("citations") {
                    Some(Value::Array(citations)) => citations,
                    _ => Vec::new(),
                };
                Block::Text { citations }
            }
            "thinking" => {
                let text = take_text(&mut fields, "thinking");
                let signature = Some(take_text(&mut fields, "signature")).filter(|signature| !signature.is_empty());
                if !text.is_empty() {
                    out.push(MessageChunk::reasoning(Reasoning::new(text.clone())));
                }
                Block::Thinking { fields, text, signature }
            }
            "tool_use" => {
                let (id, name) = (take_text(&mut fields, "id"), take_text(&mut fields, "name"));
                let index = self.calls;
                self.calls += 1;
                if name.trim().is_empty() {
                    self.nameless = Some(id.clone());
                }
                out.push(MessageChunk::tool_call(ToolCallChunk {
                    index,
                    id: Some(self.ids.next(Some(id))),
                    name: Some(name),
                    ..ToolCallChunk::default()
                }));
                let input = fields.remove("input").unwrap_or_default();
                Block::Call { index, input, has_pieces: false }
            }
            _ => Block::Opaque { fields, input: String::new() },
        };
        self.open.push((index, block));
    }

    /// Reads a piece of text.
    pub(super) fn text(&mut self, text: String, out: &mut Vec<MessageChunk>) {
        if !text.is_empty() {
            self.has_text = self.has_text || !text.trim().is_empty();
            out.push(MessageChunk::text(text));
        }
    }

    /// Reads a piece of thoughts.
    pub(super) fn thinking(&mut self, index: Option<u64>, piece: String, out: &mut Vec<MessageChunk>) {
        if piece.is_empty() {
            return;
        }
        let Some(Block::Thinking { text, .. }) = self.find(index) else {
            return self.begin(index, json!({"type": "thinking", "thinking": piece}), out);
        };
        text.push_str(&piece);
        out.push(MessageChunk::reasoning(Reasoning::new(piece)));
    }

    /// Reads the signature of thoughts.
    pub(super) fn signature(&mut self, index: Option<u64>, signed: String, out: &mut Vec<MessageChunk>) {
        if signed.is_empty() {
            return;
        }
        match self.find(index) {
            Some(Block::Thinking { signature, .. }) => *signature = Some(signed),
            _ => self.begin(index, json!({"type": "thinking", "thinking": "", "signature": signed}), out),
        }
    }

    /// Reads a citation of a text.
    pub(super) fn citation(&mut self, index: Option<u64>, citation: Value, out: &mut Vec<MessageChunk>) {
        match self.find(index) {
            Some(Block::Text { citations }) => citations.push(citation),
            _ => self.begin(index, json!({"type": "text", "text": "", "citations": [citation]}), out),
        }
    }

    /// Reads a piece of a call's input. Returns `false` if there is no call.
    pub(super) fn input(&mut self, index: Option<u64>, piece: String, out: &mut Vec<MessageChunk>) -> bool {
        let at = self.place(index).filter(|at| matches!(self.open.get(*at), Some((_, Block::Call { .. }))));
        let at = at.or_else(|| self.open.iter().rposition(|(_, block)| matches!(block, Block::Call { .. })));
        let Some((_, Block::Call { index, has_pieces, .. })) = at.and_then(|at| self.open.get_mut(at)) else {
            return piece.trim().is_empty();
        };
        if !piece.is_empty() {
            *has_pieces = true;
            let index = *index;
            out.push(MessageChunk::tool_call(ToolCallChunk { index, arguments: piece, ..ToolCallChunk::default() }));
        }
        true
    }

    /// Returns whether pieces with this index belong to a block that is sent back as it came.
    pub(super) fn is_opaque(&mut self, index: Option<u64>) -> bool {
        matches!(self.find(index), Some(Block::Opaque { .. }))
    }

    /// Adds a piece to a block that is sent back as it came: texts and lists are continued, other values replaced.
    pub(super) fn extend(&mut self, index: Option<u64>, delta: Map<String, Value>) {
        let Some(Block::Opaque { fields, input }) = self.find(index) else { return };
        for (key, piece) in delta {
            match (key.as_str(), piece) {
                ("type", _) | (_, Value::Null) => {}
                ("partial_json", Value::String(piece)) => input.push_str(&piece),
                ("citation", piece) => match fields.entry("citations").or_insert_with(|| json!([])) {
                    Value::Array(citations) => citations.push(piece),
                    other => *other = json!([piece]),
                },
                (key, piece) => match (fields.get_mut(key), piece) {
                    (Some(Value::String(text)), Value::String(piece)) => text.push_str(&piece),
                    (Some(Value::Array(list)), Value::Array(pieces)) => list.extend(pieces),
                    (_, piece) => drop(fields.insert(key.to_owned(), piece)),
                },
            }
        }
    }

    /// Ends the block with this index, or the last one.
    pub(super) fn end(&mut self, index: Option<u64>, out: &mut Vec<MessageChunk>) {
        if let Some(at) = self.place(index) {
            let (_, block) = self.open.remove(at);
            self.finish(block, out);
        }
    }

    /// Ends all blocks.
    pub(super) fn end_all(&mut self, out: &mut Vec<MessageChunk>) {
        self.close(|_, _| true, out);
    }

    fn close(&mut self, ends: impl Fn(Option<u64>, &Block) -> bool, out: &mut Vec<MessageChunk>) {
        if self.open.iter().any(|(index, block)| ends(*index, block)) {
            for (index, block) in std::mem::take(&mut self.open) {
                if ends(index, &block) {
                    self.finish(block, out);
                } else {
                    self.open.push((index, block));
                }
            }
        }
    }

    /// Returns the place of the block with this index. Without an index it is the last one.
    fn place(&self, index: Option<u64>) -> Option<usize> {
        match index {
            Some(_) => {
                let unnamed = || self.open.len().checked_sub(1).filter(|at| self.open[*at].0.is_none());
                self.open.iter().rposition(|(at, _)| *at == index).or_else(unnamed)
            }
            None => self.open.len().checked_sub(1),
        }
    }

    fn find(&mut self, index: Option<u64>) -> Option<&mut Block> {
        let at = self.place(index)?;
        self.open.get_mut(at).map(|(_, block)| block)
    }

    fn finish(&mut self, block: Block, out: &mut Vec<MessageChunk>) {
        let state = |value: Value| ProviderState::new(self.origin.as_str(), value);
        let part = MessageChunk::part;
        match block {
            Block::Text { citations } if citations.is_empty() => {}
            Block::Text { citations } => out.push(part(Part::Opaque(state(json!({ "citations": citations }))))),
            Block::Thinking { text, signature: None, .. } if text.is_empty() => {}
            Block::Thinking { mut fields, text, signature } => {
                fields.insert("type".to_owned(), "thinking".into());
                fields.insert("thinking".to_owned(), text.into());
                if let Some(signature) = signature {
                    fields.insert("signature".to_owned(), signature.into());
                }
                let state = state(Value::Object(fields));
                out.push(MessageChunk::reasoning(Reasoning::default().with_state(state)));
            }
            Block::Call { has_pieces: true, .. } => {}
            Block::Call { index, input, .. } => {
                let arguments = arguments::text(input);
                out.push(MessageChunk::tool_call(ToolCallChunk { index, arguments, ..ToolCallChunk::default() }));
            }
            Block::Opaque { mut fields, input } => {
                if !input.is_empty() {
                    let input = serde_json::from_str(&input).unwrap_or(Value::String(input));
                    fields.insert("input".to_owned(), input);
                }
                let hidden = fields.get("type").is_some_and(|kind| kind == "redacted_thinking");
                self.has_others = self.has_others || !hidden;
                let state = state(Value::Object(fields));
                out.push(if hidden {
                    MessageChunk::reasoning(Reasoning::default().with_state(state))
                } else {
                    part(Part::Opaque(state))
                });
            }
        }
    }
}

/// Returns the type of a block. If it is missing, the fields tell it.
fn kind_of(fields: &Map<String, Value>) -> String {
    if let Some(kind) = fields.get("type").and_then(Value::as_str).filter(|kind| !kind.is_empty()) {
        return kind.to_owned();
    }
    let has = |key: &str| fields.contains_key(key);
    let kind = match () {
        () if has("thinking") => "thinking",
        () if has("name") && has("input") => "tool_use",
        () if has("text") => "text",
        () => "",
    };
    kind.to_owned()
}

fn take_text(fields: &mut Map<String, Value>, key: &str) -> String {
    match fields.remove(key) {
        Some(Value::String(text)) => text,
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}
