use serde_json::json;

/// What is asked for, by the name of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// A whole answer of about 2 KB.
    Whole,
    /// A stream of 10,000 pieces of text.
    Stream,
    /// A stream of a tool call with arguments of 100 KB, in pieces of 20 bytes.
    Arguments,
    /// A stream that stops for a while, of which many are open at once.
    Open,
}

pub const CASES: [Case; 4] = [Case::Whole, Case::Stream, Case::Arguments, Case::Open];

/// The pieces of a stream of text.
pub const PIECES: usize = 10_000;

/// The streams that are open at once.
pub const AT_ONCE: usize = 1000;

impl Case {
    pub fn name(self) -> &'static str {
        match self {
            Case::Whole => "whole",
            Case::Stream => "stream",
            Case::Arguments => "arguments",
            Case::Open => "open",
        }
    }

    pub fn of(name: &str) -> Option<Self> {
        CASES.into_iter().find(|case| case.name() == name)
    }

    pub fn title(self) -> &'static str {
        match self {
            Case::Whole => "A whole answer",
            Case::Stream => "A piece, in a stream of 10,000",
            Case::Arguments => "A tool call with arguments of 100 KB, in 5,000 pieces",
            Case::Open => "One of 1,000 streams that are open at once",
        }
    }

    /// Returns how often it is asked for in a measurement.
    pub fn times(self) -> usize {
        match self {
            Case::Whole => 2000,
            Case::Stream => 30,
            Case::Arguments => 40,
            Case::Open => 1,
        }
    }

    /// Returns the number of things that a measurement is divided by.
    pub fn things(self) -> usize {
        match self {
            Case::Whole | Case::Arguments => self.times(),
            Case::Stream => self.times() * PIECES,
            Case::Open => AT_ONCE,
        }
    }

    /// Returns the length of the text and of the arguments that a right client has read in one answer.
    pub fn length(self) -> usize {
        match self {
            Case::Whole => WHOLE.len(),
            Case::Stream => PIECES * WORD.len(),
            Case::Arguments => arguments().len(),
            Case::Open => 20 * WORD.len(),
        }
    }
}

const WORD: &str = " quantum";
const WHOLE: &str = include_str!("whole.txt");

fn arguments() -> String {
    json!({ "text": "word and word ".repeat(7300) }).to_string()
}

/// Returns the whole answer.
pub fn whole() -> String {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_790_000_000, "model": "gpt-4o-2024-08-06",
        "choices": [{
            "index": 0, "message": {"role": "assistant", "content": WHOLE, "refusal": null, "annotations": []},
            "logprobs": null, "finish_reason": "stop",
        }],
        "usage": {
            "prompt_tokens": 10, "completion_tokens": 500, "total_tokens": 510,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        },
        "service_tier": "default", "system_fingerprint": "fp_1",
    })
    .to_string()
}

/// Returns the events of a stream, as OpenAI sends them, and the number of those before the pause.
pub fn events(case: Case) -> (Vec<String>, usize) {
    let event = |delta: serde_json::Value, finish: Option<&str>| {
        let chunk = json!({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_790_000_000,
            "model": "gpt-4o-2024-08-06", "service_tier": "default", "system_fingerprint": "fp_1",
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}],
        });
        format!("data: {chunk}\n\n")
    };
    let text = |count: usize| (0..count).map(|_| event(json!({"content": WORD}), None));
    let mut events = vec![event(json!({"role": "assistant", "content": "", "refusal": null}), None)];
    let mut pause = usize::MAX;
    let finish = match case {
        Case::Arguments => {
            let function = json!({"name": "write", "arguments": ""});
            let call = json!({"index": 0, "id": "call_1", "type": "function", "function": function});
            events.push(event(json!({"tool_calls": [call]}), None));
            let arguments: Vec<char> = arguments().chars().collect();
            for piece in arguments.chunks(20) {
                let piece: String = piece.iter().collect();
                let call = json!({"index": 0, "function": {"arguments": piece}});
                events.push(event(json!({"tool_calls": [call]}), None));
            }
            "tool_calls"
        }
        Case::Open => {
            events.extend(text(20));
            pause = 10;
            "stop"
        }
        Case::Stream | Case::Whole => {
            events.extend(text(PIECES));
            "stop"
        }
    };
    events.push(event(json!({}), Some(finish)));
    events.push("data: [DONE]\n\n".to_owned());
    (events, pause)
}
