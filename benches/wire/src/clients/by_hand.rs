//! `reqwest`, and structs with the fields that are needed.

use super::Ask;
use crate::case::Case;
use serde::Deserialize;
use serde_json::json;
use std::rc::Rc;

#[derive(Deserialize)]
struct Answer {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: String,
}

#[derive(Deserialize)]
struct Event {
    choices: Vec<Piece>,
}

#[derive(Deserialize)]
struct Piece {
    delta: Delta,
}

#[derive(Deserialize)]
struct Delta {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    tool_calls: Vec<Call>,
}

#[derive(Deserialize)]
struct Call {
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    arguments: String,
}

pub fn ask(case: Case, url: &str) -> Ask {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{url}chat/completions");
    Rc::new(move || {
        let body = json!({
            "model": format!("gpt-{}", case.name()), "messages": [{"role": "user", "content": "?"}],
            "stream": case != Case::Whole,
        });
        let request = client.post(&url).bearer_auth("k").json(&body);
        Box::pin(async move {
            let mut response = request.send().await.unwrap().error_for_status().unwrap();
            if case == Case::Whole {
                let answer: Answer = response.json().await.unwrap();
                return answer.choices[0].message.content.len();
            }
            let (mut text, mut arguments) = (String::new(), String::new());
            let mut buffer: Vec<u8> = Vec::new();
            while let Some(packet) = response.chunk().await.unwrap() {
                buffer.extend_from_slice(&packet);
                let mut start = 0;
                while let Some(length) = buffer[start..].windows(2).position(|two| two == b"\n\n") {
                    let event = &buffer[start..start + length];
                    start += length + 2;
                    let Some(data) = event.strip_prefix(b"data: ") else { continue };
                    if data == b"[DONE]" {
                        return text.len() + arguments.len();
                    }
                    let event: Event = serde_json::from_slice(data).unwrap();
                    for piece in event.choices {
                        // What a program does with a piece: it owns it.
                        text.push_str(&piece.delta.content.unwrap_or_default());
                        for call in piece.delta.tool_calls {
                            arguments.push_str(&call.function.arguments);
                        }
                    }
                }
                buffer.drain(..start);
            }
            panic!("the stream ended early");
        })
    })
}
