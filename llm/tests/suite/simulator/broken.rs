//! Answers that go wrong after they began, and bodies that are none.

use std::time::Duration;

use catena_llm::simulator::{BadBody, Fault, Outcome, Provider, Simulator};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use super::{MODEL, ask, body, events, header, joined, pieces, request, simulator, text};

const WIDE: &str = "Grüße aus 世界 😀";
const SHORT: Duration = Duration::from_millis(200);

async fn failing(fault: Fault) -> Simulator {
    let sim = Simulator::builder().respond(|_| WIDE).start().await.unwrap();
    sim.script(MODEL).fail(fault).always();
    sim
}

#[tokio::test]
async fn slow() {
    let sim = failing(Fault::Slow(SHORT)).await;
    for provider in Provider::ALL {
        let start = Instant::now();
        let response = ask(&sim, provider, false).await;
        assert!(start.elapsed() >= SHORT);
        assert!(response.text().await.unwrap().contains(WIDE));
    }
}

#[tokio::test]
async fn hang() {
    let sim = failing(Fault::Hang).await;
    for provider in Provider::ALL {
        for stream in [false, true] {
            assert!(timeout(SHORT, ask(&sim, provider, stream)).await.is_err());
        }
    }
    sim.idle().await;
    assert!(sim.requests().iter().all(|recorded| recorded.client_left() && recorded.status.is_none()));
}

#[tokio::test]
async fn vanish() {
    let sim = failing(Fault::Vanish).await;
    for provider in Provider::ALL {
        let request = request(&sim, provider, true, &body(provider, true, "Hello"));
        let error = request.send().await.unwrap_err();
        assert!(error.is_request() && !error.is_connect() && !error.is_timeout(), "{error:?}");
    }
    assert!(sim.requests().iter().all(|recorded| recorded.outcome == Outcome::Cut));
}

#[tokio::test]
async fn stall() {
    let sim = failing(Fault::Stall { after: 2 }).await;
    for provider in Provider::ALL {
        for stream in [false, true] {
            let mut response = ask(&sim, provider, stream).await;
            let mut seen = Vec::new();
            while let Ok(piece) = timeout(SHORT, response.chunk()).await {
                seen.extend_from_slice(&piece.unwrap().expect("the stream does not end"));
            }
            let seen = String::from_utf8_lossy(&seen);
            assert_eq!((seen.contains("aus"), seen.contains("😀")), (true, !stream), "{provider}: {seen}");
        }
    }
}

#[tokio::test]
async fn cut() {
    let sim = failing(Fault::Cut { after: 2 }).await;
    for provider in Provider::ALL {
        let (events, complete) = events(ask(&sim, provider, true).await).await;
        assert!(!complete, "{provider}");
        assert_eq!(joined(provider, &events), "Grüße aus");

        let response = ask(&sim, provider, false).await;
        let length: usize = header(&response, "content-length").parse().unwrap();
        let (pieces, complete) = pieces(response).await;
        let received = pieces.concat().len();
        assert!(!complete && received > 0 && received < length, "{provider}");
    }
    assert!(sim.requests().iter().all(|recorded| recorded.outcome == Outcome::Cut));
}

#[tokio::test]
async fn a_cut_strikes_before_the_end_of_the_stream() {
    let sim = failing(Fault::Cut { after: 1000 }).await;
    for provider in Provider::ALL {
        let (text, complete) = text(ask(&sim, provider, true).await).await;
        let closing = ["[DONE]", "\"finish_reason\":\"stop\"", "message_delta", "message_stop", "finishReason"];
        assert!(!complete && !closing.iter().any(|closing| text.contains(closing)), "{provider}: {text}");
    }
}

#[tokio::test]
async fn early_end() {
    let sim = failing(Fault::EarlyEnd { after: 2 }).await;
    for provider in Provider::ALL {
        let (events, complete) = events(ask(&sim, provider, true).await).await;
        assert!(complete, "{provider}");
        assert_eq!(joined(provider, &events), "Grüße aus");

        let (text, complete) = text(ask(&sim, provider, false).await).await;
        assert!(complete && !text.is_empty() && serde_json::from_str::<Value>(&text).is_err());
    }
    assert!(sim.requests().iter().all(|recorded| recorded.outcome == Outcome::Sent));
}

