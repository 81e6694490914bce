//! The server in an application: its router, configuration by the request, identities, origins.

use crate::{chains, running::Running};
use axum::{Router, extract::State, routing::get};
use catena::{Config, Error, ErrorKind, prelude::*};
use catena_serve::{RequestId, Server, TraceParent};
use serde_json::{Value, json};

struct Tenant(String);

/// The tenant, the request and its trace, as a step sees them.
#[runnable]
fn who(_: String, cx: &Context) -> Vec<String> {
    let tenant = cx.get::<Tenant>().map(|tenant| tenant.0.clone());
    let id = cx.get::<RequestId>().map(ToString::to_string);
    let trace = cx.get::<TraceParent>().map(ToString::to_string);
    [tenant, id, trace].into_iter().flatten().collect()
}

fn tenants() -> Server {
    chains::server().chain("who", who).configure(|request| {
        let tenant = request.headers.get("x-tenant").and_then(|tenant| tenant.to_str().ok());
        let tenant = tenant.ok_or_else(|| Error::new(ErrorKind::Auth, "sk-very-secret"))?;
        Ok(Config::new().with(Tenant(tenant.to_owned())).tag(tenant).run_name("of the server"))
    })
}

#[tokio::test]
async fn a_request_sets_the_run() {
    let server = Running::start(tenants()).await;
    let (status, body) = server.answer("who/invoke", &json!({ "input": "" })).await;
    assert_eq!((status, body["error"]["type"].as_str()), (401, Some("authentication_error")));
    assert!(!body.to_string().contains("secret"));
    let request = server.client.post(server.url("who/stream_events")).header("x-tenant", "acme");
    let response =
        request.json(&json!({ "input": "", "config": { "run_name": "of the client" } })).send().await.unwrap();
    let text = response.text().await.unwrap();
    assert!(text.contains(r#""name":"of the server""#) && text.contains(r#""tags":["acme"]"#), "{text}");
    assert!(text.contains(r#""output":["acme","#), "{text}");
}

#[tokio::test]
async fn a_request_has_an_identity_and_a_trace() {
    let server = Running::start(tenants()).await;
    let ask = || server.client.post(server.url("who/invoke")).header("x-tenant", "t").json(&json!({ "input": "" }));
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let given = ask().header("x-request-id", "abc-1").header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
    let response = given.send().await.unwrap();
    assert_eq!(response.headers()["x-request-id"], "abc-1");
    let parent = response.headers()["traceparent"].to_str().unwrap().to_owned();
    assert!(parent.starts_with(&format!("00-{trace}-")) && !parent.contains("00f067aa0ba902b7"), "{parent}");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["output"], json!(["t", "abc-1", parent]));

    for invalid in ["", "with space", &"x".repeat(200)] {
        let response = ask().header("x-request-id", invalid).header("traceparent", "nonsense").send().await.unwrap();
        let id = response.headers()["x-request-id"].to_str().unwrap();
        assert_eq!(id.len(), 36, "{invalid}");
    }
}

#[tokio::test]
async fn a_request_that_runs_nothing_has_an_identity_too() {
    let server = Running::start(chains::server()).await;
    let wrong_method = server.get("shout/invoke").await;
    assert_eq!((wrong_method.status().as_u16(), wrong_method.headers()["allow"].as_bytes()), (405, &b"POST"[..]));
    assert!(wrong_method.headers().contains_key("x-request-id"));
    for path in ["shout/input_schema", "openapi.json", "shout/", "v1/models", "healthz"] {
        let response = server.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert!(
            response.headers().contains_key("x-request-id") && response.headers().contains_key("traceparent"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_function_of_the_application_that_panics_is_a_failure_of_its_request_alone() {
    let server = chains::server().configure(|request| {
        assert!(!request.headers.contains_key("x-panic"), "sk-very-secret");
        Ok(Config::new())
    });
    let server = Running::start(server).await;
    let ask = || server.client.post(server.url("shout/invoke")).json(&json!({ "input": "a" }));
    let response = ask().header("x-panic", "1").header("x-request-id", "abc-2").send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["x-request-id"].as_bytes()), (500, &b"abc-2"[..]));
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], "panic");
    assert!(!body.to_string().contains("secret"), "{body}");
    assert_eq!(ask().send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn chains_stand_beside_an_applications_routes() {
    let chains = chains::server().router().unwrap();
    let app: Router = Router::new()
        .route("/", get(|State(name): State<&'static str>| std::future::ready(name)))
        .nest("/chains", chains)
        .fallback(|| std::future::ready("of the application"))
        .with_state("app");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });
    let client = reqwest::Client::new();
    assert_eq!(client.get(&url).send().await.unwrap().text().await.unwrap(), "app");
    let request = client.post(format!("{url}/chains/shout/invoke")).json(&json!({ "input": "a" }));
    assert_eq!(request.send().await.unwrap().json::<Value>().await.unwrap()["output"], "A");
    let other = client.get(format!("{url}/elsewhere")).send().await.unwrap();
    assert_eq!(other.text().await.unwrap(), "of the application");
    serving.abort();
}

#[tokio::test]
async fn other_origins_are_allowed_by_name() {
    let origin = "https://app.example";
    let ask = async |server: &Running| {
        let request =
            server.client.post(server.url("shout/invoke")).header("origin", origin).json(&json!({ "input": "a" }));
        let headers = request.send().await.unwrap().headers().clone();
        headers.get("access-control-allow-origin").map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(ask(&Running::start(chains::server()).await).await, None);
    assert_eq!(ask(&Running::start(chains::server().allow_origin(origin)).await).await.as_deref(), Some(origin));
    assert_eq!(ask(&Running::start(chains::server().allow_origin("https://b.example")).await).await, None);
    assert!(chains::server().allow_origin("app.example").router::<()>().is_err());
}

#[tokio::test]
async fn a_browser_that_asks_first_is_answered() {
    let ask = async |server: &Running, origin: &str| {
        let request = server.client.request(reqwest::Method::OPTIONS, server.url("shout/stream"));
        let request = request.header("origin", origin).header("access-control-request-method", "POST");
        request.header("access-control-request-headers", "content-type,last-event-id").send().await.unwrap()
    };
    let server = Running::start(chains::server().allow_origin("https://app.example")).await;
    let answer = ask(&server, "https://app.example").await;
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("access-control-allow-origin"), "https://app.example");
    assert!(header("access-control-allow-methods").contains("POST"));
    let allowed = header("access-control-allow-headers");
    assert!(["content-type", "last-event-id", "authorization"].iter().all(|name| allowed.contains(name)), "{allowed}");
    let other = ask(&server, "https://evil.example").await;
    assert_eq!(other.headers().get("access-control-allow-origin"), None);
    let closed = ask(&Running::start(chains::server()).await, "https://app.example").await;
    assert_eq!((closed.status().as_u16(), closed.headers().get("access-control-allow-origin")), (405, None));
}

#[test]
fn names_are_checked() {
    for name in ["", "a/b", "ä", "v1", "mcp", ".well-known", "{name}"] {
        let error = Server::new().chain(name, chains::shout).router::<()>().unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput, "{name}");
    }
    let error = Server::new().chain("a", chains::shout).chain("a", chains::shout).router::<()>().unwrap_err();
    assert!(error.message().contains("two chains of the name `a`"), "{error}");
}
