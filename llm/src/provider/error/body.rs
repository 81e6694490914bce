//! Error bodies. Each provider has its own form, and so have the servers in between.

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
        let text =
            |value: &Value, key: &str| value.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let message = match error {
            Value::String(message) => Some(message.clone()),
            error => ["message", "detail", "error_description"].iter().find_map(|key| text(error, key)),
        };
        // Beside an error that is a text, its code is in the body.
        let coded = if error.is_string() { body } else { error };
        let mut hints: Vec<_> = ["code", "status", "type"].iter().filter_map(|key| text(coded, key)).collect();
        if let Some(number) = coded.get("code").and_then(Value::as_u64) {
            hints.push(number.to_string());
        }
        let details = error.get("details").and_then(Value::as_array).into_iter().flatten();
        hints.extend(details.filter_map(|detail| text(detail, "reason")));
        Words { message, code: hints.first().cloned(), hints }
    }

    /// Returns the kind of the error, if the words are known.
    pub(super) fn kind(&self) -> Option<ErrorKind> {
        let kinds = self.hints.iter().filter_map(|word| kind(word));
        // Google reports a wrong key as an invalid request first; the key takes precedence.
        kinds.reduce(|first, second| if second == ErrorKind::Auth { second } else { first })
    }

    pub(super) fn is_out_of_money(&self) -> bool {
        self.hints
            .iter()
            .any(|word| matches!(word.as_str(), "insufficient_quota" | "billing_error" | "billing_not_active"))
    }
}

fn kind(word: &str) -> Option<ErrorKind> {
    Some(match word {
        "authentication_error"
        | "permission_error"
        | "invalid_api_key"
        | "UNAUTHENTICATED"
        | "PERMISSION_DENIED"
        | "API_KEY_INVALID"
        | "401"
        | "403" => ErrorKind::Auth,
        "rate_limit_error" | "rate_limit_exceeded" | "insufficient_quota" | "RESOURCE_EXHAUSTED" | "429" => {
            ErrorKind::RateLimited { retry_after: None }
        }
        "invalid_request_error"
        | "not_found_error"
        | "request_too_large"
        | "model_not_found"
        | "context_length_exceeded"
        | "INVALID_ARGUMENT"
        | "NOT_FOUND"
        | "FAILED_PRECONDITION"
        | "OUT_OF_RANGE"
        | "400"
        | "404"
        | "413"
        | "422" => ErrorKind::BadInput,
        "overloaded_error" | "api_error" | "timeout_error" | "server_error" | "UNAVAILABLE" | "INTERNAL"
        | "DEADLINE_EXCEEDED" | "500" | "502" | "503" | "504" | "529" => ErrorKind::Unavailable { retry_after: None },
        _ => return None,
    })
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

fn error_in(body: &Value) -> Option<&Value> {
    body.get("error").filter(|error| error.is_object() || error.is_string())
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