#[tokio::test]
async fn malformed_event() {
    let sim = failing(Fault::MalformedEvent { after: 2 }).await;
    for provider in Provider::ALL {
        let (events, complete) = events(ask(&sim, provider, true).await).await;
        let bad = |data: &str| data != "[DONE]" && serde_json::from_str::<Value>(data).is_err();
        let at = events.iter().position(|(_, data)| bad(data)).unwrap();
        assert_eq!(joined(provider, &events[..at]), "Grüße aus");
        let name = match provider {
            Provider::Anthropic => "content_block_delta",
            Provider::OpenAiResponses => "response.output_text.delta",
            _ => "",
        };
        assert!(complete && events[at].0 == name);
        assert_eq!(joined(provider, &events), WIDE);

        let (text, complete) = text(ask(&sim, provider, false).await).await;
        assert!(complete && serde_json::from_str::<Value>(&text).is_err());
    }
}

#[tokio::test]
async fn error_event() {
    let sim = failing(Fault::ErrorEvent { after: 2 }).await;
    for provider in Provider::ALL {
        let response = ask(&sim, provider, true).await;
        assert_eq!(response.status(), 200);
        let (events, complete) = events(response).await;
        let (name, data) = events.last().unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        let is_error = data["error"].is_object() || data["type"] == "error" && data["message"].is_string();
        assert!(complete && is_error, "{provider}: {data}");
        let has_name = matches!(provider, Provider::Anthropic | Provider::OpenAiResponses);
        assert_eq!(name, if has_name { "error" } else { "" });
        assert_eq!(joined(provider, &events), "Grüße aus");

        let expected = if provider == Provider::Anthropic { 529 } else { 503 };
        assert_eq!(ask(&sim, provider, false).await.status(), expected);
    }
}

#[tokio::test]
async fn bodies_that_are_no_answer() {
    let sim = simulator().await;
    for provider in Provider::ALL {
        for stream in [false, true] {
            sim.script(MODEL)
                .fail(Fault::malformed_body())
                .fail(Fault::html_body())
                .fail(Fault::empty_body())
                .fail(Fault::Body(BadBody::Json(json!({"status": "ok"}))));
            let expected = if stream { "text/event-stream" } else { "application/json" };
            let mut seen = Vec::new();
            for kind in [expected, "text/html", expected, "application/json"] {
                let response = ask(&sim, provider, stream).await;
                assert!(response.status() == 200 && header(&response, "content-type").starts_with(kind));
                seen.push(response.text().await.unwrap());
            }
            assert!(serde_json::from_str::<Value>(&seen[0]).is_err() && seen[1].contains("<html>"));
            assert_eq!((seen[2].as_str(), seen[3].as_str()), ("", "{\"status\":\"ok\"}"));
        }
    }
    assert!(sim.requests().iter().all(|recorded| recorded.outcome == Outcome::Sent));
}

#[tokio::test]
async fn empty_answer() {
    let sim = failing(Fault::EmptyAnswer).await;
    for provider in Provider::ALL {
        let whole: Value = ask(&sim, provider, false).await.json().await.unwrap();
        let (events, complete) = events(ask(&sim, provider, true).await).await;
        assert!(complete && joined(provider, &events).is_empty());
        match provider {
            Provider::Anthropic => {
                assert_eq!((&whole["content"], &whole["usage"]["output_tokens"]), (&json!([]), &json!(0)));
                let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
                assert_eq!(names, ["message_start", "message_delta", "message_stop"]);
            }
            Provider::Gemini => {
                assert_eq!(whole["candidates"][0]["content"], json!({"role": "model"}));
                assert_eq!(whole["candidates"][0]["finishReason"], "STOP");
            }
            Provider::OpenAiResponses => {
                assert_eq!(whole["output"][0]["content"][0]["text"], "");
                assert_eq!(whole["status"], "completed");
            }
            _ => {
                assert_eq!(whole["choices"][0]["message"]["content"], "");
                assert_eq!(whole["choices"][0]["finish_reason"], "stop");
            }
        }
    }
}

#[tokio::test]
async fn characters_torn_over_writes() {
    let sim = failing(Fault::SplitUtf8).await;
    for provider in Provider::ALL {
        for stream in [false, true] {
            let (pieces, complete) = pieces(ask(&sim, provider, stream).await).await;
            let torn = pieces.iter().filter(|piece| std::str::from_utf8(piece).is_err()).count();
            assert!(complete && torn >= 5, "{provider}: {torn} pieces");
            let text = String::from_utf8(pieces.concat()).unwrap();
            assert!(text.contains("Grüße") && text.contains("世界") && text.contains("😀"));
        }
    }
}

