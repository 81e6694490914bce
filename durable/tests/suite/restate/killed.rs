//! Workers and servers that are killed.

use super::server::{Server, free_port};
use crate::killed::{chain, ends, overlaps, undisturbed};
use catena::Config;
use catena_durable::restate;
use serde_json::json;
use std::{
    env,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How many are killed, in each test.
const KILLS: usize = 20;

const PORT: &str = "CATENA_TEST_PORT";
const LOG: &str = "CATENA_TEST_LOG";

/// The program that the tests below run and kill.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the program that the tests below run and kill"]
async fn worker() {
    let (Ok(port), Ok(log)) = (env::var(PORT), env::var(LOG)) else { return };
    let chain = chain(Path::new(&log), Duration::from_millis(4));
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    restate::serve("sums", chain).config(Config::new()).listen(address).await.unwrap();
}

/// A worker, which is killed with the test.
struct Killable(Child);

impl Killable {
    fn start(port: u16, log: &Path) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "restate::killed::worker", "--ignored", "--nocapture"]);
        command.env(PORT, port.to_string()).env(LOG, log);
        Killable(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Killable {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Checks a log after some kills: all was done, and what was done again was in flight.
fn check(log: &Path, steps: &std::collections::BTreeMap<String, usize>, kills: usize) {
    let ends = ends(log);
    assert!(ends.keys().eq(steps.keys()), "{ends:?}");
    assert!(ends.values().all(|times| *times <= 1 + kills), "{kills} kills: {ends:?}");
    let again: usize = ends.values().map(|times| times - 1).sum();
    assert!(again <= 5 * kills, "{again} again after {kills} kills: {ends:?}");
    overlaps(log);
}

/// The process that wrote the last line of a log.
fn last_of(log: &Path) -> Option<u32> {
    std::fs::read_to_string(log).ok()?.lines().last()?.split(' ').next()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_workers_the_other_goes_on_when_one_is_killed_in_a_map_of_five() {
    let Some(server) = Server::start().await else { return };
    let (expected, steps) = undisturbed().await;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let port = free_port();
    let mut workers = [Killable::start(port, &log), Killable::start(port, &log)];
    server.register(port).await;
    let mut random = fastrand::Rng::with_seed(11);
    for run in 0..KILLS {
        let _ = std::fs::remove_file(&log);
        let id = format!("order-{run}");
        server.send("sums", &id, json!(5)).await;
        // From the first step on, about as long as a run takes.
        let begun = Instant::now();
        while last_of(&log).is_none() {
            assert!(begun.elapsed() < Duration::from_secs(30), "the run does not begin");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_micros(random.u64(0..60_000))).await;
        let at_work = last_of(&log).unwrap();
        let killed = workers.iter_mut().find(|worker| worker.0.id() == at_work).unwrap();
        *killed = Killable::start(port, &log);
        assert_eq!(server.outcome("sums", &id).await, (200, json!(expected)));
        check(&log, &steps, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_any_moment_and_started_again_loses_nothing() {
    let Some(server) = Server::start().await else { return };
    let (expected, steps) = undisturbed().await;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let port = free_port();
    let _worker = Killable::start(port, &log);
    server.register(port).await;
    let mut random = fastrand::Rng::with_seed(13);
    for run in 0..KILLS {
        let _ = std::fs::remove_file(&log);
        let id = format!("order-{run}");
        server.send("sums", &id, json!(5)).await;
        tokio::time::sleep(Duration::from_micros(random.u64(0..80_000))).await;
        server.kill();
        server.run().await;
        assert_eq!(server.outcome("sums", &id).await, (200, json!(expected)));
        check(&log, &steps, 1);
    }
}
