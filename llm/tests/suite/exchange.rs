//! The exchange with servers on a loopback socket, byte by byte: timeouts, bounds, redirects, and bodies of another form
//! than the one that was asked for.
#![cfg(feature = "providers")]

use catena::{ErrorKind, Result, RunnableExt};
use catena_llm::{
    FinishReason, HttpClient, Message, MessageAssembler, Model, ModelBuilder, anthropic, azure_openai,
    compatible_reranker, gemini, openai, openai_compatible, openai_embeddings, openai_responses,
    retrieval::{Document, Embedder, Reranker},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A piece of a response, or a pause.
enum Piece {
    Bytes(Vec<u8>),
    Hang,
}

/// A server that gives one response to each request. Returns its address, and the requests.
async fn serve(head: &str, pieces: Vec<Piece>) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let head = format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n");
    let (to, requests) = mpsc::unbounded_channel();
    let response = Arc::new((head, pieces));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(respond(stream, to.clone(), response.clone()));
        }
    });
    (url, requests)
}

async fn respond(mut stream: TcpStream, to: mpsc::UnboundedSender<String>, response: Arc<(String, Vec<Piece>)>) {
    stream.set_nodelay(true).unwrap();
    let mut request = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request);
        let length = |head: &str| head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let is_whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| body.len() >= length(head).unwrap_or(0));
        if is_whole || read == 0 {
            break;
        }
    }
    let _ = to.send(String::from_utf8_lossy(&request).into_owned());
    let (head, pieces) = &*response;
    let _ = stream.write_all(head.as_bytes()).await;
    for piece in pieces {
        match piece {
            Piece::Bytes(bytes) => drop(stream.write_all(bytes).await),
            Piece::Hang => std::future::pending().await,
        }
    }
    let _ = stream.shutdown().await;
}

fn bytes(text: impl Into<Vec<u8>>) -> Vec<Piece> {
    vec![Piece::Bytes(text.into())]
}

fn compatible(url: &str) -> ModelBuilder {
    openai_compatible(format!("{url}/v1"), "m")
}

async fn whole(model: &Model) -> Result<Message> {
    model.invoke("Hi").await
}

async fn streamed(model: &Model) -> Result<Message> {
    model.stream("Hi").assemble(MessageAssembler::default()).await
}

const STREAM: &str = "200 OK\r\ncontent-type: text/event-stream";
const JSON: &str = "200 OK\r\ncontent-type: application/json";
const HI: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";
const STOP: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

