//! Conversations against the simulator, which refuses what the providers refuse.

use super::{Fault, Flow, ReadStream, Target, anthropic, gemini};
use crate::{
    ChatRequest, Message, Messages, Options, Part, ReasoningEffort, ToolDefinition,
    simulator::{Answer, Simulator},
};
use serde_json::{Value, json};

/// A protocol, and a model of it.
#[derive(Clone, Copy, Debug)]
enum Wire {
    Anthropic(&'static str),
    Gemini(&'static str),
}

impl Wire {
    fn model(self) -> &'static str {
        let (Wire::Anthropic(model) | Wire::Gemini(model)) = self;
        model
    }

    /// Sends a body, and returns the status and the body of the response.
    async fn post(self, sim: &Simulator, body: &Value, stream: bool) -> (u16, String) {
        let client = reqwest::Client::new();
        let request = match self {
            Wire::Anthropic(_) => {
                let (name, version) = anthropic::VERSION_HEADER;
                let url = format!("{}/v1/{}", sim.url(), anthropic::PATH);
                client.post(url).header(anthropic::KEY_HEADER, "key").header(name, version)
            }
            Wire::Gemini(model) => {
                let url = format!("{}/v1beta/{}", sim.url(), gemini::path(model, stream));
                client.post(url).header(gemini::KEY_HEADER, "key")
            }
        };
        let response = request.body(body.to_string()).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    fn write(self, request: &ChatRequest, origin: &str, stream: bool) -> Result<Value, Fault> {
        let target = Target { model: self.model(), origin, stream };
        match self {
            Wire::Anthropic(_) => anthropic::write(request, &target, anthropic::Settings { cache: true }),
            Wire::Gemini(_) => gemini::write(request, &target),
        }
    }

    fn read(self, body: &str, origin: &str, stream: bool) -> Result<Message, Fault> {
        match (self, stream) {
            (Wire::Anthropic(_), false) => anthropic::read(body, origin),
            (Wire::Anthropic(_), true) => streamed(anthropic::Reader::new(origin), body),
            (Wire::Gemini(_), false) => gemini::read(body, origin),
            (Wire::Gemini(_), true) => streamed(gemini::Reader::new(origin), body),
        }
    }

    /// Sends a request, and returns the answer.
    async fn ask(self, sim: &Simulator, request: &ChatRequest, origin: &str, stream: bool) -> Message {
        let body = self.write(request, origin, stream).unwrap();
        let (status, text) = self.post(sim, &body, stream).await;
        assert_eq!(status, 200, "{self:?}: {text}\n{body:#}");
        self.read(&text, origin, stream).unwrap()
    }
}

fn streamed(mut reader: impl ReadStream, body: &str) -> Result<Message, Fault> {
    let mut chunks = Vec::new();
    let body = body.replace("\r\n", "\n");
    for event in body.split("\n\n") {
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("").trim();
        if reader.event(field("event:"), field("data:"), &mut chunks)? == Flow::Done {
            break;
        }
    }
    reader.end(&mut chunks)?;
    Ok(chunks.into_iter().collect())
}

fn tools() -> [ToolDefinition; 3] {
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}});
    ["add", "look/up", "now"].map(|name| ToolDefinition::new(name, "A tool.", schema.clone()))
}

fn request(history: &[Message], effort: bool) -> ChatRequest {
    let options = Options::new();
    let options = if effort { options.reasoning_effort(ReasoningEffort::Low) } else { options };
    let messages: Messages = history.iter().cloned().collect();
    ChatRequest { tools: tools().into(), ..ChatRequest::new(messages).with_options(options) }
}

