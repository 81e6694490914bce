//! Traces as Phoenix takes them in, a backend that others wrote.
//!
//! If it is not installed (`.ci/install-phoenix`), the test says so and passes; `CATENA_REQUIRE_PHOENIX=1` makes that a
//! failure. `CATENA_PHOENIX_URL` names a new server that runs already, in place of one that the test starts.

use super::gpt;
use crate::{client, dispatch::dispatch};
use catena::{Config, RunnableExt, prelude::*};
use catena_llm::{
    simulator::Simulator,
    telemetry::{Otlp, Telemetry},
};
use serde_json::{Value, json};
use std::{
    io::Write,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tracing::instrument::WithSubscriber;
use tracing_subscriber::{Registry, layer::SubscriberExt};

/// A server, in a process of its own that ends with this unless it ran already.
struct Phoenix {
    process: Option<(Child, tempfile::TempDir)>,
    url: String,
}

impl Drop for Phoenix {
    fn drop(&mut self) {
        if let Some((process, _)) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Phoenix {
    fn start() -> Option<Self> {
        if let Ok(url) = std::env::var("CATENA_PHOENIX_URL") {
            return Some(Phoenix { process: None, url });
        }
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/suite/account/phoenix");
        let program = folder.join("venv/bin/phoenix");
        if !program.exists() {
            return None;
        }
        let port = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (http, grpc) = (port(), port());
        let data = tempfile::tempdir().unwrap();
        let process = Command::new(program)
            .arg("serve")
            .env("PHOENIX_HOST", "127.0.0.1")
            .env("PHOENIX_PORT", http.to_string())
            .env("PHOENIX_GRPC_PORT", grpc.to_string())
            .env("PHOENIX_WORKING_DIR", data.path())
            .env("PHOENIX_TELEMETRY_ENABLED", "false")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(Phoenix { process: Some((process, data)), url: format!("http://127.0.0.1:{http}") })
    }

    /// Asks until the answer has this many entries.
    async fn get(&self, path: &str, entries: usize) -> Vec<Value> {
        let until = Instant::now() + Duration::from_mins(5);
        loop {
            let answer = client().get(format!("{}{path}", self.url)).send().await;
            if let Ok(answer) = answer
                && let Ok(body) = answer.json::<Value>().await
                && let Some(data) = body["data"].as_array()
                && data.len() >= entries
            {
                return data.clone();
            }
            assert!(Instant::now() < until, "Phoenix has not {entries} of {path} within five minutes");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn phoenix_takes_in_what_is_exported() {
    let Some(phoenix) = Phoenix::start() else {
        let why = "Phoenix is not installed: run .ci/install-phoenix";
        assert!(std::env::var_os("CATENA_REQUIRE_PHOENIX").is_none(), "{why}");
        writeln!(std::io::stderr().lock(), "SKIPPED: phoenix_takes_in_what_is_exported: {why}").unwrap();
        return;
    };
    phoenix.get("/v1/projects", 0).await;

    let sim = Simulator::builder().respond(|_| "It is a kind of computer.").start().await.unwrap();
    let otlp = Otlp::builder("shop").endpoint(&phoenix.url).observer(Telemetry::new().with_content()).build().unwrap();
    let chain = chain!(String => |question| format!("{question}?") | gpt(&sim));
    let config = Config::new().observe(otlp.observer()).run_name("explain").metadata("session_id", "anna");
    let subscriber = dispatch(Registry::default().with(otlp.layer()));
    chain.invoke_with("Who".to_owned(), config).with_subscriber(subscriber).await.unwrap();
    tokio::task::spawn_blocking(move || {
        // Phoenix takes no metrics, so that the export of those fails.
        let _ = otlp.flush();
    })
    .await
    .unwrap();

    let spans = phoenix.get("/v1/projects/default/spans", 2).await;
    let find = |name: &str| {
        let span = spans.iter().find(|span| span["name"] == name);
        span.unwrap_or_else(|| panic!("no {name} in {}", json!(spans)))
    };
    let (workflow, chat) = (find("invoke_workflow explain"), find("chat gpt-4o"));
    assert_eq!((&workflow["span_kind"], &chat["span_kind"]), (&json!("CHAIN"), &json!("LLM")));
    assert_eq!(chat["parent_id"], workflow["context"]["span_id"]);
    assert_eq!(chat["status_code"], "UNSET");
    let attributes = &chat["attributes"];
    assert_eq!(attributes["gen_ai.request.model"], "gpt-4o");
    assert_eq!(attributes["gen_ai.usage.output_tokens"], 7);
}
