//! Limits, and clients that misbehave.

use crate::{chains, running::Running};
use catena::{Result, prelude::*};
use catena_serve::{Limits, Server};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
};

/// A step that says when it has begun, waits for a word, and says when it was dropped.
#[derive(Clone, Default)]
pub(crate) struct Gated(pub(crate) Arc<State>);

#[derive(Default)]
pub(crate) struct State {
    begun: Notify,
    go: Notify,
    dropped: Notify,
    pub(crate) running: AtomicBool,
    calls: AtomicUsize,
}

impl Gated {
    pub(crate) async fn begun(&self) {
        soon(self.0.begun.notified()).await;
    }

    pub(crate) async fn dropped(&self) {
        soon(self.0.dropped.notified()).await;
    }
}

struct Dropped(Arc<State>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.running.store(false, SeqCst);
        self.0.dropped.notify_one();
    }
}

#[runnable]
impl Runnable<String> for Gated {
    type Output = String;

    async fn call(&self, text: String, _cx: &Context) -> Result<String> {
        let _dropped = Dropped(Arc::clone(&self.0));
        self.0.running.store(true, SeqCst);
        self.0.calls.fetch_add(1, SeqCst);
        self.0.begun.notify_one();
        self.0.go.notified().await;
        Ok(text)
    }
}

/// Waits, but not for ever: a test that hangs says nothing.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("it did not happen in 20 s")
}

async fn gated(limits: Limits) -> (Gated, Running) {
    let gated = Gated::default();
    let server =
        Running::start(Server::new().chain("gated", gated.clone()).chain("shout", chains::shout).limits(limits)).await;
    (gated, server)
}

