use super::{
    call::{Call, OpenCall},
    event::{Candidate, Candidates, Event, Feedback},
    part::Piece,
    tokens::Tokens,
};
use crate::{
    FinishReason, Image, MessageChunk, Part, ProviderState, Reasoning, ToolCallChunk, Usage,
    wire::{Fault, Flow, ReadStream, ids::Ids, lenient::says_something, logprobs, parse},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

/// The reader of a streamed answer.
///
/// A finish reason does not end the stream, because some models send one with each of several pieces. The answer is
/// complete if the body ends after at least one.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent of each other")]
pub(crate) struct Reader {
    origin: String,
    ids: Ids,
    calls: usize,
    /// The call whose arguments come in pieces.
    open: Option<OpenCall>,
    /// The index of the candidate that is read. If there are several, it is the first.
    candidate: Option<u64>,
    /// The sources of the answer, which follow it.
    sources: Map<String, Value>,
    tokens: Tokens,
    finish: Option<FinishReason>,
    /// `true` if the stream said that it is complete.
    is_done: bool,
    /// `true` if there is text that is not blank, or a part of another kind.
    has_content: bool,
    /// `true` if the id and the model were sent.
    has_metadata: bool,
    has_events: bool,
    /// `true` if there was an event of a known form.
    has_begun: bool,
    /// The first event of another form.
    odd: Option<Value>,
    /// The last event that had a reason to stop, for errors.
    last: String,
}

impl Reader {
    /// Creates a reader. The states in the answer get this origin.
    pub(crate) fn new(origin: &str) -> Self {
        Reader {
            origin: origin.to_owned(),
            ids: Ids::default(),
            calls: 0,
            open: None,
            candidate: None,
            sources: Map::new(),
            tokens: Tokens::default(),
            finish: None,
            is_done: false,
            has_content: false,
            has_metadata: false,
            has_events: false,
            has_begun: false,
            odd: None,
            last: String::new(),
        }
    }

    /// Marks the answer as complete.
    pub(super) fn complete(&mut self) {
        self.is_done = true;
    }

    fn read(&mut self, event: Event, data: &str, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        let Event { candidates, prompt_feedback, usage_metadata, model_version, response_id, error, response } = event;
        if error.as_ref().is_some_and(says_something) {
            return Err(Fault::Reported(parse(data)?));
        }
        if let Some(response) = response {
            return self.read(*response, data, out);
        }
        if candidates.is_none() && prompt_feedback.is_none() && usage_metadata.is_none() {
            if model_version.is_some() || response_id.is_some() {
                self.has_begun = true;
                return Ok(());
            }
            return self.other(data);
        }
        self.has_begun = true;
        self.tokens.merge(usage_metadata.unwrap_or_default());
        if !self.has_metadata && (model_version.is_some() || response_id.is_some()) {
            self.has_metadata = true;
            let mut chunk = MessageChunk::default();
            let metadata = chunk.metadata_mut();
            (metadata.id, metadata.model) = (response_id, model_version);
            out.push(chunk);
        }
        if let Some(Feedback { block_reason: Some(reason), block_reason_message }) = prompt_feedback
            && !reason.ends_with("UNSPECIFIED")
        {
            let reason = block_reason_message.map_or(reason.clone(), |message| format!("{reason}: {message}"));
            return Err(Fault::Blocked { reason, raw: data.to_owned() });
        }
        // Only one candidate is asked for.
        for one in candidates.into_iter().flat_map(|Candidates(all)| all) {
            if *self.candidate.get_or_insert(one.index.unwrap_or(0)) == one.index.unwrap_or(0) {
                self.candidate(one, data, out)?;
            }
        }
        Ok(())
    }

    fn candidate(&mut self, candidate: Candidate, data: &str, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        let Candidate { content, finish_reason, logprobs_result, .. } = candidate;
        for piece in content.unwrap_or_default().parts {
            self.piece(piece, out)?;
        }
        if let Some(result) = logprobs_result {
            logprobs::add(logprobs::gemini(&result), out);
        }
        let sources = [candidate.grounding_metadata, candidate.citation_metadata, candidate.url_context_metadata];
        for (name, value) in SOURCES.into_iter().zip(sources) {
            if let Some(Value::Object(fields)) =
                value.filter(|value| value.as_object().is_some_and(|fields| !fields.is_empty()))
            {
                self.sources.insert(name.to_owned(), Value::Object(fields));
            }
        }
        self.stop(finish_reason, data);
        Ok(())
    }

    /// Reads an event without a known field.
    #[cold]
    fn other(&mut self, data: &str) -> Result<(), Fault> {
        match parse(data)? {
            Value::Object(fields) if fields.is_empty() => {}
            value if value["object"] == "error" || value["type"] == "error" => return Err(Fault::Reported(value)),
            value => drop(self.odd.get_or_insert(value)),
        }
        Ok(())
    }

    fn stop(&mut self, reason: Option<String>, data: &str) {
        let Some(reason) = reason.and_then(finish_reason) else { return };
        data.clone_into(&mut self.last);
        // A later `STOP` does not undo a reason that says more.
        if self.finish.is_none() || reason != FinishReason::Stop {
            self.finish = Some(reason);
        }
    }

    fn piece(&mut self, piece: Piece, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        let Piece { text, is_thought, signature, call, data, others } = piece;
        if let Some(call) = call {
            let mut state = others;
            state.extend(signature.map(|signature| ("thoughtSignature".to_owned(), signature.into())));
            let state = (!state.is_empty()).then(|| self.state(Value::Object(state)));
            return self.call(call, state, out);
        }
        if !others.is_empty() {
            self.opaque(others, (text, is_thought, signature, data), out);
            return Ok(());
        }
        let state = signature.map(|signature| self.state(json!({ "thoughtSignature": signature })));
        if let Some(data) = data {
            if let Some(image) = image(&data).filter(|_| !is_thought) {
                out.push(MessageChunk::part(Part::Image(image)));
            } else {
                let mut raw = json!({ "inlineData": data });
                if is_thought {
                    raw["thought"] = true.into();
                }
                out.push(MessageChunk::part(Part::Opaque(self.state(raw))));
            }
            self.has_content = self.has_content || !is_thought;
        }
        let text = text.unwrap_or_default();
        if is_thought {
            if !text.is_empty() || state.is_some() {
                let thought = Reasoning::new(text);
                out.push(MessageChunk::reasoning(match state {
                    Some(state) => thought.with_state(state),
                    None => thought,
                }));
            }
            return Ok(());
        }
        if !text.is_empty() {
            self.has_content = self.has_content || !text.trim().is_empty();
            out.push(MessageChunk::text(text));
        }
        // The signature of a part follows it.
        out.extend(state.map(|state| MessageChunk::part(Part::Opaque(state))));
        Ok(())
    }

    /// Reads a call. It comes whole, unless its arguments are asked for in pieces.
    fn call(&mut self, call: Value, state: Option<ProviderState>, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        let mut call = Call::new(call);
        let begins = call.name.is_some();
        if begins || self.open.is_none() {
            self.end_call(out);
            if call.is_empty() {
                return Ok(());
            }
            let Some(name) = call.name.take() else {
                return Err(Fault::BadCall { call: call.id.unwrap_or_default(), why: "it has no name" });
            };
            let index = self.calls;
            self.calls += 1;
            let mut chunk = ToolCallChunk {
                index,
                id: Some(self.ids.next(call.id.take())),
                name: Some(name),
                state,
                ..ToolCallChunk::default()
            };
            if !call.is_partial() {
                chunk.arguments = call.whole();
                out.push(MessageChunk::tool_call(chunk));
                return Ok(());
            }
            out.push(MessageChunk::tool_call(chunk));
            self.open = Some(OpenCall::new(index));
        }
        let goes_on = call.goes_on;
        if let Some(open) = &mut self.open {
            open.push(call)?;
        }
        if !goes_on {
            self.end_call(out);
        }
        Ok(())
    }

    /// Ends the call whose arguments came in pieces.
    fn end_call(&mut self, out: &mut Vec<MessageChunk>) {
        if let Some(open) = self.open.take() {
            let index = open.index;
            let arguments = open.end();
            out.push(MessageChunk::tool_call(ToolCallChunk { index, arguments, ..ToolCallChunk::default() }));
        }
    }

    /// Keeps a part of another kind, such as code that the provider ran.
    #[cold]
    fn opaque(
        &mut self,
        mut fields: Map<String, Value>,
        (text, is_thought, signature, data): (Option<String>, bool, Option<String>, Option<Value>),
        out: &mut Vec<MessageChunk>,
    ) {
        let text = text.filter(|text| !text.is_empty());
        fields.extend(data.map(|data| ("inlineData".to_owned(), data)));
        fields.extend(is_thought.then(|| ("thought".to_owned(), true.into())));
        fields.extend(signature.map(|signature| ("thoughtSignature".to_owned(), signature.into())));
        self.has_content = self.has_content || !is_thought;
        match text {
            // Text with further fields is text first.
            Some(text) if !is_thought => {
                out.push(MessageChunk::text(text));
                out.push(MessageChunk::part(Part::Opaque(self.state(Value::Object(fields)))));
            }
            Some(text) => {
                fields.insert("text".to_owned(), text.clone().into());
                let state = self.state(Value::Object(fields));
                out.push(MessageChunk::reasoning(Reasoning::new(text).with_state(state)));
            }
            None => out.push(MessageChunk::part(Part::Opaque(self.state(Value::Object(fields))))),
        }
    }

    fn state(&self, value: Value) -> ProviderState {
        ProviderState::new(self.origin.as_str(), value)
    }
}

impl ReadStream for Reader {
    fn event(&mut self, name: &str, data: &str, out: &mut Vec<MessageChunk>) -> Result<Flow, Fault> {
        let data = data.trim();
        if data.is_empty() {
            return Ok(Flow::More);
        }
        self.has_events = true;
        if data == "[DONE]" {
            self.is_done = true;
            return Ok(Flow::Done);
        }
        if data.starts_with('{') && name != "error" {
            self.read(parse(data)?, data, out)?;
            return Ok(Flow::More);
        }
        match parse(data)? {
            value if name == "error" => return Err(Fault::Reported(value)),
            // Without `alt=sse` the events are a list.
            Value::Array(events) => {
                for event in events {
                    let data = event.to_string();
                    if event.is_object() {
                        self.read(parse(&data)?, &data, out)?;
                    }
                }
            }
            value @ Value::String(_) => drop(self.odd.get_or_insert(value)),
            _ => {}
        }
        Ok(Flow::More)
    }

    fn end(&mut self, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        if !self.is_done && self.finish.is_none() {
            return Err(match self.odd.take() {
                _ if !self.has_events => Fault::NoEvents { blank: true },
                Some(odd) if !self.has_begun => Fault::NotAnAnswer(odd),
                _ => Fault::Early,
            });
        }
        if !self.has_content && self.calls == 0 {
            return Err(match self.odd.take() {
                Some(odd) if !self.has_begun => Fault::NotAnAnswer(odd),
                _ => Fault::Empty { finish: self.finish.take(), raw: std::mem::take(&mut self.last) },
            });
        }
        // A call that goes on is whole only if the model stopped by itself.
        if self.open.is_some() && self.finish != Some(FinishReason::Stop) {
            return Err(Fault::Early);
        }
        self.end_call(out);
        if !self.sources.is_empty() {
            let sources = Value::Object(std::mem::take(&mut self.sources));
            out.push(MessageChunk::part(Part::Opaque(self.state(sources))));
        }
        let finish = match self.finish.take() {
            // Gemini has no such reason.
            Some(FinishReason::Stop) if self.calls > 0 => Some(FinishReason::ToolCalls),
            finish => finish,
        };
        out.extend(MessageChunk::last(finish, self.tokens.usage()));
        Ok(())
    }

    fn usage(&self) -> Option<Usage> {
        self.tokens.usage()
    }
}

/// The fields of a candidate with the sources of the answer.
pub(super) const SOURCES: [&str; 3] = ["groundingMetadata", "citationMetadata", "urlContextMetadata"];

/// Returns the image in a part with data, if it is one.
fn image(data: &Value) -> Option<Image> {
    let media_type = ["mimeType", "mime_type"].iter().find_map(|key| data.get(key)?.as_str())?;
    let bytes = STANDARD.decode(data.get("data")?.as_str()?).ok()?;
    (media_type.starts_with("image/") && !bytes.is_empty()).then(|| Image::bytes(media_type, bytes))
}

/// Converts the provider's word.
fn finish_reason(word: String) -> Option<FinishReason> {
    Some(match word.to_ascii_uppercase().as_str() {
        "FINISH_REASON_UNSPECIFIED" | "0" => return None,
        // Some libraries write the number of the reason.
        "STOP" | "1" => FinishReason::Stop,
        "MAX_TOKENS" | "LENGTH" | "2" => FinishReason::Length,
        "FUNCTION_CALL" | "TOOL_CALLS" => FinishReason::ToolCalls,
        "SAFETY"
        | "3"
        | "RECITATION"
        | "LANGUAGE"
        | "NO_IMAGE"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "CONTENT_FILTER"
        | "MODEL_ARMOR"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION" => FinishReason::ContentFilter,
        _ => FinishReason::Other(word),
    })
}