#[tokio::test]
async fn a_server_that_falls_silent_is_an_error_after_the_limit() {
    let limit = Duration::from_millis(150);
    let (url, _requests) = serve(STREAM, vec![Piece::Bytes(HI.into()), Piece::Hang]).await;
    let model = compatible(&url).idle_timeout(limit).build().unwrap();
    for error in [streamed(&model).await.unwrap_err(), whole(&model).await.unwrap_err()] {
        assert_eq!(error.kind(), &ErrorKind::Timeout { after: limit }, "{error}");
        assert!(error.message().contains("sent nothing for 150ms"), "{error}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let model = compatible(&url).response_timeout(limit).build().unwrap();
    for error in [streamed(&model).await.unwrap_err(), whole(&model).await.unwrap_err()] {
        assert_eq!(error.kind(), &ErrorKind::Timeout { after: limit }, "{error}");
    }
}

#[tokio::test]
async fn bounds_are_errors_that_name_them() {
    let text = "x".repeat(5000);
    let event = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n");
    let (url, _requests) = serve(STREAM, bytes(event.clone() + STOP)).await;
    let model = compatible(&url).max_event_bytes(2048).build().unwrap();
    let error = streamed(&model).await.unwrap_err();
    assert!(error.message().contains("one event has more than 2 KiB") && !error.is_retryable(), "{error}");
    let model = compatible(&url).max_answer_bytes(4096).build().unwrap();
    for error in [streamed(&model).await.unwrap_err(), whole(&model).await.unwrap_err()] {
        assert!(error.message().contains("the answer has more than 4 KiB"), "{error}");
    }
    assert_eq!(streamed(&compatible(&url).build().unwrap()).await.unwrap().text().len(), 5000);
    let (url, _requests) = serve("500 Internal Server Error", bytes(text)).await;
    let error = whole(&compatible(&url).max_error_bytes(100).build().unwrap()).await.unwrap_err();
    let failure: &catena_llm::ProviderError = error.downcast_ref().unwrap();
    assert!(failure.body().len() < 200 && failure.body().contains("more than 100 bytes"), "{}", failure.body());
}

#[tokio::test]
async fn a_redirect_is_an_error_that_names_the_host() {
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let (elsewhere, mut requests) = serve(JSON, bytes("{}")).await;
        let elsewhere = elsewhere.replace("127.0.0.1", "localhost");
        let (url, _requests) = serve(&format!("{status}\r\nlocation: {elsewhere}/v1/x"), bytes("")).await;
        for builder in [openai("m"), anthropic("m"), gemini("m")] {
            let model = builder.base_url(format!("{url}/v1")).api_key("sk-123456789").build().unwrap();
            for error in [whole(&model).await.unwrap_err(), streamed(&model).await.unwrap_err()] {
                assert_eq!(error.kind(), &ErrorKind::BadInput, "{error}");
                assert!(error.message().contains("redirects to localhost"), "{error}");
            }
        }
        assert!(requests.try_recv().is_err());
        // A client that is to follow redirects does not either: neither the key nor the body reaches another host.
        let follows = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::limited(5));
        let client = HttpClient::build(follows).unwrap();
        for builder in [openai("m"), anthropic("m"), gemini("m"), openai_responses("gpt-5")] {
            let builder = builder.base_url(format!("{url}/v1")).header("x-tenant-secret", "sk-987654321");
            let model = builder.api_key("sk-123456789").http_client(&client).build().unwrap();
            for error in [whole(&model).await.unwrap_err(), streamed(&model).await.unwrap_err()] {
                assert!(error.message().contains("redirects to localhost"), "{error}");
            }
        }
        let embedder = openai_embeddings("e").base_url(format!("{url}/v1")).api_key("sk-123456789").http_client(client);
        let error = embedder.build().unwrap().embed(&["a".to_owned()], &catena::Context::new()).await.unwrap_err();
        assert!(error.message().contains("redirects to localhost"), "{error}");
        assert!(requests.try_recv().is_err());
    }
}

#[tokio::test]
async fn embedders_and_rerankers_have_the_headers_and_bounds_of_models() {
    let answer = r#"{"data":[{"index":0,"embedding":[1.0]}],"results":[{"index":0,"relevance_score":0.5}]}"#;
    let (url, mut requests) = serve(JSON, bytes(answer)).await;
    let (texts, documents) = (["a".to_owned()], [Document::new("a")]);
    let embedder =
        || openai_embeddings("e").base_url(format!("{url}/v1")).bearer_token("t-123456").header("x-team", "red");
    let reranker = || compatible_reranker(format!("{url}/v1"), "r").bearer_token("t-123456").header("x-team", "red");
    let cx = catena::Context::new();
    embedder().build().unwrap().embed(&texts, &cx).await.unwrap();
    reranker().build().unwrap().rank("q", &documents, 1, &cx).await.unwrap();
    for _ in 0..2 {
        let request = requests.recv().await.unwrap();
        for header in ["\r\nauthorization: Bearer t-123456\r\n", "\r\nx-team: red\r\n"] {
            assert!(request.contains(header), "{request}");
        }
    }
    for error in [
        embedder().max_answer_bytes(20).build().unwrap().embed(&texts, &cx).await.unwrap_err(),
        reranker().max_answer_bytes(20).build().unwrap().rank("q", &documents, 1, &cx).await.unwrap_err(),
    ] {
        assert!(error.message().contains("more than 20 bytes"), "{error}");
    }
    let (url, _requests) = serve(JSON, vec![Piece::Hang]).await;
    let hung =
        openai_embeddings("e").base_url(url).api_key("k").idle_timeout(Duration::from_millis(20)).build().unwrap();
    let error = hung.embed(&texts, &cx).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
}

