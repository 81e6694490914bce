//! What fails, and how the client learns of it.

use crate::{chains, running::Running};
use serde_json::{Value, json};

#[tokio::test]
async fn the_status_is_that_of_the_kind() {
    let server = Running::start(chains::server()).await;
    for (kind, wanted, code) in [
        ("bad_input", 422, "bad_input"),
        ("auth", 401, "auth"),
        ("rate", 429, "rate_limited"),
        ("unavailable", 502, "unavailable"),
        ("parse", 502, "parse"),
        ("timeout", 504, "timeout"),
        ("deadline", 504, "deadline"),
        ("cancelled", 499, "cancelled"),
        ("step", 500, "step"),
        ("panic", 500, "panic"),
    ] {
        let response = server.post("fail/invoke", &json!({ "input": kind })).await;
        assert_eq!(response.status(), wanted, "{kind}");
        let retry = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(retry.as_deref(), (kind == "rate").then_some("3"), "{kind}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], code, "{kind}");
        let text = body.to_string();
        assert!(!text.contains("secret") && !text.contains("passwd"), "{kind}: {text}");
    }
    // The one that panicked did not end the server.
    assert_eq!(server.answer("fail/invoke", &json!({ "input": "fine" })).await.0, 200);
    let frames = server.frames("fail/stream", &json!({ "input": "panic" })).await;
    assert_eq!(frames.last().unwrap().1["status_code"], 500);
    let frames = server.frames("fail/stream_events", &json!({ "input": "panic" })).await;
    assert_eq!(frames.last().unwrap().1["status_code"], 500);
}

#[tokio::test]
async fn a_budget_that_is_used_up_is_402() {
    use catena::{Config, StepExt};
    use catena_llm::{
        Usage,
        budget::Budget,
        testing::{Reply, Scripted},
    };
    let model = Scripted::new().respond(|_| Some(Reply::from("Yes.").usage(Usage::new(1000, 1000)))).chat();
    let budgeted = catena::chain!(String => model).with_config(Config::new().with(Budget::tokens(10)));
    let server = Running::start(catena_serve::Server::new().chain("ask", budgeted)).await;
    let (status, body) = server.answer("ask/invoke", &json!({ "input": "a" })).await;
    assert_eq!((status, &body["error"]["code"]), (402, &json!("budget_exceeded")), "{body}");
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_explained() {
    let server = Running::start(chains::server()).await;
    let deep = format!(r#"{{"input":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let deep_config = deep.replacen(r#"{"input":"#, r#"{"input":{"text":"a"},"config":{"tags":"#, 1) + "}";
    for (body, status, param, words) in [
        ("{", 400, Value::Null, "not JSON"),
        ("", 400, Value::Null, "not JSON"),
        (r#"{"input":{"text":"a"}} x"#, 400, Value::Null, "more after its end"),
        ("\"text\"", 422, Value::Null, "invalid type"),
        ("{}", 422, Value::Null, "missing field `input`"),
        (r#"{"input":{"text":3}}"#, 422, json!("input.text"), "expected a string"),
        (r#"{"input":{}}"#, 422, json!("input"), "missing field `text`"),
        (r#"{"input":{"text":"a"},"config":3}"#, 422, json!("config"), "expected"),
        (&deep, 422, json!("input[0]"), "invalid type: sequence"),
        (&deep_config, 400, Value::Null, "recursion limit"),
        ("\u{feff}{}", 400, Value::Null, "not JSON"),
    ] {
        let request = server.client.post(server.url("count/invoke")).header("content-type", "application/json");
        let response = request.body(body.to_owned()).send().await.unwrap();
        let shown = &body[..body.len().min(40)];
        assert_eq!(response.status(), status, "{shown}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["param"], param, "{shown}: {body}");
        assert!(body["message"].as_str().unwrap().contains(words), "{shown}: {body}");
    }
    let form = server
        .client
        .post(server.url("count/invoke"))
        .header("content-type", "text/plain")
        .body(r#"{"input":{"text":"a"}}"#);
    assert_eq!(form.send().await.unwrap().status(), 415);
}

#[tokio::test]
async fn what_is_not_there_lists_nothing() {
    let server = Running::start(chains::server()).await;
    for path in ["none/invoke", "", "shout/nothing"] {
        let response = server.post(path, &json!({ "input": "a" })).await;
        assert_eq!(response.status(), 404, "{path}");
        assert!(!response.text().await.unwrap().contains("count"), "{path}");
    }
    assert_eq!(server.get("shout/invoke").await.status(), 405);
}
