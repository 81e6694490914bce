//! Chains as workers of Restate: a real server.

mod killed;
mod server;

use crate::work::Counts;
use catena::{Context, Error, ErrorKind, Result, prelude::*};
use catena_durable::{
    DurableExt, pause,
    restate::{self, Worker},
    sleep_for,
};
use serde_json::{Value, json};
use server::Server;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// Runs a worker in this process, and makes it known.
async fn work(server: &Server, worker: Worker) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(worker.listen_until(listener, std::future::pending()));
    server.register(port).await;
}

/// Waits until a run has a pause that waits, and returns all of them.
async fn paused(server: &Server, run: &str) -> Value {
    let begun = Instant::now();
    loop {
        let pauses = server.pauses("orders", run).await;
        if pauses.as_array().is_some_and(|pauses| !pauses.is_empty()) {
            return pauses;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{pauses}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Looks until it is so.
async fn until(is_so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pauses_and_timers_wait_in_restate_and_steps_before_them_run_once() {
    let Some(server) = Server::start().await else { return };
    let counts = Counts::default();
    let chain = chain!(u32 => counts.step("before").durable("before/1")
        | <n: _, first: pause::<bool>("first"), second: pause::<u32>("second")>
        | |all| all.n + u32::from(all.first) + all.second
        | sleep_for("rest", Duration::from_millis(700))
        | counts.step("after").durable("after/1"));
    work(&server, restate::serve("orders", chain)).await;

    server.send("orders", "a", json!(1)).await;
    let keys = |pauses: &Value| -> Vec<String> {
        pauses.as_array().unwrap().iter().map(|pause| pause["key"].as_str().unwrap().to_owned()).collect()
    };
    let pauses = paused(&server, "a").await;
    assert_eq!(keys(&pauses), ["first", "second"]);
    assert_eq!((&pauses[0]["expects"], &pauses[0]["input"]), (&json!("bool"), &json!(2)));
    let answer = async |name: &str, answer: Value| {
        server.post("orders/a/answer", json!({ "name": name, "answer": answer })).await
    };
    let (status, said) = answer("third", json!(1)).await;
    assert_eq!(status, 404);
    assert!(said.to_string().contains("no pause `third` that waits; these wait: first, second"), "{said}");

    // Of another type: the pause waits again.
    assert_eq!(answer("first", json!("perhaps")).await.0, 200);
    until(async || {
        let again = paused(&server, "a").await;
        keys(&again) == ["first", "second"] && again[0]["promise"] != pauses[0]["promise"]
    })
    .await;
    // In any order.
    assert_eq!(answer("second", json!(10)).await.0, 200);
    until(async || keys(&paused(&server, "a").await) == ["first"]).await;
    let answered = Instant::now();
    assert_eq!(answer("first", json!(true)).await.0, 200);
    assert_eq!(server.outcome("orders", "a").await, (200, json!(14)));
    assert!(answered.elapsed() >= Duration::from_millis(690), "{:?}", answered.elapsed());
    assert_eq!((counts.of("before(1)"), counts.of("after(13)"), counts.all()), (1, 1, 2));

    // A run is run once; its outcome is there for all.
    assert_eq!(server.post("orders/a/run", json!(1)).await.0, 409);
    assert_eq!(server.outcome("orders", "a").await, (200, json!(14)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_may_pass_is_tried_again_and_any_other_ends_the_run() {
    #[runnable]
    async fn wavers(n: u32, cx: &Context) -> Result<u32> {
        match (n, cx.get::<Counts>().unwrap().add("calls")) {
            (0, _) => Err(Error::new(ErrorKind::Step, "zero is no order").with_retryable(false)),
            (_, 1 | 2) => Err(Error::new(ErrorKind::Unavailable { retry_after: None }, "busy")),
            _ => Ok(n),
        }
    }
    let Some(server) = Server::start().await else { return };
    let counts = Counts::default();
    let chain = chain!(u32 => counts.step("paid").durable("paid/1") | |n| n - 1 | wavers.durable("wavers/1"));
    work(&server, restate::serve("orders", chain).config(catena::Config::new().with(counts.clone()))).await;
    assert_eq!(server.post("orders/a/run", json!(7)).await, (200, json!(7)));
    assert_eq!((counts.of("paid(7)"), counts.of("calls")), (1, 3));

    let (status, said) = server.post("orders/b/run", json!(0)).await;
    assert_eq!(status, 500);
    assert!(said.to_string().contains("zero is no order"), "{said}");
    // So often, and no more.
    let busy = chain!(u32 => |_| Err::<u32, _>(Error::new(ErrorKind::Unavailable { retry_after: None }, "busy"))?);
    work(&server, restate::serve("busy", busy).attempts(2)).await;
    let (status, said) = server.post("busy/a/run", json!(0)).await;
    assert_eq!(status, 500);
    assert!(said.to_string().contains("busy"), "{said}");

    let (status, said) = server.post("orders/c/run", json!("many")).await;
    assert_eq!(status, 400);
    assert!(said.to_string().contains("the input is not of the chain's type"), "{said}");
}

#[tokio::test]
async fn a_worker_that_cannot_be_served_says_why_at_its_start() {
    let step = || chain!(u32 => Counts::default().step("a").durable("a/1"));
    // Names that the compiler does not see.
    let name = || "a/1".to_owned();
    let twice =
        chain!(u32 => Counts::default().step("a").durable(name()) | Counts::default().step("b").durable(name()));
    for (worker, why) in [
        (restate::serve("or ders", step()), "`or ders` cannot be a name for Restate"),
        (restate::serve("orders", step()).chain("orders", step()), "two chains of a worker are named `orders`"),
        (restate::serve("orders", step()).identity_key("hunter2"), "the identity key cannot be read"),
        (restate::serve("orders", twice), "two durable steps of the chain are named `a/1`"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let error = worker.listen_until(listener, std::future::pending()).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        assert!(error.to_string().contains(why), "{error}");
    }
    let address = "192.0.2.1:9080".parse().unwrap();
    let error = restate::serve("orders", step()).listen(address).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None });
    assert!(error.to_string().contains("cannot listen on 192.0.2.1:9080"), "{error}");
}