#[tokio::test]
async fn an_answer_in_the_other_form_is_an_answer() {
    let answer = json!({"id": "1", "model": "m", "choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]});
    let pretty = format!("\u{feff}\r\n {answer:#}");
    for (head, body) in [(JSON, answer.to_string()), (STREAM, answer.to_string()), (JSON, pretty)] {
        let (url, _requests) = serve(head, bytes(body)).await;
        let message = streamed(&compatible(&url).build().unwrap()).await.unwrap();
        assert_eq!((message.text(), message.finish_reason()), ("Hi", Some(&FinishReason::Stop)));
    }
    for head in [JSON, STREAM] {
        let (url, _requests) = serve(head, bytes(format!(": hello\n\n{HI}{STOP}"))).await;
        let message = whole(&compatible(&url).build().unwrap()).await.unwrap();
        assert_eq!((message.text(), message.finish_reason()), ("Hi", Some(&FinishReason::Stop)));
    }
}

#[tokio::test]
async fn provisional_answers_are_passed_over() {
    let hints = "103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\nHTTP/1.1 ";
    for before in [
        hints.to_owned(),
        hints.repeat(8),
        format!("{hints}100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 "),
    ] {
        let (url, mut requests) = serve(&format!("{before}{STREAM}"), bytes(format!("{HI}{STOP}"))).await;
        let model = compatible(&url).build().unwrap();
        for message in [streamed(&model).await, whole(&model).await] {
            let message = message.unwrap();
            assert_eq!((message.text(), message.finish_reason()), ("Hi", Some(&FinishReason::Stop)));
        }
        assert!(requests.try_recv().is_ok() && requests.try_recv().is_ok() && requests.try_recv().is_err());
    }
    // One in the middle of a stream is no part of it, and what has come before is an error with the server's words.
    let (url, _requests) = serve(STREAM, bytes(format!("{HI}HTTP/1.1 103 Early Hints\r\n\r\n{STOP}"))).await;
    assert_eq!(streamed(&compatible(&url).build().unwrap()).await.unwrap().text(), "Hi");
    // Another protocol is no answer.
    let (url, _requests) = serve("101 Switching Protocols\r\nupgrade: websocket", bytes(format!("{HI}{STOP}"))).await;
    let error = streamed(&compatible(&url).build().unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("101"), "{error}");
}

#[tokio::test]
async fn an_error_at_200_is_an_error_of_its_kind() {
    // qwen-code#6465.
    let quota = r#"{"error":{"message":"You exceeded your current quota.","code":"insufficient_quota"}}"#;
    for (head, body) in [(JSON, quota.to_owned()), (STREAM, quota.to_owned()), (STREAM, format!("{HI}{quota}\n\n"))] {
        let (url, mut requests) = serve(head, bytes(body)).await;
        let error = streamed(&compatible(&url).build().unwrap()).await.unwrap_err();
        assert_eq!((error.kind().name(), error.is_retryable()), ("rate_limited", false), "{error}");
        assert!(error.message().contains("You exceeded your current quota."), "{error}");
        assert!(requests.try_recv().is_ok() && requests.try_recv().is_err());
    }
    let (url, _requests) = serve("200 OK\r\ncontent-type: text/plain", bytes("upstream connect error")).await;
    for error in [whole(&compatible(&url).build().unwrap()).await, streamed(&compatible(&url).build().unwrap()).await] {
        assert!(error.unwrap_err().message().contains("upstream connect error"));
    }
}

#[tokio::test]
async fn a_stream_is_the_same_in_packets_of_any_size() {
    let body = format!("\u{feff}: hello\r\n\r\n{}{}", HI.replace('\n', "\r\n"), STOP.replace('\n', "\r"));
    for size in [1, 2, 3, 7, 64] {
        let pieces = body.as_bytes().chunks(size).map(|piece| Piece::Bytes(piece.to_vec())).collect();
        let (url, _requests) = serve(STREAM, pieces).await;
        assert_eq!(streamed(&compatible(&url).build().unwrap()).await.unwrap().text(), "Hi", "{size}");
    }
}

#[tokio::test]
async fn compressed_answers_are_read() {
    // `gzip` of the body of a whole answer whose text is "Hi".
    let answer = "H4sIAAAAAAACAw3IsQ2AQAgF0F1+7QRM4A7GmAtBj0IwQkfYXV/5CjxdWQK0FW6JGJeACuyWYgnCqugFp5rGPF4Z4fZvpD/ovT+1bf0IQQAAAA==";
    let gzip = base64_decode(answer).unwrap();
    let (url, mut requests) = serve(&format!("{JSON}\r\ncontent-encoding: gzip"), vec![Piece::Bytes(gzip)]).await;
    let answer = whole(&compatible(&url).build().unwrap()).await;
    assert!(requests.try_recv().unwrap().to_lowercase().contains("accept-encoding: gzip"));
    assert_eq!(answer.unwrap().text(), "Hi");
}

fn base64_decode(text: &str) -> std::result::Result<Vec<u8>, ()> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = LETTERS.iter().position(|known| *known == letter).ok_or(())?;
        bits = (bits << 6) | u32::try_from(value).map_err(drop)?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xFF).map_err(drop)?);
        }
    }
    Ok(bytes)
}

