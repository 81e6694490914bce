use super::{model, stream::SOURCES};
use crate::{
    Image, Message, Messages, Part, ProviderState, Role,
    message::Item,
    wire::{
        Fault, Target, arguments,
        ids::Ids,
        names::Names,
        pairs::{CallAt, LEFT_OUT, NO_RESULT, Pairs},
    },
};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The messages in the form of the API.
pub(super) struct Turns {
    /// The parts of the system prompt.
    pub(super) system: Vec<Value>,
    pub(super) contents: Vec<Value>,
}

/// Writes the messages. The results of calls are a content of their own directly after the calls, as many as calls.
pub(super) fn write(messages: &Messages, target: &Target<'_>, names: &Names) -> Result<Turns, Fault> {
    let mut writer = Writer {
        target,
        names,
        wants_signatures: model::has_levels(target.model),
        pairs: Pairs::new(messages),
        ids: Ids::default(),
        calls: HashMap::new(),
        system: Vec::new(),
        contents: Vec::new(),
        role: "user",
        results: Vec::new(),
        parts: Vec::new(),
        unanswered: Vec::new(),
    };
    for (at, message) in messages.iter().enumerate() {
        match message.role() {
            Role::System => writer.system.extend(message.parts().iter().filter_map(text)),
            Role::Assistant => writer.answer(at, message),
            Role::User | Role::Tool => writer.question(at, message)?,
        }
    }
    writer.flush();
    writer.flush();
    let Writer { mut system, mut contents, .. } = writer;
    if contents.is_empty() {
        // A conversation consists of more than a system prompt.
        if system.is_empty() {
            return Err(Fault::Unsupported("there is no message to send".to_owned()));
        }
        contents.push(json!({"role": "user", "parts": std::mem::take(&mut system)}));
    }
    Ok(Turns { system, contents })
}

/// The signature of a call that another model made. Google documents it for this purpose: the API takes no call of the
/// current turn without a signature.
const NO_SIGNATURE: &str = "skip_thought_signature_validator";

/// A call as it was sent.
struct Sent {
    id: Option<String>,
    name: String,
}

impl Sent {
    fn response(self, response: Value) -> Value {
        let mut answer = Map::new();
        answer.insert("name".to_owned(), self.name.into());
        answer.insert("response".to_owned(), response);
        answer.extend(self.id.map(|id| ("id".to_owned(), id.into())));
        json!({ "functionResponse": answer })
    }
}

struct Writer<'a> {
    target: &'a Target<'a>,
    names: &'a Names,
    wants_signatures: bool,
    pairs: Pairs,
    ids: Ids,
    /// The calls that wait for the place of their result.
    calls: HashMap<CallAt, Sent>,
    system: Vec<Value>,
    contents: Vec<Value>,
    role: &'static str,
    /// The results of tools, which come before the other parts of a turn.
    results: Vec<Value>,
    parts: Vec<Value>,
    /// The calls of the last turn without a result.
    unanswered: Vec<Sent>,
}

