//! What runs take while they wait: 10,000 of them, each in a task.

use super::{
    Comparison, Metric, Settings, Unit,
    shapes::{self, Contender},
};
use std::hint::black_box;
use tokio::{
    runtime::{Builder, Runtime},
    task::yield_now,
};

pub const NAME: &str = "10,000 runs in flight";
const RUNS: usize = 10_000;
const AN_HOUR: u64 = 60 * 60 * 1000;
const GOAL: f64 = 1.1;

#[allow(clippy::cast_precision_loss)]
pub fn compare(_: &Settings<'_>) -> Result<Vec<Comparison>, String> {
    let mut comparisons = Vec::new();
    for shape in shapes::all() {
        let heap =
            shape.contenders.iter().map(|contender| Ok(vec![live(contender)?])).collect::<Result<_, String>>()?;
        let size = shape.contenders.iter().map(|contender| vec![contender.size as f64]).collect();
        comparisons.push(Comparison {
            name: format!("{NAME}: {}", shape.name),
            note: "Heap of a run while all 10,000 wait, tokio's task with it, which comes in steps of 128 bytes; and the size of the run's \
                   future."
                .to_owned(),
            contenders: shape.contenders.iter().map(|contender| contender.who).collect(),
            metrics: vec![
                Metric::new("heap", Unit::Bytes, heap).goal(GOAL),
                Metric::new("future", Unit::Bytes, size).goal(GOAL),
            ],
        });
    }
    Ok(comparisons)
}

/// Bytes on the heap of one run, all of them waiting. Allocations are counted for each thread, so there is one: a run takes the
/// same on more.
#[allow(clippy::cast_precision_loss)]
fn live(contender: &Contender) -> Result<f64, String> {
    let runtime = Builder::new_current_thread().enable_time().build().map_err(|error| error.to_string())?;
    let mut tasks = Vec::with_capacity(RUNS);
    // The runtime's queue grows once, and belongs to no run.
    waiting(&runtime, || {
        for _ in 0..RUNS {
            tokio::spawn(async {});
        }
    });
    let counted = allocation_counter::measure(|| {
        waiting(&runtime, || tasks.extend((0..RUNS).map(|_| (contender.spawn)(AN_HOUR))));
    });
    if tasks.iter().any(tokio::task::JoinHandle::is_finished) {
        return Err(format!("{} did not wait", contender.who));
    }
    drop(black_box(tasks));
    Ok(counted.bytes_current as f64 / RUNS as f64)
}

/// Spawn, and turn the queue until each task, and those that it spawns, has had its turn.
fn waiting(runtime: &Runtime, spawn: impl FnOnce()) {
    runtime.block_on(async {
        spawn();
        for _ in 0..RUNS {
            yield_now().await;
        }
    });
}
