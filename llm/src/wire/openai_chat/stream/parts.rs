//! The parts of a message beside its text: images, audio, sources, and those that only their server understands.

use super::{
    super::{event::texts, state},
    Reader,
};
use crate::{Image, MessageChunk, Part, ProviderState, wire::lenient::says_something};
use serde_json::{Map, Value, json};

impl Reader {
    /// Keeps fields that are sent back.
    #[cold]
    pub(super) fn others(&mut self, fields: [(&str, Option<Box<Value>>); 2], out: &mut Vec<MessageChunk>) {
        for (name, value) in fields {
            if let Some(value) = value.filter(|value| says_something(value)) {
                if let Some(words) = value.get("transcript").and_then(Value::as_str) {
                    self.content(words.to_owned().into(), out);
                }
                self.has_text = self.has_text || value.get("data").is_some_and(says_something);
                let mut fields = Map::new();
                fields.insert(name.to_owned(), *value);
                self.opaque(Value::Object(fields), out);
            }
        }
    }

    /// Reads content that is a list of parts.
    pub(super) fn parts(&mut self, parts: Value, out: &mut Vec<MessageChunk>) {
        let parts = match parts {
            Value::Array(parts) => parts,
            part => vec![part],
        };
        for part in parts {
            let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
            match kind {
                "thinking" | "reasoning" => {
                    let text =
                        ["thinking", "reasoning", "text", "summary"].iter().find_map(|name| part.get(name)).map(texts);
                    self.think(state::PART, text.unwrap_or_default().into(), out);
                }
                "refusal" => {
                    self.has_begun = true;
                    self.refusal.push_str(part.get("refusal").and_then(Value::as_str).unwrap_or_default());
                }
                _ if part.is_string() || part.get("text").is_some() => {
                    self.content(texts(&part).into(), out);
                    let annotations = part.get("annotations").filter(|list| says_something(list));
                    self.add_source(state::SOURCES[0], annotations.cloned().map(Box::new));
                }
                _ if image(&part).is_some() => {
                    self.has_begun = true;
                    self.has_text = true;
                    self.close_text(out);
                    self.close_thoughts(out);
                    out.extend(image(&part).map(|image| MessageChunk::part(Part::Image(image))));
                }
                _ if says_something(&part) => self.opaque(json!({ "content": [part] }), out),
                _ => {}
            }
        }
    }

    /// Keeps sources of the answer: annotations in pieces, other lists whole with each event.
    pub(super) fn add_source(&mut self, name: &'static str, more: Option<Box<Value>>) {
        let Some(more) = more.filter(|more| says_something(more)) else { return };
        match (self.sources.get_mut(name), *more) {
            (Some(Value::Array(list)), Value::Array(more)) if name == state::SOURCES[0] => list.extend(more),
            (_, more) => drop(self.sources.insert(name.to_owned(), more)),
        }
    }

    /// Keeps a part that only its server understands.
    pub(super) fn opaque(&mut self, value: Value, out: &mut Vec<MessageChunk>) {
        self.has_begun = true;
        self.close_text(out);
        self.close_thoughts(out);
        let state = ProviderState::new(&*self.origin, value);
        out.push(MessageChunk::part(Part::Opaque(state)));
    }
}

/// Returns the image in a part: `{"image_url": {"url": ".."}}`.
fn image(part: &Value) -> Option<Image> {
    let url = part.get("image_url")?;
    let url = url.as_str().or_else(|| url.get("url")?.as_str())?;
    (!url.is_empty()).then(|| Image::url(url))
}
