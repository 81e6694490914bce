//! Any answer that the simulator writes is read back, whole and streamed, however its bytes are cut.

use crate::{case::Form, server::Server};
use catena_llm::{
    Message, Messages, Model, anthropic, gemini, gemini_openai, openai, openai_responses,
    simulator::{Answer, Chunking, Provider, Simulator},
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// An answer, and how its stream is cut.
#[derive(Clone, Debug)]
struct Given {
    text: String,
    thoughts: String,
    calls: Vec<(String, Value)>,
    chunking: Chunking,
    cuts: Vec<prop::sample::Index>,
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..3)
                .prop_map(|fields| fields.into_iter().collect::<Value>()),
        ]
    })
}

fn given() -> impl Strategy<Value = Given> {
    // A text that is blank is no answer, and thoughts in tags are tried elsewhere.
    let text =
        || any::<String>().prop_filter("blank", |text| !text.trim().is_empty() && !text.trim_start().starts_with('<'));
    let calls = prop::collection::vec(("[a-z_]{1,12}", prop::collection::btree_map("[a-z]{1,4}", value(), 0..3)), 0..3);
    let chunking = prop_oneof![Just(Chunking::Words), (1..5_usize).prop_map(Chunking::Chars), Just(Chunking::Whole)];
    let cuts = prop::collection::vec(any::<prop::sample::Index>(), 0..6);
    (text(), prop_oneof![Just(String::new()), text()], calls, chunking, cuts).prop_map(
        |(text, thoughts, calls, chunking, cuts)| {
            let calls = calls.into_iter().map(|(name, fields)| (name, fields.into_iter().collect::<Value>())).collect();
            Given { text, thoughts, calls, chunking, cuts }
        },
    )
}

impl Given {
    fn answer(&self) -> Answer {
        let answer = Answer::new(&self.text).thoughts(&self.thoughts).chunking(self.chunking);
        self.calls.iter().fold(answer, |answer, (name, arguments)| answer.tool_call(name, arguments.clone()))
    }

    fn check(&self, answer: &Message) -> Result<(), TestCaseError> {
        prop_assert_eq!(answer.text(), &self.text);
        prop_assert_eq!(answer.reasoning(), self.thoughts.clone());
        let calls = answer.tool_calls().iter();
        let calls: Vec<(String, Value)> = calls.map(|call| (call.name.clone(), call.arguments().unwrap())).collect();
        prop_assert_eq!(&calls, &self.calls);
        Ok(())
    }
}

/// Returns the body that the simulator sends, and its content type.
async fn body(sim: &Simulator, provider: Provider, stream: bool, answer: Answer) -> (String, Vec<u8>) {
    let base = sim.base_url(provider);
    let (url, body) = match provider {
        Provider::Anthropic => (
            base + "messages",
            json!({"model": "m", "max_tokens": 100, "stream": stream, "messages": [{"role": "user", "content": "Hi"}]}),
        ),
        Provider::Gemini => {
            let method = if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
            (format!("{base}models/m:{method}"), json!({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}))
        }
        Provider::OpenAiResponses => (
            base + "responses",
            json!({"model": "m", "stream": stream, "input": "Hi", "include": ["reasoning.encrypted_content"]}),
        ),
        _ => (
            base + "chat/completions",
            json!({"model": "m", "stream": stream, "messages": [{"role": "user", "content": "Hi"}]}),
        ),
    };
    sim.script(provider).answer(answer);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(url).bearer_auth("k").header("x-api-key", "k").header("x-goog-api-key", "k");
    let response = request.header("anthropic-version", "2023-06-01").json(&body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    (content_type, response.bytes().await.unwrap().to_vec())
}

fn model(provider: Provider, url: &str) -> Model {
    let builder = match provider {
        Provider::Anthropic => anthropic("m"),
        Provider::Gemini => gemini("m"),
        Provider::GeminiOpenAi => gemini_openai("m"),
        Provider::OpenAiResponses => openai_responses("m"),
        _ => openai("m"),
    };
    builder.api_key("k").base_url(url).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_answer_is_read_back(given in given()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let sim = Simulator::start().await.unwrap();
            for provider in Provider::ALL {
                for form in [Form::Whole, Form::Stream] {
                    let (content_type, body) = body(&sim, provider, form == Form::Stream, given.answer()).await;
                    let cuts = given.cuts.iter().map(|cut| cut.index(body.len())).collect();
                    let server = Server::start(200, &content_type, body, cuts);
                    let answer = form.ask(&model(provider, &server.url), Messages::from([Message::user("Hi")])).await;
                    let answer = answer.map_err(|error| TestCaseError::fail(format!("{provider} {form:?}: {error}")))?;
                    given.check(&answer)?;
                }
            }
            Ok::<(), TestCaseError>(())
        })?;
    }
}