/// Plays ten turns. In each the model thinks, calls two tools at once, thinks, calls the third one, and answers.
async fn ten_turns(wire: Wire, origin: &str) {
    let sim = Simulator::start().await.unwrap();
    let mut history = vec![Message::system("You add.")];
    for turn in 0..10 {
        // Names are those that were sent.
        sim.script(wire.model())
            .answer(
                Answer::new(if turn % 2 == 0 { "" } else { "Let me see." })
                    .thoughts(format!("First thoughts of turn {turn}."))
                    .tool_call("add", json!({"n": turn}))
                    .tool_call("look_up", json!({})),
            )
            .answer(Answer::new("").thoughts("Then the time.").tool_call("now", json!({"n": 1})))
            .answer(Answer::new(format!("Answer {turn}.")).thoughts("Done."));
        history.push(Message::user(format!("Question {turn}")));
        for step in 0..3 {
            let stream = (turn + step) % 2 == 0;
            let answer = wire.ask(&sim, &request(&history, true), origin, stream).await;
            assert!(!answer.reasoning().is_empty());
            assert_eq!(answer.tool_calls().len(), [2, 1, 0][step], "{answer:?}");
            let calls = answer.tool_calls().to_vec();
            // Stored and read again.
            history.push(serde_json::from_str(&serde_json::to_string(&answer).unwrap()).unwrap());
            history.extend(calls.iter().map(|call| Message::tool(&call.id, format!("result of {}", call.name))));
        }
        assert_eq!(history.last().map(Message::text), Some(&*format!("Answer {turn}.")));
    }
    assert_eq!(history.len(), 1 + 10 * (1 + 2 + 3 + 1 + 1 - 1));
}

const CLAUDE: &str = "anthropic 127.0.0.1";
const GOOGLE: &str = "gemini 127.0.0.1";

#[tokio::test]
async fn ten_turns_with_three_tools_and_thoughts() {
    ten_turns(Wire::Anthropic("claude-sonnet-4-5"), "anthropic api.anthropic.com").await;
    ten_turns(Wire::Anthropic("claude-opus-4-7"), CLAUDE).await;
    ten_turns(Wire::Gemini("gemini-3-pro-preview"), GOOGLE).await;
    ten_turns(Wire::Gemini("gemini-2.5-flash"), GOOGLE).await;
}

#[tokio::test]
async fn a_turn_goes_on_with_another_provider() {
    let sim = Simulator::start().await.unwrap();
    let wires = [
        (Wire::Anthropic("claude-sonnet-4-5"), CLAUDE),
        (Wire::Gemini("gemini-3-pro-preview"), GOOGLE),
        (Wire::Anthropic("claude-opus-4-7"), "anthropic example.com"),
        (Wire::Gemini("gemini-2.5-flash"), GOOGLE),
    ];
    let mut history = vec![Message::user("Add.")];
    for round in 0..3 {
        for (wire, origin) in wires {
            let scripted = Answer::new("").thoughts("Hm.").tool_call("add", json!({"n": round}));
            sim.script(wire.model()).answer(scripted);
            let answer = wire.ask(&sim, &request(&history, round != 1), origin, round == 0).await;
            let [call] = answer.tool_calls() else { panic!("{answer:?}") };
            let result = Message::tool(&call.id, "3");
            history.extend([answer, result]);
        }
    }
}