#[tokio::test]
async fn huge() {
    let sim = failing(Fault::Huge(2_000_000)).await;
    for provider in Provider::ALL {
        let whole = ask(&sim, provider, false).await.text().await.unwrap();
        assert!(whole.len() > 2_000_000);
        let (events, complete) = events(ask(&sim, provider, true).await).await;
        assert!(complete);
        assert_eq!(joined(provider, &events).len(), 2_000_000);
    }
}

#[tokio::test]
async fn cut_within_an_event() {
    let sim = failing(Fault::CutEvent { after: 2 }).await;
    for provider in Provider::ALL {
        let (text, complete) = text(ask(&sim, provider, true).await).await;
        let last = text.replace("\r\n", "\n").rsplit("\n\n").next().unwrap().to_owned();
        assert!(!complete && last.contains("data: {") && !last.ends_with('}'), "{provider}: {last}");
    }
    assert!(sim.requests().iter().all(|recorded| recorded.outcome == Outcome::Cut));
}

#[tokio::test]
async fn the_mark_of_the_end_is_left_out() {
    let sim = failing(Fault::NoEndMark).await;
    for provider in Provider::ALL {
        let (text, complete) = text(ask(&sim, provider, true).await).await;
        assert!(complete && !text.contains("[DONE]") && !text.contains("message_stop"), "{provider}: {text}");
        let reason = [
            "\"finish_reason\":\"stop\"",
            "\"stop_reason\":\"end_turn\"",
            "\"finishReason\":\"STOP\"",
            "response.completed",
        ];
        assert!(reason.iter().any(|reason| text.contains(reason)), "{provider}: {text}");
    }
}

#[tokio::test]
async fn refusals_are_in_each_providers_words() {
    let sim = failing(Fault::Refusal).await;
    for provider in Provider::ALL {
        let body: Value = ask(&sim, provider, false).await.json().await.unwrap();
        let (text, _) = text(ask(&sim, provider, true).await).await;
        match provider {
            Provider::OpenAi => {
                let message = &body["choices"][0]["message"];
                assert!(message["content"].is_null() && message["refusal"].as_str().unwrap().contains("sorry"));
                assert!(text.contains("\"refusal\":\"I'm \"") && text.contains("\"finish_reason\":\"stop\""), "{text}");
            }
            Provider::OpenAiResponses => {
                let refusal = &body["output"][0]["content"][0];
                assert!(refusal["type"] == "refusal" && refusal["refusal"].as_str().unwrap().contains("sorry"));
                assert!(text.contains("response.refusal.delta") && body["status"] == "completed", "{text}");
            }
            Provider::Anthropic => {
                assert_eq!((&body["content"], &body["stop_reason"]), (&json!([]), &json!("refusal")));
                assert!(text.contains("\"stop_reason\":\"refusal\""));
            }
            Provider::Gemini => {
                assert_eq!(body["candidates"][0]["finishReason"], "SAFETY");
                assert!(text.contains("\"finishReason\":\"SAFETY\""));
            }
            _ => {
                assert_eq!(body["choices"][0]["finish_reason"], "content_filter");
                assert!(text.contains("\"finish_reason\":\"content_filter\""));
            }
        }
    }
}

#[tokio::test]
async fn arguments_cut_short() {
    let sim = failing(Fault::TruncatedArguments).await;
    for provider in Provider::ALL {
        let body: Value = ask(&sim, provider, false).await.json().await.unwrap();
        match provider {
            Provider::Anthropic => {
                assert_eq!((&body["content"][0]["input"], &body["stop_reason"]), (&json!({}), &json!("max_tokens")));
            }
            Provider::Gemini => assert_eq!(body["candidates"][0]["finishReason"], "MALFORMED_FUNCTION_CALL"),
            Provider::OpenAiResponses => {
                let call = &body["output"][0];
                assert!(serde_json::from_str::<Value>(call["arguments"].as_str().unwrap()).is_err(), "{call}");
                assert_eq!(body["incomplete_details"]["reason"], "max_output_tokens");
            }
            _ => {
                let call = &body["choices"][0]["message"]["tool_calls"][0]["function"];
                assert!(serde_json::from_str::<Value>(call["arguments"].as_str().unwrap()).is_err(), "{call}");
                assert_eq!(body["choices"][0]["finish_reason"], "length");
            }
        }
    }
}
