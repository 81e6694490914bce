//! One method of one path.

use serde_json::{Value, json};

/// An operation of the document.
pub(super) struct Operation {
    pub(super) path: String,
    pub(super) method: &'static str,
    id: String,
    tag: String,
    summary: &'static str,
    description: Option<String>,
    parameters: Vec<Value>,
    body: Option<Value>,
    answer: Value,
}

impl Operation {
    /// Creates an operation that answers with this type of content.
    pub(super) fn get(tag: &str, path: String, id: String, summary: &'static str, kind: &str) -> Self {
        Operation {
            path,
            method: "get",
            id,
            tag: tag.to_owned(),
            summary,
            description: None,
            parameters: Vec::new(),
            body: None,
            answer: json!({ kind: {} }),
        }
    }

    /// Creates an operation that takes JSON, and answers with this content.
    pub(super) fn post(tag: &str, path: String, id: String, summary: &'static str, body: Value, answer: Value) -> Self {
        Operation { method: "post", body: Some(body), answer, ..Operation::get(tag, path, id, summary, "") }
    }

    pub(super) fn describe(mut self, description: Option<&str>) -> Self {
        self.description = description.map(str::to_owned);
        self
    }

    /// Adds a parameter that is a text, in the path or elsewhere.
    pub(super) fn parameter(mut self, place: &str, name: &str) -> Self {
        self.parameters.push(json!({
            "in": place, "name": name, "required": place == "path", "schema": { "type": "string" },
        }));
        self
    }

    pub(super) fn to_json(&self) -> Value {
        let mut json = json!({
            "summary": self.summary,
            "operationId": self.id,
            "tags": [self.tag],
            "responses": {
                "200": { "description": self.summary, "content": self.answer },
                "default": {
                    "description": "The request failed",
                    "content": of_json(&json!({ "$ref": "#/components/schemas/Error" })),
                },
            },
        });
        if let Some(description) = &self.description {
            json["description"] = description.as_str().into();
        }
        if !self.parameters.is_empty() {
            json["parameters"] = self.parameters.clone().into();
        }
        if let Some(body) = &self.body {
            json["requestBody"] = json!({ "required": true, "content": of_json(body) });
        }
        json
    }
}

/// JSON of this schema as content.
pub(super) fn of_json(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}

/// Server-sent events as content.
pub(super) fn events() -> Value {
    json!({ "text/event-stream": { "schema": { "type": "string" } } })
}