fn request(path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /{path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn more_runs_than_allowed_are_refused_with_a_time_to_wait() {
    let (gated, server) = gated(Limits::new().concurrency(1)).await;
    let first = server.client.post(server.url("gated/stream")).json(&json!({ "input": "a" })).send().await.unwrap();
    gated.begun().await;
    let second = server.post("shout/invoke", &json!({ "input": "b" })).await;
    assert_eq!(second.status(), 429);
    assert_eq!(second.headers()["retry-after"], "1");
    // What only looks at a chain is no run.
    assert_eq!(server.get("shout/graph").await.status(), 200);
    gated.0.go.notify_one();
    assert!(first.text().await.unwrap().contains("event: end"));
    assert_eq!(server.answer("shout/invoke", &json!({ "input": "b" })).await.0, 200);
}

#[tokio::test]
async fn a_run_ends_at_its_deadline() {
    let (_gated, server) = gated(Limits::new().deadline(Duration::from_millis(50))).await;
    let (status, body) = server.answer("gated/invoke", &json!({ "input": "a" })).await;
    assert_eq!((status, &body["error"]["code"]), (504, &json!("deadline")));
    let frames = server.frames("gated/stream", &json!({ "input": "a" })).await;
    assert_eq!(frames.last().unwrap().1["status_code"], 504);
    // A client may ask for an earlier one.
    let (_gated, server) = self::gated(Limits::new()).await;
    let (status, _) = server.answer("gated/invoke", &json!({ "input": "a", "config": { "deadline": 0.05 } })).await;
    assert_eq!(status, 504);
}

#[tokio::test]
async fn a_client_that_never_reads_holds_a_run_only_until_the_deadline() {
    let endless = catena::generator(|_: catena::Chunks<'_, String>| {
        catena::Chunks::new(futures_util::stream::repeat_with(|| Ok("x".repeat(100_000))))
    });
    let limits = Limits::new().concurrency(1).deadline(Duration::from_millis(100));
    let server = Server::new().chain("endless", catena::chain!(String => endless)).chain("shout", chains::shout);
    let server = Running::start(server.limits(limits)).await;
    let mut client = TcpStream::connect(server.address).await.unwrap();
    client.write_all(request("endless/stream", r#"{"input":"a"}"#).as_bytes()).await.unwrap();
    let mut first = [0; 15];
    client.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    let free = async {
        while server.post("shout/invoke", &json!({ "input": "a" })).await.status() == 429 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    soon(free).await;
    drop(client);
}

#[tokio::test]
async fn bodies_are_limited_in_size_and_time() {
    let server = chains::server().limits(Limits::new().body(1000).body_time(Duration::from_millis(100)));
    let server = Running::start(server).await;
    let (status, _) = server.answer("shout/invoke", &json!({ "input": "x".repeat(2000) })).await;
    assert_eq!(status, 413);
    // Without a length, it is found out on the way.
    let chunks = futures_util::stream::iter((0..3).map(|_| Ok::<_, std::io::Error>("x".repeat(600))));
    let body = reqwest::Body::wrap_stream(chunks);
    let request = server.client.post(server.url("shout/invoke")).header("content-type", "application/json").body(body);
    assert_eq!(request.send().await.unwrap().status(), 413);

    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(b"POST /shout/invoke HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{").await.unwrap();
    let mut answer = [0; 12];
    soon(slow.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");

    // One that closes midway is forgotten.
    let mut left = TcpStream::connect(server.address).await.unwrap();
    left.write_all(b"POST /shout/invoke HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{").await.unwrap();
    drop(left);
    assert_eq!(server.answer("shout/invoke", &json!({ "input": "a" })).await.0, 200);
}

#[tokio::test]
async fn a_batch_is_limited_and_runs_some_at_once() {
    let server = Running::start(chains::server()).await;
    let (status, body) = server.answer("shout/batch", &json!({ "inputs": vec!["a"; 10_000] })).await;
    assert_eq!((status, &body["error"]["param"]), (422, &json!("inputs")), "{body}");
    let (status, body) = server.answer("shout/batch", &json!({ "inputs": vec!["a"; 1000] })).await;
    assert_eq!((status, body["output"].as_array().unwrap().len()), (200, 1000));

    let (gated, server) = gated(Limits::new()).await;
    let batch = json!({ "inputs": vec!["a"; 5], "config": { "max_concurrency": 2 } });
    let answer = tokio::spawn(server.client.post(server.url("gated/batch")).json(&batch).send());
    gated.begun().await;
    while gated.0.calls.load(SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    // Two wait; the third begins when one of them has ended.
    assert_eq!(gated.0.calls.load(SeqCst), 2);
    while gated.0.calls.load(SeqCst) < 5 {
        gated.0.go.notify_one();
        tokio::task::yield_now().await;
    }
    while !answer.is_finished() {
        gated.0.go.notify_one();
        tokio::task::yield_now().await;
    }
    assert_eq!(answer.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn a_header_of_a_megabyte_is_refused() {
    let server = Running::start(chains::server()).await;
    let mut client = TcpStream::connect(server.address).await.unwrap();
    let head = format!("POST /shout/invoke HTTP/1.1\r\nhost: a\r\nx-large: {}\r\n\r\n", "x".repeat(1 << 20));
    // The server may close before it has read all of it.
    let _ = client.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = soon(client.read_to_end(&mut answer)).await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(server.answer("shout/invoke", &json!({ "input": "a" })).await.0, 200);
}

#[tokio::test]
async fn a_shutdown_lets_runs_end() {
    let (gated, mut server) = gated(Limits::new()).await;
    assert_eq!(server.get("readyz").await.status(), 200);
    let run = tokio::spawn(server.client.post(server.url("gated/invoke")).json(&json!({ "input": "a" })).send());
    gated.begun().await;
    server.end();
    // It is not ready any more and takes no runs, and the one in flight goes on.
    let closing = async {
        while server.get("readyz").await.status() != 503 {
            tokio::task::yield_now().await;
        }
    };
    soon(closing).await;
    assert_eq!(server.get("healthz").await.status(), 200);
    let (status, body) = server.answer("shout/invoke", &json!({ "input": "a" })).await;
    assert_eq!((status, &body["error"]["code"]), (503, &json!("closing")));
    assert!(!run.is_finished());
    gated.0.go.notify_one();
    assert_eq!(soon(run).await.unwrap().unwrap().status(), 200);
    soon(server.serving.take().unwrap()).await.unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());

    // A run that does not end in time is cancelled.
    let (gated, mut server) = self::gated(Limits::new().grace(Duration::from_millis(50))).await;
    let run = tokio::spawn(server.client.post(server.url("gated/invoke")).json(&json!({ "input": "a" })).send());
    gated.begun().await;
    server.end();
    soon(server.serving.take().unwrap()).await.unwrap().unwrap();
    assert_eq!(soon(run).await.unwrap().unwrap().status(), 499);
}

/// A table of extremes over all limits: a request is answered or refused, and nothing panics or hangs.
#[tokio::test]
async fn no_limit_is_too_large_or_too_small() {
    let times = [Duration::ZERO, Duration::from_nanos(1), Duration::from_secs(1), Duration::MAX];
    let counts = [0, 1, usize::MAX];
    let mut limits = Vec::new();
    for time in times {
        limits.extend([Limits::new().body_time(time), Limits::new().deadline(time), Limits::new().grace(time)]);
    }
    for count in counts {
        limits.extend([Limits::new().body(count), Limits::new().concurrency(count)]);
        limits.extend([Limits::new().batch(count), Limits::new().batch_concurrency(count)]);
        limits.push(Limits::new().recursion(u32::try_from(count).unwrap_or(u32::MAX)));
    }
    let wait = times.map(|time| chains::server().resumable(time));
    let servers = limits.into_iter().map(|limits| chains::server().limits(limits)).chain(wait);
    for (at, server) in servers.enumerate() {
        let mut running = Running::start(server).await;
        for (path, body) in [
            ("shout/invoke", json!({ "input": "a", "config": { "recursion_limit": 1 } })),
            ("shout/batch", json!({ "inputs": ["a", "b"] })),
            ("chat/stream", json!({ "input": [{ "type": "human", "content": "hi" }] })),
        ] {
            let response = soon(running.post(path, &body)).await;
            let status = response.status().as_u16();
            let text = soon(response.text()).await.unwrap();
            assert!([200, 408, 413, 422, 429, 504].contains(&status), "server {at}, {path}: {status} {text}");
        }
        running.end();
        soon(running.serving.take().unwrap()).await.unwrap().unwrap();
    }
}