impl Writer<'_> {
    /// Begins a turn, if the role is another one.
    fn turn(&mut self, role: &'static str) {
        if self.role != role {
            self.flush();
        }
    }

    /// Ends a turn. One that is empty is left out.
    fn flush(&mut self) {
        let role = self.role;
        if !self.results.is_empty() {
            let results = std::mem::take(&mut self.results);
            self.contents.push(json!({"role": "user", "parts": results}));
        }
        if !self.parts.is_empty() {
            // The first turn is the user's.
            if role == "model" && self.contents.is_empty() {
                self.contents.push(json!({"role": "user", "parts": [{"text": LEFT_OUT}]}));
            }
            let parts = std::mem::take(&mut self.parts);
            self.contents.push(json!({"role": role, "parts": parts}));
        }
        self.role = if role == "user" { "model" } else { "user" };
        if self.role == "user" {
            let without_result = |call: Sent| call.response(json!({ "error": NO_RESULT }));
            self.results = std::mem::take(&mut self.unanswered).into_iter().map(without_result).collect();
        }
    }

    fn push(&mut self, role: &'static str, part: Value) {
        self.turn(role);
        self.parts.push(part);
    }

    /// Writes a message of the user or of a tool.
    fn question(&mut self, at: usize, message: &Message) -> Result<(), Fault> {
        // Images and files after a result belong to it.
        let mut result: Option<usize> = None;
        for (index, part) in message.parts().iter().enumerate() {
            match part {
                Part::Text(_) => {
                    if let Some(part) = text(part) {
                        self.push("user", part);
                    }
                }
                Part::ToolResult { call_id, content } => {
                    let call = self.pairs.call(at, index).and_then(|call| self.calls.remove(&call));
                    result = None;
                    if let Some(call) = call {
                        self.turn("user");
                        self.results.push(call.response(response(content)));
                        result = Some(self.results.len() - 1);
                    } else {
                        self.push("user", json!({"text": format!("Result of the tool call {call_id}:\n{content}")}));
                    }
                }
                Part::Image(_) | Part::File(_) => {
                    let media = media(part)?;
                    // Models before Gemini 3 take no media in a result, and none takes a URL there.
                    let result = result.filter(|_| self.wants_signatures && *message.role() == Role::Tool);
                    let result = result.filter(|_| media.get("inlineData").is_some());
                    match result.and_then(|at| self.results.get_mut(at)) {
                        Some(result) => add_to_result(result, media),
                        None => self.push("user", media),
                    }
                }
                Part::Opaque(state) => {
                    if let Some(part) = self.opaque(state) {
                        self.push("user", part);
                    }
                }
                Part::Reasoning(_) => {}
            }
        }
        Ok(())
    }

    /// Writes a message of the model.
    fn answer(&mut self, at: usize, message: &Message) {
        let mut is_first_call = true;
        // Whether the last part is one of this message that has no signature.
        let mut is_unsigned = false;
        for item in message.items() {
            let was_unsigned = std::mem::take(&mut is_unsigned);
            match item {
                Item::Call(index, call) => {
                    self.turn("model");
                    let id = self.ids.next(Some(call.id.clone()));
                    let name = self.names.sent(&call.name).to_owned();
                    let arguments = arguments::object(&call.raw_arguments);
                    let mut part = json!({"functionCall": {"name": name, "args": arguments}});
                    // An id that the server did not give is not sent.
                    let id = (!is_generated(&call.id)).then_some(id);
                    if let Some(id) = &id {
                        part["functionCall"]["id"] = id.as_str().into();
                    }
                    match call.state.as_ref().and_then(|state| state.of(self.target.origin)) {
                        Some(state) => add(&mut part, state),
                        // Of several calls at once, the first one has the signature.
                        None if is_first_call && self.wants_signatures => {
                            part["thoughtSignature"] = NO_SIGNATURE.into();
                        }
                        None => {}
                    }
                    is_first_call = false;
                    let sent = Sent { id, name };
                    if self.pairs.is_answered((at, index)) {
                        self.calls.insert((at, index), sent);
                    } else {
                        self.unanswered.push(sent);
                    }
                    self.push("model", part);
                }
                Item::Part(part @ Part::Text(_)) => {
                    // Blanks may have a signature.
                    if !part.text().is_empty() {
                        self.push("model", json!({"text": part.text()}));
                        is_unsigned = true;
                    }
                }
                Item::Part(Part::Reasoning(reasoning)) => {
                    // Thoughts without a signature are for the user.
                    if let Some(state) = reasoning.state.as_ref().and_then(|state| state.of(self.target.origin)) {
                        let mut part = json!({"text": reasoning.text, "thought": true});
                        add(&mut part, state);
                        self.push("model", part);
                    }
                }
                Item::Part(Part::Opaque(state)) => {
                    let Some(part) = self.opaque(state) else {
                        is_unsigned = was_unsigned;
                        continue;
                    };
                    let is_signature =
                        part.as_object().is_some_and(|part| part.keys().all(|key| key == "thoughtSignature"));
                    match self.parts.last_mut() {
                        Some(last) if is_signature && was_unsigned => add(last, &part),
                        _ if is_signature => {
                            let mut signed = json!({"text": ""});
                            add(&mut signed, &part);
                            self.push("model", signed);
                        }
                        _ => self.push("model", part),
                    }
                }
                Item::Part(Part::Image(image)) => {
                    // An image that the model made.
                    if let Ok(part) = self::image(image) {
                        self.push("model", part);
                        is_unsigned = true;
                    }
                }
                Item::Part(Part::ToolResult { .. } | Part::File(_)) => {}
            }
        }
    }

    /// Returns a part that is sent back as it came.
    fn opaque(&self, state: &ProviderState) -> Option<Value> {
        let is_part = |part: &&Value| {
            part.as_object().is_some_and(|part| SOURCES.iter().all(|sources| !part.contains_key(*sources)))
        };
        state.of(self.target.origin).filter(is_part).cloned()
    }
}

