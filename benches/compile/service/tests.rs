//! What both services answer: each has this file as its tests. The models are real ones, asked over HTTP; a simulator of their
//! protocols answers.

use crate::{models::Models, service};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header::CONTENT_TYPE},
};
use catena_llm::{
    anthropic, gemini, openai,
    simulator::{self, Answer, Fault, Role, Simulator, Target},
};
use serde_json::{Value, json};
use std::time::Duration;
use tower::ServiceExt;

/// The service, and what answers its models.
struct Desk {
    service: Router,
    simulator: Simulator,
}

impl Desk {
    async fn open() -> Self {
        let simulator = Simulator::builder().respond(answer).start().await.unwrap();
        let models = [
            openai("gpt-4o-mini").base_url(simulator.openai_url()),
            anthropic("claude-sonnet-4-5").base_url(simulator.anthropic_url()),
            gemini("gemini-2.5-flash").base_url(simulator.gemini_url()),
        ];
        let models = models.map(|model| model.api_key("simulated").build().unwrap());
        Desk { service: service(Models::new(models, Duration::from_millis(1))), simulator }
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
        let request = request.body(Body::from(body.to_string())).unwrap();
        let response = self.service.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(bytes.into()).unwrap())
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, text) = self.ask(Method::POST, path, body).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        serde_json::from_str(&self.ask(Method::GET, path, Value::Null).await.1).unwrap()
    }
}

