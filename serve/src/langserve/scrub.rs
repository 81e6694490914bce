//! Events and logs without the words of errors, which may name files, prompts and keys.

use serde_json::{Value, json};

/// Leaves of an event's error its kind, its path in the chain and its attempts.
pub(super) fn event(event: &mut Value, debug: bool) {
    if !debug && let Some(error) = event.pointer_mut("/data/error") {
        scrub(error);
    }
}

/// Leaves the same of the errors that a patch adds.
pub(super) fn patch(operations: &mut Value, debug: bool) {
    if debug {
        return;
    }
    for operation in operations.as_array_mut().into_iter().flatten() {
        let is_error = operation["path"].as_str().is_some_and(|path| path == "/error" || is_error_of_step(path));
        if is_error && let Some(error) = operation.get_mut("value") {
            scrub(error);
        }
    }
}

/// `/logs/<step>/error`.
fn is_error_of_step(path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    (parts.next(), parts.next().is_some(), parts.next(), parts.next()) == (Some("logs"), true, Some("error"), None)
}

fn scrub(error: &mut Value) {
    *error = json!({ "kind": error["kind"], "path": error["path"], "attempts": error["attempts"] });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn errors_lose_their_words() {
        let error = json!({ "kind": "step", "path": "a", "attempts": 2, "message": "sk-secret", "others": [{ "message": "sk-secret" }] });
        let mut event = json!({ "event": "on_chain_error", "data": { "error": error } });
        super::event(&mut event, false);
        assert_eq!(event["data"]["error"], json!({ "kind": "step", "path": "a", "attempts": 2 }));
        let mut patch = json!([
            { "op": "add", "path": "/logs/a/error", "value": error },
            { "op": "add", "path": "/error", "value": error },
            { "op": "add", "path": "/logs/error/final_output", "value": "kept" },
        ]);
        super::patch(&mut patch, false);
        assert!(!patch.to_string().contains("sk-secret") && patch.to_string().contains("kept"));
    }
}