#[tokio::test]
async fn bodies_are_changed_as_asked() {
    let (url, mut requests) = serve(STREAM, bytes(format!("{HI}{STOP}"))).await;
    let model = compatible(&url)
        .extra_body(json!({"top_k": 20, "chat_template_kwargs": {"enable_thinking": false}}))
        .without("stream_options")
        .bearer_token("token-123")
        .build()
        .unwrap();
    streamed(&model).await.unwrap();
    let request = requests.try_recv().unwrap();
    assert!(request.contains(r#""top_k":20"#) && request.contains("enable_thinking"), "{request}");
    assert!(!request.contains("stream_options") && request.contains("authorization: Bearer token-123"), "{request}");
}

#[tokio::test]
async fn azure_is_asked_by_deployment_and_version() {
    let answer = json!({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}).to_string();
    let (url, mut requests) = serve(JSON, bytes(answer)).await;
    for endpoint in [url.clone(), url.clone() + "/", url.clone() + "/openai/"] {
        let model =
            azure_openai(endpoint, "my-gpt").api_key("key-123").api_version("2025-01-01-preview").build().unwrap();
        whole(&model).await.unwrap();
        let request = requests.try_recv().unwrap();
        let line = "POST /openai/deployments/my-gpt/chat/completions?api-version=2025-01-01-preview HTTP/1.1";
        assert!(request.starts_with(line) && request.contains("api-key: key-123"), "{request}");
    }
    let model = azure_openai(url, "my-gpt").bearer_token("ey.token").build().unwrap();
    whole(&model).await.unwrap();
    let request = requests.try_recv().unwrap();
    assert!(request.contains("authorization: Bearer ey.token") && !request.contains("api-key:"), "{request}");
}

/// The servers of `docs/providers.md` that are reached by a base URL and a token: the paths and headers are as documented
/// there by their vendors. What they answer is canned.
#[tokio::test]
async fn other_servers_are_reached_by_a_base_url_and_a_token() {
    let chat = json!({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}).to_string();
    let google = json!({"candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}]}).to_string();
    let claude = json!({"type": "message", "content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn"});
    let project = "/v1/projects/p/locations/global";
    for (answer, path, builder, wanted) in [
        (
            &google,
            format!("{project}/publishers/google"),
            gemini("gemini-3-flash"),
            format!("{project}/publishers/google/models/gemini-3-flash:generateContent"),
        ),
        (
            &chat,
            format!("{project}/endpoints/openapi"),
            openai_compatible("", "google/gemini-3-flash"),
            format!("{project}/endpoints/openapi/chat/completions"),
        ),
        (
            &chat,
            "/openai/v1".to_owned(),
            openai_compatible("", "openai.gpt-oss-20b-1:0"),
            "/openai/v1/chat/completions".to_owned(),
        ),
        (&chat, "/openai/v1".to_owned(), openai("gpt-5"), "/openai/v1/chat/completions".to_owned()),
        (
            &claude.to_string(),
            "/anthropic/v1".to_owned(),
            anthropic("claude-sonnet-4-5"),
            "/anthropic/v1/messages".to_owned(),
        ),
    ] {
        let (url, mut requests) = serve(JSON, bytes(answer.clone())).await;
        let model = builder.base_url(format!("{url}{path}")).bearer_token("token-123456").build().unwrap();
        assert_eq!(whole(&model).await.unwrap().text(), "Hi");
        let request = requests.recv().await.unwrap();
        assert!(request.starts_with(&format!("POST {wanted} HTTP/1.1\r\n")), "{request}");
        assert!(request.contains("\r\nauthorization: Bearer token-123456\r\n"), "{request}");
        assert!(!request.contains("x-api-key") && !request.contains("x-goog-api-key"), "{request}");
    }
}