const LETTERS: [(&str, &str); 4] = [
    ("Where is my chair?", r#"{"topic": "delivery", "order": 17, "wish": "to know where the chair is"}"#),
    ("My money back!", r#"Here it is: {"topic": "refund", "order": null, "wish": "the money back"}"#),
    ("Is it oak?", r#"{"topic": "product", "order": 3, "wish": "to know the wood"}"#),
    ("Hello", r#"{"topic": "other", "order": null, "wish": "nothing"}"#),
];

/// What the simulated models know.
fn answer(request: &simulator::Request) -> Answer {
    let (asked, system) = (request.last_user(), request.system());
    let told: Vec<&str> = request.turns.iter().filter(|turn| turn.role == Role::Tool).map(|turn| &*turn.text).collect();
    if system.starts_with("Read this letter") {
        let known = LETTERS.iter().find(|(letter, _)| *letter == asked);
        return Answer::new(known.map_or(r#"{"topic": "riddle"}"#, |(_, ticket)| ticket));
    }
    if system.starts_with("You correct the form") {
        return Answer::new(LETTERS[3].1);
    }
    if system.contains("Look everything up") {
        return match *told {
            [] => Answer::new("Let me see.")
                .tool_call("order_status", json!({ "order": 4 }))
                .tool_call("order_status", json!({ "order": 0 }))
                .tool_call("postage", json!({ "country": "Switzerland", "kilograms": 2 })),
            [four, zero, postage] if four.contains("shipped") && zero.contains("no order 0") => {
                Answer::new(format!("It is shipped, for {postage}."))
            }
            _ => Answer::new("I do not know."),
        };
    }
    if system.starts_with("You chat") {
        let said = request.turns.iter().filter(|turn| turn.role == Role::User).count();
        return Answer::new(format!("{asked} was line {said}."));
    }
    Answer::new(match asked.split_once(": ") {
        Some((task, review)) if task.starts_with("The mood") => {
            (if review.contains("bad") { "Negative." } else { "Positive." }).to_owned()
        }
        Some((task, wish)) => format!("{} words to {wish}", task.split(' ').count()),
        None => format!("yes, {asked}"),
    })
}

#[tokio::test]
async fn a_question_is_answered_by_the_first_model() {
    let desk = Desk::open().await;
    let answer = desk.post("/answers", json!({ "question": "Open today?", "language": "French" })).await;
    assert_eq!(answer, json!({ "answer": "yes, Open today?", "model": "gpt-4o-mini" }));
    let requests = desk.simulator.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].request.system(), "You work at the help desk of a shop. Answer in French, in one sentence.");
}

#[tokio::test]
async fn a_model_that_fails_is_asked_again_and_then_another() {
    let desk = Desk::open().await;
    let question = || json!({ "question": "Open?", "language": "English" });
    desk.simulator.script("gpt-4o-mini").fail(Fault::status(503)).times(2);
    assert_eq!(desk.post("/answers", question()).await["model"], "gpt-4o-mini");
    assert_eq!(desk.simulator.requests_for("gpt-4o-mini").len(), 3);

    desk.simulator.script("gpt-4o-mini").fail(Fault::status(503)).always();
    assert_eq!(desk.post("/answers", question()).await["model"], "claude-sonnet-4-5");
    assert_eq!(desk.simulator.requests_for("gpt-4o-mini").len(), 6);

    desk.simulator.script(Target::any()).fail(Fault::status(500)).always();
    let (status, text) = desk.ask(Method::POST, "/answers", question()).await;
    assert_eq!(status, StatusCode::BAD_GATEWAY, "{text}");
    assert!(text.contains("error"), "{text}");
    let latency = desk.get("/latency").await;
    assert_eq!((&latency["answer"]["runs"], &latency["answer"]["errors"]), (&json!(3), &json!(1)));
}

#[tokio::test]
async fn three_models_are_compared_and_the_third_may_fail() {
    let desk = Desk::open().await;
    let answer = desk.post("/compare", json!({ "question": "Yes" })).await;
    assert_eq!(answer, json!({ "gpt": "yes, yes", "claude": "yes, yes", "gemini": "yes, yes", "agreed": true }));
    desk.simulator.script("claude-sonnet-4-5").answer("No.");
    desk.simulator.script("gemini-2.5-flash").fail(Fault::status(500)).always();
    let answer = desk.post("/compare", json!({ "question": "Yes" })).await;
    assert_eq!(answer, json!({ "gpt": "yes, yes", "claude": "no", "gemini": null, "agreed": false }));
}

#[tokio::test]
async fn a_letter_is_handled_by_its_topic() {
    let desk = Desk::open().await;
    let mut answers = Vec::new();
    for letter in ["Where is my chair?", "My money back!", "Is it oak?", "Hello", "a riddle"] {
        let handled = desk.post("/tickets", json!({ "text": letter })).await;
        answers.push((handled["ticket"]["topic"].clone(), handled["answer"].as_str().unwrap().to_owned()));
    }
    let expected = [
        ("delivery", "Order 17 will be with you in 3 days."),
        ("refund", "7 words to the money back"),
        ("product", "yes, to know the wood"),
        ("other", "A colleague will answer you tomorrow."),
        // The answer of the first model was no ticket: the second corrected it.
        ("other", "A colleague will answer you tomorrow."),
    ];
    assert_eq!(answers, expected.map(|(topic, answer)| (json!(topic), answer.to_owned())));
    assert_eq!(desk.simulator.requests_for("claude-sonnet-4-5").len(), 1);
    let first = &desk.simulator.requests()[0].request.body;
    assert_eq!(first["response_format"]["json_schema"]["name"], "Ticket", "{first}");
}

#[tokio::test]
async fn a_conversation_is_remembered_and_streamed() {
    let desk = Desk::open().await;
    let said = desk.post("/chats/anna", json!({ "text": "One" })).await;
    assert_eq!(said, json!({ "text": "One was line 1." }));
    desk.simulator.script("gpt-4o-mini").fail(Fault::status(503)).answer(Answer::chunks(["Two ", "was ", "last."]));
    let (status, events) = desk.ask(Method::POST, "/chats/anna/stream", json!({ "text": "Two" })).await;
    assert_eq!(status, StatusCode::OK);
    let piece = |text| format!("event: piece\ndata: {text}\n\n");
    assert_eq!(events, ["Two ", "was ", "last."].map(piece).concat() + "event: end\ndata: complete\n\n");
    let history = desk.get("/chats/anna").await;
    let history: Vec<&Value> = history.as_array().unwrap().iter().map(|message| &message["content"]).collect();
    assert_eq!(history, ["One", "One was line 1.", "Two", "Two was last."]);
    assert_eq!(desk.get("/chats/bert").await, json!([]));

    desk.simulator.script(Target::any()).fail(Fault::status(500)).always();
    let (_, events) = desk.ask(Method::POST, "/chats/anna/stream", json!({ "text": "Three" })).await;
    assert!(
        events.starts_with("event: failure\ndata: ") && events.ends_with("event: end\ndata: complete\n\n"),
        "{events}"
    );
    assert_eq!(desk.get("/chats/anna").await.as_array().unwrap().len(), 4);
    assert_eq!(desk.ask(Method::DELETE, "/chats/anna", Value::Null).await.0, StatusCode::NO_CONTENT);
    assert_eq!(desk.get("/chats/anna").await, json!([]));
}

#[tokio::test]
async fn reviews_are_read_four_at_a_time() {
    let desk = Desk::open().await;
    let texts = ["A good chair", " ", "a bad one"];
    let read = desk.post("/reviews", json!({ "texts": texts })).await;
    let good = json!({ "mood": "positive", "summary": "5 words to A good chair", "words": 3 });
    let bad = json!({ "mood": "negative", "summary": "5 words to a bad one", "words": 3 });
    assert_eq!(read, json!([good, { "error": "the review is empty" }, bad]));
    let latency = desk.get("/latency").await;
    assert_eq!((&latency["review"]["runs"], &latency["review"]["errors"]), (&json!(3), &json!(1)));
    desk.post("/reviews", json!({ "texts": vec!["A good chair"; 20] })).await;
    assert_eq!(desk.simulator.requests().len(), 2 * 22);
    assert!(desk.simulator.peak_in_flight() <= 2 * 4);
}

#[tokio::test]
async fn the_assistant_calls_its_tools() {
    let desk = Desk::open().await;
    let answer = desk.post("/assistant", json!({ "question": "Where is order 4?" })).await;
    assert_eq!(answer, json!({ "answer": "It is shipped, for 1000.", "steps": 2, "calls": 3 }));
    let body = &desk.simulator.requests()[0].request.body;
    assert_eq!(body["tools"][1]["function"]["parameters"]["required"], json!(["country"]), "{body}");
}
