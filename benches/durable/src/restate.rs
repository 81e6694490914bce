//! The same chain under Restate, and the same by hand with its SDK.

use crate::{ROUNDS, STEPS, chain, median, processor};
use catena_durable::restate;
use restate_sdk::prelude::*;
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The chain by hand: each step is a side effect of its own.
struct ByHand;

fn answer(question: &str) -> String {
    let mut answer: String = question.chars().take(100).collect();
    while answer.len() < 2000 {
        answer.push_str(" and so on");
    }
    answer
}

#[restate_sdk::workflow]
impl ByHand {
    #[handler]
    async fn run(&self, cx: WorkflowContext<'_>, question: Json<String>) -> Result<Json<String>, HandlerError> {
        let mut text = question.into_inner();
        for step in 0..STEPS {
            let question: String = text.chars().take(100).collect();
            text = cx.run(move || async move { Ok(answer(&question)) }).name(format!("step {step}")).await?;
        }
        Ok(Json(text.chars().take(100).collect()))
    }
}

struct Server {
    child: Child,
    client: reqwest::Client,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    async fn post(&self, url: String, body: serde_json::Value) {
        let begun = Instant::now();
        loop {
            let sent = self.client.post(&url).json(&body).send().await;
            match sent.and_then(reqwest::Response::error_for_status) {
                Ok(response) => return drop(response.bytes().await.unwrap()),
                Err(error) => assert!(begun.elapsed() < Duration::from_secs(30), "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn run(&self, chain: &str, key: String) {
        self.post(format!("http://127.0.0.1:8080/{chain}/{key}/run"), "Why?".into()).await;
    }

    async fn one_by_one(&self, chain: &str, name: &str) {
        let mut times = Vec::new();
        for run in 0..50 {
            let begun = Instant::now();
            self.run(chain, format!("one-{run}")).await;
            times.push(begun.elapsed() / STEPS);
        }
        println!("{name}: a step {:.1} us, a tenth of the call over HTTP included", median(times).as_secs_f64() * 1e6);
    }

    async fn at_once(&self, chain: &str, name: &str, runs: usize) {
        let (mut best, used): (f64, _) = (0.0, processor());
        for round in 0..ROUNDS {
            let begun = Instant::now();
            futures_util::future::join_all((0..runs).map(|run| self.run(chain, format!("{round}-{run}")))).await;
            best = best.max(f64::from(STEPS) * runs as f64 / begun.elapsed().as_secs_f64());
        }
        let used = (processor() - used) / (ROUNDS * STEPS * u32::try_from(runs).unwrap());
        println!(
            "{name}: {runs} runs at once, {best:.0} steps a second, the best of {ROUNDS}; {:.1} us of a processor a step, without the server's",
            used.as_secs_f64() * 1e6
        );
    }
}

pub(crate) async fn measure(program: &Path, folder: &Path) {
    let child = Command::new(program)
        .args(["--no-logo", "--node-name", "bench", "--base-dir"])
        .arg(folder.join("restate"))
        .env("RESTATE_DISABLE_TELEMETRY", "true")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = Server { child, client: reqwest::Client::new() };
    tokio::spawn(restate::serve("Chain", chain()).listen(([127, 0, 0, 1], 9080).into()));
    let by_hand = HttpServer::new(Endpoint::builder().bind(ByHand).build());
    tokio::spawn(by_hand.listen_and_serve(([127, 0, 0, 1], 9081).into()));
    for port in [9080, 9081] {
        let body = serde_json::json!({ "uri": format!("http://127.0.0.1:{port}"), "force": true });
        server.post("http://127.0.0.1:9070/deployments".to_owned(), body).await;
    }
    for (chain, name) in [("Chain", "restate"), ("ByHand", "restate by hand")] {
        server.one_by_one(chain, name).await;
        server.at_once(chain, name, 100).await;
    }
}
