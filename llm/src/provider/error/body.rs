//! Error bodies. Each provider has its own form, and so have the servers in between.

use super::kind;
use catena::ErrorKind;
use serde_json::Value;

/// The content of an error body.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// The message.
    pub(super) message: Option<String>,
    /// The code.
    pub(super) code: Option<String>,
    /// All words that may indicate the kind.
    hints: Vec<String>,
}

impl Words {
    pub(super) fn of(body: &Value) -> Self {
        let body = unwrap_list(body);
        let error = error_in(body).unwrap_or(body);
        // Beside an error that is a text, its code is in the body.
        let coded = if error.is_string() { body } else { error };
        let word = |key: &str| match coded.get(key)? {
            Value::String(word) if !word.is_empty() => Some(word.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        // A number says less than a word.
        let mut hints: Vec<_> = CODES.iter().filter_map(|key| word(key)).collect();
        hints.sort_by_key(|hint| hint.bytes().all(|byte| byte.is_ascii_digit()));
        let details = error.get("details").and_then(Value::as_array).into_iter().flatten();
        hints.extend(details.filter_map(|detail| detail.get("reason")?.as_str().map(str::to_owned)));
        Words { message: message(error), code: hints.first().cloned(), hints }
    }

    /// Returns the kind of the error, if the words are known.
    pub(super) fn kind(&self) -> Option<ErrorKind> {
        let kinds = self.hints.iter().filter_map(|word| kind::of_code(word));
        // Google reports a wrong key as an invalid request first; the key takes precedence.
        kinds.reduce(|first, second| if second == ErrorKind::Auth { second } else { first })
    }

    /// Returns the kind that the message indicates.
    pub(super) fn kind_of_message(&self) -> Option<ErrorKind> {
        self.message.as_deref().and_then(kind::of_message)
    }

    pub(super) fn is_out_of_money(&self) -> bool {
        self.hints.iter().any(|word| kind::is_out_of_money(word))
            || self.message.as_deref().is_some_and(kind::says_out_of_money)
    }
}

/// The fields that have a code, or the type of the error.
const CODES: [&str; 8] =
    ["code", "status", "type", "error_type", "error_code", "status_code", "http_code", "http_status_code"];

/// The fields that have a message.
const MESSAGES: [&str; 9] = [
    "message",
    "detail",
    "error_description",
    "msg",
    "status_msg",
    "error_msg",
    "errorMessage",
    "Message",
    "description",
];

/// Returns the message of an error: a text, or the texts of a list. A gateway's message is followed by the words of the
/// server behind it.
fn message(error: &Value) -> Option<String> {
    match error {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Array(list) => {
            let texts: Vec<_> = list.iter().filter_map(message).collect();
            (!texts.is_empty()).then(|| texts.join("; "))
        }
        Value::Object(fields) => {
            let own = MESSAGES.iter().find_map(|key| fields.get(*key).and_then(message))?;
            let behind = error.pointer("/metadata/raw").and_then(behind);
            match behind.filter(|words| !own.contains(words.as_str())) {
                Some(words) => Some(format!("{own}: {words}")),
                None => Some(own),
            }
        }
        _ => None,
    }
}

/// Returns the message of the server behind a gateway, which may be JSON in a text.
fn behind(raw: &Value) -> Option<String> {
    let parsed = raw.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let body = parsed.as_ref().filter(|body| body.is_object()).unwrap_or(raw);
    message(error_in(body).unwrap_or(body)).map(|words| words.trim().to_owned())
}

/// Returns whether a body is an error.
pub(super) fn has_error(body: &Value) -> bool {
    error_in(unwrap_list(body)).is_some()
}

/// Returns the id of the request, which Anthropic also sends in the body.
pub(super) fn request_id(body: &Value) -> Option<String> {
    unwrap_list(body).get("request_id")?.as_str().map(str::to_owned)
}

/// Returns the reason that Gemini blocked the prompt.
pub(super) fn blocked(body: &Value) -> Option<&str> {
    body.pointer("/promptFeedback/blockReason")?.as_str()
}

/// Unwraps the list in which Gemini's OpenAI-compatible endpoint sends errors.
fn unwrap_list(body: &Value) -> &Value {
    body.get(0).unwrap_or(body)
}

/// Returns the error in a body, in the forms of OpenAI, Cloudflare, `MiniMax` and `FastAPI`.
fn error_in(body: &Value) -> Option<&Value> {
    let says = |value: &&Value| match value {
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    };
    if let Some(error) = body.get("error").or_else(|| body.get("errors")).filter(says) {
        return Some(unwrap_list(error));
    }
    if let Some(status) = body.get("base_resp").filter(|status| status["status_code"].as_i64().unwrap_or(0) != 0) {
        return Some(status);
    }
    // An answer may have a message too.
    let is_answer =
        ["choices", "candidates", "content", "output", "data", "results"].iter().any(|key| body.get(key).is_some());
    (!is_answer && message(body).is_some()).then_some(body)
}

/// Returns the reason that the model stopped, with the provider's words about it, of an answer of Gemini.
pub(super) fn stopped(raw: &str) -> Option<String> {
    let body: Value = serde_json::from_str(raw).ok()?;
    let body = unwrap_list(&body);
    let candidate = body.pointer("/candidates/0").or_else(|| body.pointer("/response/candidates/0"))?;
    let word = |keys: [&str; 2]| keys.iter().find_map(|key| candidate.get(key)?.as_str()).map(str::to_owned);
    let reason = word(["finishReason", "finish_reason"])?;
    Some(match word(["finishMessage", "finish_message"]) {
        Some(words) => format!("{reason}: {words}"),
        None => reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_words_are_found_in_every_providers_form() {
        let cases = [
            (
                json!({"error": {"message": "No.", "type": "invalid_request_error", "code": "invalid_api_key"}}),
                "No.",
                "auth",
            ),
            (
                json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
                "Overloaded",
                "unavailable",
            ),
            (
                json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Slow down."}}),
                "Slow down.",
                "rate_limited",
            ),
            (
                json!([{"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "Bad.", "details": [{"reason": "API_KEY_INVALID"}]}}]),
                "Bad.",
                "auth",
            ),
            (json!({"error": "model not found"}), "model not found", ""),
            (json!({"detail": "Not Found"}), "Not Found", ""),
            (
                json!({"success": false, "errors": [{"code": 7003, "message": "No route"}], "messages": [], "result": null}),
                "No route",
                "",
            ),
            (
                json!({"id": "1", "choices": null, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}),
                "insufficient balance",
                "rate_limited",
            ),
            (json!({"detail": [{"loc": ["body"], "msg": "Field required", "type": "missing"}]}), "Field required", ""),
            (
                json!({"object": "error", "message": {"detail": [{"msg": "Bad"}]}, "type": "invalid_request_error"}),
                "Bad",
                "bad_input",
            ),
            (
                json!({"error": {"message": "Provider returned error", "code": 429, "metadata": {"raw": "slow down"}}}),
                "Provider returned error: slow down",
                "rate_limited",
            ),
            (
                json!({"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": "{\"error\":{\"message\":\"One image.\"}}"}}}),
                "Provider returned error: One image.",
                "bad_input",
            ),
            (json!({"message": "Too many tokens"}), "Too many tokens", ""),
            (json!({"object": "error", "message": "Too long.", "code": 400}), "Too long.", "bad_input"),
        ];
        for (body, message, kind) in cases {
            let words = Words::of(&body);
            assert_eq!(words.message.as_deref(), Some(message), "{body}");
            assert_eq!(words.kind().map_or("", |kind| kind.name()), kind, "{body}");
        }
    }

    #[test]
    fn the_clients_form_of_an_event_is_the_error_itself() {
        assert_eq!(Words::of(&json!({"message": "Boom", "type": "server_error"})).message.as_deref(), Some("Boom"));
    }
}