#[tokio::test]
async fn conversations_that_were_cut_anywhere_are_accepted() {
    let sim = Simulator::start().await.unwrap();
    let wires = [(Wire::Anthropic("claude-sonnet-4-5"), CLAUDE), (Wire::Gemini("gemini-3-pro-preview"), GOOGLE)];
    for (wire, origin) in wires {
        let mut history = vec![Message::system("Be brief."), Message::user("Add.")];
        for _ in 0..2 {
            let scripted =
                Answer::new("I add.").thoughts("Hm.").tool_call("add", json!({})).tool_call("now", json!({}));
            sim.script(wire.model()).answer(scripted);
            let answer = wire.ask(&sim, &request(&history, true), origin, true).await;
            let results: Vec<_> = answer.tool_calls().iter().map(|call| Message::tool(&call.id, "")).collect();
            history.push(answer);
            history.extend(results);
        }
        history.push(Message::assistant(" \n"));
        history.push(Message::user(""));
        for from in 0..history.len() {
            for to in from + 1..=history.len() {
                let cut = &history[from..to];
                let is_blank =
                    cut.iter().all(|message| message.text().trim().is_empty() && message.tool_calls().is_empty())
                        && !cut.iter().any(|message| matches!(message.parts(), [Part::ToolResult { .. }]));
                if !is_blank {
                    wire.ask(&sim, &request(cut, from % 2 == 0), origin, false).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn the_simulator_refuses_what_the_providers_refuse() {
    let sim = Simulator::start().await.unwrap();
    let claude = |messages: Value| json!({"model": "claude-sonnet-4-5", "max_tokens": 2000, "messages": messages});
    let used = json!({"type": "tool_use", "id": "a", "name": "add", "input": {}});
    let result = json!({"type": "tool_result", "tool_use_id": "a", "content": "1"});
    let hi = json!({"role": "user", "content": "Hi"});
    let mut thinking =
        claude(json!([hi, {"role": "assistant", "content": [used]}, {"role": "user", "content": [result]}]));
    thinking["thinking"] = json!({"type": "enabled", "budget_tokens": 1024});
    let mut named = claude(json!([hi]));
    named["tools"] = json!([{"name": "a.b", "input_schema": {"type": "object"}}]);
    let changed = json!({"type": "thinking", "thinking": "Hm", "signature": "c2ln"});
    let bad = [
        (claude(json!([{"role": "assistant", "content": "Hi"}])), "must use the \"user\" role"),
        (claude(json!([{"role": "user", "content": [{"type": "text", "text": ""}]}])), "must be non-empty"),
        (claude(json!([{"role": "user", "content": [{"type": "text", "text": " "}]}])), "non-whitespace"),
        (claude(json!([{"role": "user", "content": []}, hi])), "non-empty content"),
        (claude(json!([hi, {"role": "assistant", "content": "So "}])), "trailing whitespace"),
        (claude(json!([hi, {"role": "assistant", "content": [used]}, hi])), "without `tool_result`"),
        (claude(json!([{"role": "user", "content": [result]}])), "unexpected `tool_use_id`"),
        (claude(json!([hi, {"role": "assistant", "content": [changed]}, hi])), "Invalid `signature`"),
        (thinking, "Expected `thinking`"),
        (named, "tools.0.custom.name"),
    ];
    for (body, why) in bad {
        let (status, text) = Wire::Anthropic("claude-sonnet-4-5").post(&sim, &body, false).await;
        assert_eq!(status, 400, "{why}");
        let message: Value = serde_json::from_str(&text).unwrap();
        assert!(message["error"]["message"].as_str().unwrap().contains(why), "{text}");
    }

    // Neighbours of one role are one turn.
    let mut second = used.clone();
    second["id"] = "b".into();
    let mut other = result.clone();
    other["tool_use_id"] = "b".into();
    let apart = [json!({"role": "user", "content": [result]}), json!({"role": "user", "content": [other]})];
    let good = claude(json!([hi, {"role": "assistant", "content": [used, second]}, apart[0], apart[1]]));
    let (status, text) = Wire::Anthropic("claude-sonnet-4-5").post(&sim, &good, false).await;
    assert_eq!(status, 200, "{text}");

    let hi = json!({"role": "user", "parts": [{"text": "Hi"}]});
    let call = |signature: Option<&str>| {
        let mut part = json!({"functionCall": {"name": "add", "args": {}}});
        if let Some(signature) = signature {
            part["thoughtSignature"] = signature.into();
        }
        json!({"role": "model", "parts": [part]})
    };
    let response = json!({"functionResponse": {"name": "add", "response": {}}});
    let results = |count: usize| json!({"role": "user", "parts": vec![response.clone(); count]});
    let skip = "skip_thought_signature_validator";
    let bad = [
        (json!([hi, call(None), results(1)]), "missing a thought_signature"),
        (json!([hi, call(Some("c2ln")), results(1)]), "Corrupted"),
        (json!([hi, call(Some(skip)), results(2)]), "number of function response parts"),
        (json!([hi, call(Some(skip)), hi]), "number of function response parts"),
        (json!([results(1)]), "function response turn"),
        (json!([call(Some(skip)), results(1)]), "function call turn"),
        (json!([{"role": "user", "parts": []}]), "must not be empty"),
    ];
    for (contents, why) in bad {
        let body = json!({ "contents": contents });
        let (status, text) = Wire::Gemini("gemini-3-pro-preview").post(&sim, &body, false).await;
        assert!(status == 400 && text.contains(why), "{why}: {text}");
    }
    // Older models, and earlier turns, need no signature.
    let good = json!({"contents": [hi, call(None), results(1)]});
    assert_eq!(Wire::Gemini("gemini-2.5-flash").post(&sim, &good, false).await.0, 200);
    let good = json!({"contents": [hi, call(None), results(1), hi]});
    assert_eq!(Wire::Gemini("gemini-3-pro-preview").post(&sim, &good, false).await.0, 200);
}
