//! A server and a model that quote what was sent: nothing that a run prints, returns as an error or stores has a secret,
//! in whichever encoding.

use base64::{Engine, prelude::BASE64_STANDARD};
use catena::{Config, Console, Result, RunnableExt};
use catena_llm::{
    Message, MessageAssembler, ModelBuilder, anthropic, gemini, openai, openai_compatible, openai_responses,
    testing::CassetteMode,
};
use serde_json::{Value, json};
use std::{
    io::Write,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const KEY: &str = "Kx7/very+secret=Key";
const HEADER: &str = "Hx8/gateway+secret";
const QUERY: &str = "Qx9-tenant-secret";
const FIELD: &str = "Fx0/field+secret";
const SECRETS: [&str; 4] = [KEY, HEADER, QUERY, FIELD];

/// A secret in each encoding in which it may be quoted.
fn forms(secret: &str) -> Vec<String> {
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let escaped: String = secret.bytes().map(|byte| format!("\\u{byte:04x}")).collect::<Vec<_>>().concat();
    let mut forms = vec![
        secret.to_owned(),
        secret.replace('/', "\\/"),
        secret.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D"),
        percent.to_lowercase(),
        percent.replace('%', "%25"),
        escaped,
        secret.replace('/', "&#x2F;").replace('+', "&#43;"),
        secret.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat(),
    ];
    forms.extend(["", "u:", "me:"].map(|user| BASE64_STANDARD.encode(format!("{user}{secret}"))));
    forms
}

/// A text with all secrets in all forms.
fn confession() -> String {
    SECRETS.iter().flat_map(|secret| forms(secret)).map(|form| format!("<{form}> ")).collect::<Vec<_>>().concat()
}

/// Fails if a secret is left, as it is or in the encodings of JSON that the text itself may be in.
fn clean(what: &str, text: &str) {
    let unescaped = text.replace("\\\\", "\\").replace("\\\\", "\\").replace("\\/", "/");
    for secret in SECRETS {
        for form in forms(secret) {
            for text in [text, &unescaped] {
                assert!(!text.contains(&form), "{what} has {form}: {text}");
            }
        }
    }
}

/// A server that confesses, with this status.
async fn serve(status: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let text = confession();
            let call = json!({ "text": text, text.as_str(): [text] });
            let body = json!({
                "error": if status.starts_with("200") { Value::Null } else { json!({ "message": text, "code": text }) },
                "type": "message", "role": "assistant", "stop_reason": "end_turn",
                "content": [{ "type": "text", "text": text }, { "type": "tool_use", "id": "c", "name": "f", "input": call }],
                "choices": [{
                    "message": {
                        "content": text,
                        "tool_calls": [{ "id": "c", "function": { "name": "f", "arguments": call.to_string() } }],
                    },
                    "finish_reason": "stop",
                }],
                "status": "completed",
                "output": [{ "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": text }] }],
                "candidates": [{
                    "content": { "parts": [{ "text": text }, { "functionCall": { "name": "f", "args": call } }] },
                    "finishReason": "STOP",
                }],
            });
            let (body, mut request) = (body.to_string(), vec![0; 256 << 10]);
            let _ = stream.read(&mut request).await;
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\nx-request-id: {KEY}\r\ncontent-length:"
            );
            let _ = stream.write_all(format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).await;
        }
    });
    url
}

fn builders(url: &str) -> Vec<ModelBuilder> {
    let base = format!("{url}/v1");
    let query = format!("{base}?tenant={QUERY}");
    [
        openai("gpt-4o-mini").base_url(&query),
        openai_responses("gpt-5").base_url(&query),
        openai_compatible(&query, "m"),
        anthropic("claude-sonnet-4-5").base_url(&base),
        gemini("gemini-2.5-flash").base_url(&base),
    ]
    .into_iter()
    .map(|builder| {
        let fields = json!({ "metadata": { "api_key": FIELD, "tenant_token": [QUERY] } });
        builder.api_key(KEY).header("x-gateway", format!("Token {HEADER}")).extra_body(fields)
    })
    .collect()
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_cassette_of_a_model_that_quotes_its_secrets_has_none() {
    let url = serve("200 OK").await;
    let folder = tempfile::tempdir().unwrap();
    for (at, builder) in builders(&url).into_iter().enumerate() {
        let path = folder.path().join(format!("{at}.json"));
        let chat = builder.build().unwrap().on_cassette_in(CassetteMode::Record, &path).unwrap();
        // The prompt quotes them too, as the message of a tool does after a failed request.
        let asked = vec![Message::user(confession()), Message::user(Value::from(confession()).to_string())];
        let answer = chat.invoke(asked.clone()).await.unwrap();
        assert!(answer.text().contains(KEY), "the answer itself is the model's");
        chat.stream(asked.clone()).assemble(MessageAssembler::default()).await.unwrap();
        let tape = std::fs::read_to_string(&path).unwrap();
        assert!(tape.contains("[redacted]"));
        clean(&format!("cassette {at}"), &tape);
        // It is replayed for the same prompt.
        let replayed = builders(&url).swap_remove(at).build().unwrap();
        let replayed = replayed.on_cassette_in(CassetteMode::Replay, &path).unwrap().invoke(asked).await.unwrap();
        assert!(replayed.text().contains("[redacted]"));
    }
}

#[tokio::test]
async fn errors_of_a_server_that_quotes_secrets_have_none_in_any_form() {
    for status in ["401 Unauthorized", "400 Bad Request", "500 Internal Server Error", "429 Too Many Requests"] {
        let url = serve(status).await;
        for (at, builder) in builders(&url).into_iter().enumerate() {
            let (model, printed) = (builder.build().unwrap(), Written::default());
            let config = || Config::new().observe(Console::to(printed.clone()));
            let whole: Result<Message> = model.invoke_with("Hi", config()).await;
            let streamed = model.stream_with("Hi", config()).assemble(MessageAssembler::default()).await;
            for error in [whole.unwrap_err(), streamed.unwrap_err()] {
                let failure: &catena_llm::ProviderError = error.downcast_ref().unwrap();
                assert!(failure.body().contains("[redacted]"));
                clean(&format!("{status} {at}: display"), &error.to_string());
                clean(&format!("{status} {at}: debug"), &format!("{error:?}"));
                clean(&format!("{status} {at}: json"), &serde_json::to_string(&error).unwrap());
                clean(&format!("{status} {at}: source"), &format!("{failure} {failure:?}"));
            }
            clean(&format!("{status} {at}: console"), &String::from_utf8(printed.0.lock().unwrap().clone()).unwrap());
        }
    }
}

#[tokio::test]
async fn descriptions_and_debug_forms_have_no_secret() {
    for builder in builders("http://127.0.0.1:1") {
        let model = builder.clone().build().unwrap();
        let manifest = RunnableExt::<String>::manifest(&model).json().to_string();
        let graph = RunnableExt::<String>::graph(&model).to_string();
        for text in [format!("{builder:?}"), format!("{model:?} {:?}", model.model()), manifest, graph] {
            clean("description", &text);
        }
    }
}
