//! The JSON form of a message. It is separate from the form in memory, so that either can change alone.

use super::{FinishReason, Inner, Message, MessageMetadata, Part, Role, TokenLogprob, ToolCall, Usage};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeStruct};

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Inner { role, parts, name, tool_calls, places, model, id, finish_reason, usage, logprobs, joined: _ } =
            &*self.0;
        // Calls stand after the parts, unless their places say otherwise.
        let is_mixed = places.iter().any(|place| *place < parts.len());
        let given = [
            name.is_some(),
            !tool_calls.is_empty(),
            is_mixed,
            model.is_some(),
            id.is_some(),
            finish_reason.is_some(),
            usage.is_some(),
            !logprobs.is_empty(),
        ];
        let mut out = serializer.serialize_struct("Message", 2 + given.into_iter().filter(|given| *given).count())?;
        out.serialize_field("role", role)?;
        match &**parts {
            [Part::Text(text)] => out.serialize_field("content", text)?,
            parts => out.serialize_field("content", parts)?,
        }
        macro_rules! fields {
            ($($field:ident if $given:expr),*) => {$(
                if $given { out.serialize_field(stringify!($field), $field)? } else { out.skip_field(stringify!($field))? }
            )*};
        }
        fields!(
            name if name.is_some(),
            tool_calls if !tool_calls.is_empty(),
            places if is_mixed,
            model if model.is_some(),
            id if id.is_some(),
            finish_reason if finish_reason.is_some(),
            usage if usage.is_some(),
            logprobs if !logprobs.is_empty()
        );
        out.end()
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            role: Role,
            #[serde(default)]
            content: Option<Content>,
            #[serde(default)]
            name: Option<String>,
            #[serde(default)]
            tool_calls: Vec<ToolCall>,
            #[serde(default)]
            places: Vec<usize>,
            #[serde(default)]
            model: Option<String>,
            #[serde(default)]
            id: Option<String>,
            #[serde(default)]
            finish_reason: Option<FinishReason>,
            #[serde(default)]
            usage: Option<Usage>,
            #[serde(default)]
            logprobs: Vec<TokenLogprob>,
        }

        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Content {
            Text(String),
            Parts(Vec<Part>),
        }

        let Wire { role, content, name, tool_calls, mut places, model, id, finish_reason, usage, logprobs } =
            Wire::deserialize(deserializer)?;
        let parts = match content {
            None => Vec::new(),
            Some(Content::Text(text)) => vec![Part::Text(text)],
            Some(Content::Parts(parts)) => parts,
        };
        places.resize(tool_calls.len(), usize::MAX);
        for place in &mut places {
            *place = parts.len().min(*place);
        }
        let metadata = MessageMetadata {
            role: Some(role),
            name,
            model,
            id,
            finish_reason,
            usage,
            logprobs,
            thoughts_before: false,
        };
        Ok(Message::from_parts(parts, tool_calls, places, metadata))
    }
}