fn text(part: &Part) -> Option<Value> {
    let text = part.text();
    (!text.trim().is_empty()).then(|| json!({"text": text}))
}

/// Adds the fields of a state to a part.
fn add(part: &mut Value, state: &Value) {
    if let (Value::Object(part), Value::Object(state)) = (part, state) {
        part.extend(state.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
}

/// Returns whether an id was made for a call that had none.
fn is_generated(id: &str) -> bool {
    let number = id.strip_prefix("call_").unwrap_or(id);
    id.is_empty() || (number.len() < id.len() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns the result of a tool as an object, as the API requires.
fn response(content: &str) -> Value {
    match serde_json::from_str(content) {
        Ok(Value::Object(fields)) => Value::Object(fields),
        Ok(list @ Value::Array(_)) => json!({ "output": list }),
        _ => Value::Object(Map::from_iter([("output".to_owned(), content.into())])),
    }
}

/// Writes an image or a file.
fn media(part: &Part) -> Result<Value, Fault> {
    match part {
        Part::Image(image) => self::image(image),
        Part::File(file) => match (file.base64(), file.as_url()) {
            (Some(data), _) => Ok(json!({"inlineData": {"mimeType": file.media_type(), "data": data}})),
            (None, Some(url)) => Ok(json!({"fileData": {"mimeType": file.media_type(), "fileUri": url}})),
            (None, None) => Err(Fault::Unsupported(
                "a file by the id of an upload cannot be sent to Gemini: give the URL of the upload".to_owned(),
            )),
        },
        _ => Err(Fault::Unsupported("the part is not an image or a file".to_owned())),
    }
}

/// Adds an image or a file to the result of a tool.
fn add_to_result(result: &mut Value, media: Value) {
    let parts = &mut result["functionResponse"]["parts"];
    match parts {
        Value::Array(parts) => parts.push(media),
        _ => *parts = json!([media]),
    }
}

fn image(image: &Image) -> Result<Value, Fault> {
    let wrong = |why: String| Err(Fault::Unsupported(why));
    match (image.as_bytes(), image.as_url()) {
        (Some((_, [])), _) => wrong("an image has no bytes".to_owned()),
        (Some((media_type, _)), _) if !media_type.trim().to_ascii_lowercase().starts_with("image/") => {
            wrong(format!("an image is of the media type `{media_type}`, which is not that of an image"))
        }
        (Some((media_type, _)), _) => {
            Ok(json!({"inlineData": {"mimeType": media_type.trim(), "data": image.base64()}}))
        }
        (None, url) => {
            let url = url.unwrap_or_default();
            Ok(json!({"fileData": {"mimeType": media_type(url), "fileUri": url}}))
        }
    }
}

/// Returns the media type of an image by URL, guessed from its ending; any image type if that is not known.
fn media_type(url: &str) -> &'static str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    match path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "heic" => "image/heic",
        "heif" => "image/heif",
        _ => "image/*",
    }
}
