//! Two ways to have a chain on Restate, through kills: each step as a durable call of a named step, and records by key in one list.
//!
//! `cargo run --release --bin kills -- PROGRAM`: the program of Restate's server.

use catena::{Config, Result, StepExt as _, chain, runnable};
use catena_durable::{DurableExt, restate};
use futures_util::future::join_all;
use restate_sdk::{context::RequestTarget, prelude::*};
use serde::{Deserialize, Serialize};
use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A step that writes to a log, and takes a while that depends on its input.
async fn effect(log: &Path, step: &str, input: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(3 + input * 7 % 11)).await;
    let line = format!("{} {step}({input})\n", std::process::id());
    OpenOptions::new().create(true).append(true).open(log).unwrap().write_all(line.as_bytes()).unwrap();
    input * 3 + 1
}

// Records by key: the chain as it is written.

struct Log(PathBuf);

macro_rules! steps {
    ($($name:ident)*) => {$(
        #[runnable]
        async fn $name(input: u64, cx: &catena::Context) -> Result<u64> {
            Ok(effect(&cx.get::<Log>().unwrap().0, stringify!($name), input).await)
        }
    )*};
}
steps!(first one two last);

fn chain() -> impl catena::Runnable<u64, Output = u64> {
    chain!(u64 => first.durable("first/1")
        | |n| (n..n + 5).collect::<Vec<_>>()
        | chain!(u64 => one.durable("one/1") | two.durable("two/1")).map()
        | |all| all.into_iter().sum::<u64>()
        | last.durable("last/1"))
}

// Named steps: the same by hand, for Restate sees each call.

#[derive(Serialize, Deserialize)]
struct Call {
    step: String,
    input: u64,
}

struct NamedStep(PathBuf);

#[restate_sdk::service]
impl NamedStep {
    #[handler]
    async fn run(&self, cx: Context<'_>, call: Json<Call>) -> Result<u64, HandlerError> {
        let (call, log) = (call.into_inner(), self.0.clone());
        Ok(cx.run(move || async move { Ok(effect(&log, &call.step, call.input).await) }).await?)
    }
}

struct Named;

#[restate_sdk::workflow]
impl Named {
    #[handler]
    async fn run(&self, cx: WorkflowContext<'_>, input: u64) -> Result<u64, HandlerError> {
        let step = async |step: &str, input| {
            let call = Json(Call { step: step.to_owned(), input });
            cx.request::<_, u64>(RequestTarget::service("NamedStep", "run"), call).call().await
        };
        let n = step("first", input).await?;
        let branches = (n..n + 5).map(async |n| step("two", step("one", n).await?).await);
        let all: Result<Vec<u64>, TerminalError> = join_all(branches).await.into_iter().collect();
        Ok(step("last", all?.into_iter().sum()).await?)
    }
}

async fn work(port: u16, log: PathBuf) {
    // One endpoint each, so that each has its own two workers.
    if port == 9081 {
        let endpoint = Endpoint::builder().bind(Named).bind(NamedStep(log)).build();
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_reuseport(true).unwrap();
        socket.bind(([127, 0, 0, 1], port).into()).unwrap();
        HttpServer::new(endpoint).serve(socket.listen(64).unwrap()).await;
    } else {
        let worker = restate::serve("Records", chain()).config(Config::new().with(Log(log)));
        worker.listen(([127, 0, 0, 1], port).into()).await.unwrap();
    }
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn worker(port: u16, log: &Path) -> Killed {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("worker").arg(port.to_string()).arg(log).stdout(Stdio::null()).stderr(Stdio::null());
    Killed(command.spawn().unwrap())
}

fn server(program: &Path, folder: &Path) -> Killed {
    let mut command = Command::new(program);
    command.args(["--no-logo", "--node-name", "kills", "--base-dir"]).arg(folder.join("restate"));
    Killed(
        command.env("RESTATE_DISABLE_TELEMETRY", "true").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap(),
    )
}

async fn ask(request: impl Fn() -> reqwest::RequestBuilder, patience: Duration) -> Option<String> {
    let begun = Instant::now();
    while begun.elapsed() < patience {
        let left = patience.saturating_sub(begun.elapsed());
        if let Ok(response) = request().timeout(left).send().await
            && response.status().is_success()
            && let Ok(text) = response.text().await
        {
            return Some(text);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    None
}

fn lines(log: &Path) -> Vec<String> {
    std::fs::read_to_string(log).unwrap_or_default().lines().map(str::to_owned).collect()
}

const KILLS: usize = 20;
const STEPS: usize = 12;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [mode, port, log] = &arguments[..]
        && mode == "worker"
    {
        return work(port.parse().unwrap(), log.into()).await;
    }
    let program = PathBuf::from(&arguments[0]);
    let (client, minute) = (reqwest::Client::new(), Duration::from_secs(60));
    for (name, port) in [("Records", 9080), ("Named", 9081)] {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut engine = server(&program, folder.path());
        let mut workers = [worker(port, &log), worker(port, &log)];
        let deployment = serde_json::json!({ "uri": format!("http://127.0.0.1:{port}"), "force": true });
        ask(|| client.post("http://127.0.0.1:9070/deployments").json(&deployment), minute).await.unwrap();
        let mut random = 1_u64;
        for victim in ["nothing", "the worker", "the server"] {
            let (mut again, mut stuck, mut times) = (0, 0, Vec::new());
            for run in 0..KILLS {
                let _ = std::fs::remove_file(&log);
                let run = format!("{}-{run}", victim.replace(' ', "-"));
                let begun = Instant::now();
                let url = format!("http://127.0.0.1:8080/{name}/{run}/run/send");
                ask(|| client.post(&url).json(&5), minute).await.unwrap();
                // From the first step on, so that something runs.
                while victim != "nothing" && lines(&log).is_empty() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                tokio::time::sleep(Duration::from_micros(if victim == "nothing" { 0 } else { random % 60_000 })).await;
                match victim {
                    "the worker" => {
                        let line = lines(&log).pop().unwrap();
                        let at_work = workers.iter_mut().find(|worker| line.starts_with(&worker.0.id().to_string()));
                        *at_work.unwrap() = worker(port, &log);
                    }
                    "the server" => {
                        drop(engine);
                        engine = server(&program, folder.path());
                    }
                    _ => {}
                }
                let url = format!("http://127.0.0.1:8080/restate/workflow/{name}/{run}/attach");
                match ask(|| client.get(&url), Duration::from_secs(20)).await {
                    Some(_) => times.push(begun.elapsed()),
                    None => stuck += 1,
                }
                again += lines(&log).len().saturating_sub(STEPS);
            }
            times.sort_unstable();
            let median = times.get(times.len() / 2);
            println!(
                "{name}, {victim} killed {KILLS} times: {stuck} runs stuck, {again} steps again, a run {median:?}"
            );
        }
    }
}
