//! Workers and servers that are killed.

use super::server;
use crate::killed::{POSTGRES, chain, ends, output_of, overlaps, start_with, undisturbed};
use catena::{Config, prelude::*};
use catena_durable::{ConfigExt, Journal};
use std::time::{Duration, Instant};

/// How many are killed, in each test.
const KILLS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_at_any_moment_loses_nothing() {
    let Some(server) = server() else { return };
    let (expected, steps) = undisturbed().await;
    let journal = format!("{POSTGRES}{}", server.settings());
    let mut random = fastrand::Rng::with_seed(7);
    let (mut kills, mut run) = (0, 0);
    // Beside the data, so that it lives as long.
    let logs = tempfile::tempdir().unwrap();
    while kills < KILLS {
        run += 1;
        let (id, log) = (format!("order-{run}"), logs.path().join(run.to_string()));
        let mut killed = 0_usize;
        let output = loop {
            let after = (killed < 4).then(|| Duration::from_micros(random.u64(0..150_000)));
            // It waits until the lease of the one before has ended.
            let child = start_with(&journal, &log, &id, true);
            if killed > 0 && after.is_some() {
                wait_for_line(&log, killed);
            }
            if let Some(output) = output_of(child, after) {
                break output;
            }
            killed += 1;
            kills += 1;
        };
        assert_eq!(output, expected);
        let ends = ends(&log);
        assert!(ends.keys().eq(steps.keys()), "{ends:?}");
        let again: usize = ends.values().map(|times| times - 1).sum();
        assert!(again <= 5 * killed, "{again} again after {killed} kills: {ends:?}");
        overlaps(&log);
    }
}

/// Waits until another process has begun, so that it is killed at work and not while it waits.
fn wait_for_line(log: &std::path::Path, processes: usize) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(2) {
        let text = std::fs::read_to_string(log).unwrap_or_default();
        let mut seen: Vec<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
        seen.sort_unstable();
        seen.dedup();
        if seen.len() > processes {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_workers_the_other_goes_on_when_one_is_killed_in_a_map_of_five() {
    let Some(server) = server() else { return };
    let (expected, _) = undisturbed().await;
    let journal = format!("{POSTGRES}{}", server.settings());
    let mut random = fastrand::Rng::with_seed(11);
    let logs = tempfile::tempdir().unwrap();
    for run in 0..KILLS {
        let (id, log) = (format!("order-{run}"), logs.path().join(run.to_string()));
        let (first, second) = (start_with(&journal, &log, &id, true), start_with(&journal, &log, &id, true));
        output_of(first, Some(Duration::from_micros(random.u64(0..60_000))));
        assert_eq!(output_of(second, None), Some(expected));
        overlaps(&log);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_any_moment_and_started_again_costs_its_absence_and_no_step() {
    let Some(server) = server() else { return };
    let (expected, steps) = undisturbed().await;
    // Longer than the server needs to recover: a lease that ends meanwhile stops the run.
    let journal = Journal::builder().lease(Duration::from_secs(20)).postgres(&server.settings()).await.unwrap();
    let mut random = fastrand::Rng::with_seed(13);
    let logs = tempfile::tempdir().unwrap();
    for run in 0..KILLS {
        let log = logs.path().join(run.to_string());
        let chain = chain(&log, Duration::from_millis(4));
        let config = Config::new().durable(journal.run(format!("order-{run}")));
        let running = tokio::spawn(async move { chain.invoke_with(5, config).await });
        tokio::time::sleep(Duration::from_micros(random.u64(0..50_000))).await;
        server.kill();
        server.run();
        assert_eq!(running.await.unwrap().unwrap(), expected);
        // No process has died: each step ran once.
        assert_eq!(ends(&log), steps);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_for_five_seconds_costs_five_seconds() {
    let Some(server) = server() else { return };
    let (expected, steps) = undisturbed().await;
    let journal = Journal::builder().postgres(&server.settings()).await.unwrap();
    let logs = tempfile::tempdir().unwrap();
    let log = logs.path().join("log");
    let chain = chain(&log, Duration::from_millis(4));
    let config = Config::new().durable(journal.run("order"));
    let begun = Instant::now();
    let running = tokio::spawn(async move { chain.invoke_with(5, config).await });
    tokio::time::sleep(Duration::from_millis(10)).await;
    server.kill();
    tokio::time::sleep(Duration::from_secs(5)).await;
    server.run();
    assert_eq!(running.await.unwrap().unwrap(), expected);
    assert!(begun.elapsed() >= Duration::from_secs(5));
    assert_eq!(ends(&log), steps);
}
