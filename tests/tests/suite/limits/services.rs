//! A chain as the heart of a web service: shared by all requests, stopped with the request it works for.

use axum::{Json, Router, http::StatusCode, routing::post};
use catena::{Config, Error, prelude::*};
use catena_tests::{Log, ms, secs};
use serde::{Deserialize, Serialize};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpListener;

#[derive(Clone, Debug, Deserialize, Record)]
struct Question {
    text: String,
    lang: String,
}

#[derive(Debug, Deserialize, Serialize, PartialEq)]
struct Answer {
    loud: String,
    size: usize,
    tenant: String,
}

struct Tenant(String);

#[runnable]
async fn loud(text: &str) -> catena::Result<String> {
    tokio::task::yield_now().await;
    if text.is_empty() { Err(Error::msg("nothing to say")) } else { Ok(text.to_uppercase()) }
}

#[runnable]
fn tenant(_question: &Question, cx: &Context) -> String {
    cx.get::<Tenant>().map_or_else(String::new, |found| found.0.clone())
}

async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// A service around a chain, which has no name for its type.
fn service<R: Runnable<Question, Output = Answer> + 'static>(chain: R) -> Router {
    let chain = Arc::new(chain);
    let answer = move |Json(question): Json<Question>| {
        let chain = Arc::clone(&chain);
        async move {
            let config = Config::new().with(Tenant(question.lang.clone())).deadline(secs(60));
            let answer = chain.invoke_with(question, config).await;
            answer.map(Json).map_err(|error| (StatusCode::BAD_GATEWAY, Json(error)))
        }
    };
    Router::new().route("/ask", post(answer))
}

fn answering() -> impl Runnable<Question, Output = Answer> {
    chain!(Question => <loud: .text | loud, size: .text | |t| t.len(), tenant: tenant> as Answer)
}

/// A client that no proxy of the environment stands before.
fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn ask(client: &reqwest::Client, address: SocketAddr, text: &str, lang: &str) -> reqwest::Response {
    let question = serde_json::json!({"text": text, "lang": lang});
    client.post(format!("http://{address}/ask")).json(&question).send().await.unwrap()
}

#[tokio::test]
async fn a_chain_answers_requests() {
    let address = serve(service(answering())).await;
    let response = ask(&client(), address, "hey", "en").await;
    assert_eq!(response.status(), 200);
    let answer: Answer = response.json().await.unwrap();
    assert_eq!(answer, Answer { loud: "HEY".into(), size: 3, tenant: "en".into() });
}

#[tokio::test]
async fn an_error_leaves_as_json() {
    let address = serve(service(answering().named("answering"))).await;
    let response = ask(&client(), address, "", "en").await;
    assert_eq!(response.status(), 502);
    let error: serde_json::Value = response.json().await.unwrap();
    assert_eq!(error["path"], "answering.<loud>.loud");
    assert_eq!(error["message"], "nothing to say");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_share_a_chain_and_keep_their_settings_apart() {
    let address = serve(service(answering())).await;
    let client = client();
    let asks = (0..40).map(|n| {
        let client = &client;
        async move {
            let answer: Answer = ask(client, address, "hey", &n.to_string()).await.json().await.unwrap();
            assert_eq!(answer.tenant, n.to_string());
        }
    });
    futures_util::future::join_all(asks).await;
}

/// Works until it is stopped.
struct Endless(Log);

#[runnable]
impl Runnable<Question> for Endless {
    type Output = String;
    async fn call(&self, _question: Question, _cx: &Context) -> catena::Result<String> {
        let _call = self.0.begin();
        std::future::pending().await
    }
}

/// Waits for what has to come; the limit is for the case that it never does.
async fn until(what: &str, come: impl Fn() -> bool) {
    let wait = async {
        while !come() {
            tokio::time::sleep(ms(5)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(30), wait).await.is_ok(), "{what} did not happen");
}

#[tokio::test]
async fn dropping_the_request_stops_the_chain() {
    let (in_place, in_task) = (Log::new(), Log::new());
    let (here, there) = (Endless(in_place.clone()), Endless(in_task.clone()).spawned());
    let chain = chain!(Question => <loud: here, size: .text | |t| t.len(), tenant: there.retry(3)> as Answer);
    let address = serve(service(chain)).await;
    let client = client();
    let request = tokio::spawn(async move { ask(&client, address, "hey", "en").await });
    until("the request's arrival", || in_place.running() == 1 && in_task.running() == 1).await;
    request.abort();
    until("the end of the chain", || in_place.stopped() == 1 && in_task.stopped() == 1).await;
    assert_eq!((in_place.calls(), in_task.calls()), (1, 1));
}
