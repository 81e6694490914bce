use super::{connection::Connection, headers::is_secret, media, secret::Secret};
use crate::{
    ChatRequest, Message, Options, ToolChoice,
    wire::{Fault, Target, names::Names},
};
use catena::{Error, ErrorKind, Result};
use serde_json::Value;

/// A request, ready to be sent.
pub(super) struct Prepared {
    /// The path of the URL, after the base URL.
    pub(super) path: String,
    pub(super) body: Vec<u8>,
    /// The names that stand for those of tools.
    pub(super) names: Names,
}

impl Connection {
    /// Writes a request for a chat model.
    pub(super) fn prepare(&self, request: &ChatRequest, stream: bool) -> Result<Prepared> {
        request.options.check()?;
        let format = request.options.response_format.as_ref();
        if format.is_some_and(|format| !self.protocol.has_response_format(&self.name, format)) {
            let message = format!("{}'s models do not support the response format that is set", self.kind.title());
            return Err(Error::new(ErrorKind::BadInput, message));
        }
        if request.messages.is_empty() {
            return Err(Error::new(ErrorKind::BadInput, "there is no message to send"));
        }
        media::check(self.protocol, self.kind.title(), &request.messages)?;
        check_choice(request)?;
        let target = Target { model: &self.name, origin: &self.origin, stream };
        let mut body = self.protocol.write(request, &target).map_err(|fault| self.unsupported(fault))?;
        self.changes.apply(&mut body);
        let body = serde_json::to_vec(&body).map_err(|error| Error::new(ErrorKind::BadInput, error.to_string()))?;
        Ok(Prepared { path: self.protocol.path(&target), body, names: self.protocol.names(request) })
    }

    /// Checks that the provider supports the options.
    pub(super) fn check(&self, options: &Options) -> Result<()> {
        options.check()?;
        // Formats that the provider does not support are put into the prompt.
        let options = Options { response_format: None, ..options.clone() };
        let mut request = ChatRequest::default().with_options(options);
        request.messages = Message::user("?").into();
        let target = Target { model: &self.name, origin: &self.origin, stream: false };
        self.protocol.write(&request, &target).map(drop).map_err(|fault| self.unsupported(fault))
    }

    fn unsupported(&self, fault: Fault) -> Error {
        match fault {
            Fault::Unsupported(why) => Error::new(ErrorKind::BadInput, why),
            fault => self.errors.whole(fault, ""),
        }
    }
}

/// Checks the choice of tools against the tools.
fn check_choice(request: &ChatRequest) -> Result<()> {
    let wrong = |why: String| Err(Error::new(ErrorKind::BadInput, why));
    match &request.tool_choice {
        Some(ToolChoice::Required) if request.tools.is_empty() => {
            wrong("a tool has to be called, and there are none".to_owned())
        }
        Some(ToolChoice::Named(name)) if !request.tools.iter().any(|tool| tool.name == *name) => {
            wrong(format!("the tool `{name}` has to be called, and is not among the tools"))
        }
        _ => Ok(()),
    }
}

/// Changes of the body that the user asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    /// The fields that are added or replaced.
    pub(super) extra: Vec<Value>,
    /// The fields that are left out. A slash separates the names of nested fields.
    pub(super) without: Vec<String>,
}

impl Changes {
    /// Returns the values of added fields that must not be shown: those whose name says that they are secrets.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let mut secrets = Vec::new();
        self.extra.iter().for_each(|extra| find_secrets(extra, false, &mut secrets));
        secrets
    }

    /// Changes a body.
    pub(super) fn apply(&self, body: &mut Value) {
        for extra in &self.extra {
            merge(body, extra);
        }
        for path in &self.without {
            let (parent, field) = path.rsplit_once('/').unwrap_or(("", path));
            let pointer = if parent.is_empty() { String::new() } else { format!("/{parent}") };
            if let Some(fields) = body.pointer_mut(&pointer).and_then(Value::as_object_mut) {
                fields.remove(field);
            }
        }
    }
}

/// Collects the texts in fields whose name is that of a secret.
fn find_secrets(value: &Value, is_named: bool, secrets: &mut Vec<Secret>) {
    match value {
        Value::String(text) if is_named && is_secret(text) => secrets.extend(Secret::new(text)),
        Value::Array(items) => items.iter().for_each(|item| find_secrets(item, is_named, secrets)),
        Value::Object(fields) => {
            for (name, value) in fields {
                find_secrets(value, is_named || catena::__private::names_secret(name), secrets);
            }
        }
        _ => {}
    }
}

/// Adds the fields of `extra`. Objects are merged, and other values replaced.
fn merge(body: &mut Value, extra: &Value) {
    match (body, extra) {
        (Value::Object(body), Value::Object(extra)) => {
            for (name, value) in extra {
                merge(body.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (body, extra) => body.clone_from(extra),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_added_replaced_and_left_out() {
        let mut body = json!({ "model": "m", "stream_options": { "include_usage": true }, "a": { "b": 1, "c": 2 } });
        let changes = Changes {
            extra: vec![json!({ "top_k": 5, "a": { "b": 3, "d": null } }), json!({ "top_k": 7 })],
            without: ["stream_options", "a/c", "x/y"].map(str::to_owned).into(),
        };
        changes.apply(&mut body);
        assert_eq!(body, json!({ "model": "m", "top_k": 7, "a": { "b": 3, "d": null } }));
    }
}
