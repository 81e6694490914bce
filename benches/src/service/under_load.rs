//! 10,000 runs at once on two threads: how many get done, and how late.

use super::{
    Comparison, Metric, Settings, Unit, processor,
    shapes::{self, Contender, Repeat},
};
use crate::measure::quantile;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

pub const NAME: &str = "10,000 runs at once on two threads";
const RUNS: u64 = 10_000;
/// How many of the shapes.
const SHAPES: usize = 2;

/// What one contender does in one round.
struct Sample {
    per_second: f64,
    /// Nanoseconds of a run, where that is known.
    on_processor: Option<f64>,
    /// Nanoseconds beyond the wait: half, 99 % and 99.9 % of the runs are faster.
    late: [f64; 3],
}

pub fn compare(settings: &Settings<'_>) -> Result<Vec<Comparison>, String> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_time().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    Ok(shapes::all().into_iter().take(SHAPES).map(|shape| measured(&shape, &runtime, settings.rounds)).collect())
}

fn measured(shape: &shapes::Shape, runtime: &Runtime, rounds: usize) -> Comparison {
    let mut samples: Vec<Vec<Sample>> = shape.contenders.iter().map(|_| Vec::new()).collect();
    for round in 0..rounds {
        for turn in 0..shape.contenders.len() {
            let which = (round + turn) % shape.contenders.len();
            samples[which].push(sample(&shape.contenders[which], runtime));
        }
    }
    let of = |figure: fn(&Sample) -> f64| samples.iter().map(|its| its.iter().map(figure).collect()).collect();
    let on_processor = samples.iter().map(|its| its.iter().filter_map(|sample| sample.on_processor).collect());
    let on_processor: Vec<Vec<f64>> = on_processor.collect();
    let mut metrics = vec![Metric::new("runs a second", Unit::PerSecond, of(|sample| sample.per_second))];
    if on_processor.iter().all(|its| its.len() == rounds) {
        metrics.push(Metric::new("processor time of a run", Unit::Nanoseconds, on_processor));
    } else {
        println!("SKIPPED: processor time of a run, for this system does not tell it");
    }
    metrics.extend([
        Metric::new("late by, p50", Unit::Nanoseconds, of(|sample| sample.late[0])),
        Metric::new("p99", Unit::Nanoseconds, of(|sample| sample.late[1])),
        Metric::new("p99.9", Unit::Nanoseconds, of(|sample| sample.late[2])),
    ]);
    Comparison {
        name: format!("{NAME}: {}", shape.name),
        note: "Runs in a second where each waits a millisecond, which is more than two cores can do; and how late runs are that wait \
               a tenth of a second, which keeps them busy in part. A tick of tokio's clock is a millisecond."
            .to_owned(),
        contenders: shape.contenders.iter().map(|contender| contender.who).collect(),
        metrics,
    }
}

#[allow(clippy::cast_precision_loss)]
fn sample(contender: &Contender, runtime: &Runtime) -> Sample {
    let before = processor::nanoseconds("self");
    let (many, took) = run(contender, runtime, Repeat { after: 0, milliseconds: 1, times: 20 });
    let on_processor = before.zip(processor::nanoseconds("self"));
    let (late, _) = run(contender, runtime, Repeat { after: 0, milliseconds: 100, times: 4 });
    let late: Vec<f64> = late.iter().map(|late| late.as_nanos() as f64).collect();
    Sample {
        per_second: many.len() as f64 / took.as_secs_f64(),
        on_processor: on_processor.map(|(before, after)| (after - before) / many.len() as f64),
        late: [0.5, 0.99, 0.999].map(|part| quantile(&late, part)),
    }
}

/// How late each run was, and how long all of them took together.
fn run(contender: &Contender, runtime: &Runtime, repeat: Repeat) -> (Vec<Duration>, Duration) {
    runtime.block_on(async {
        let begun = Instant::now();
        // They do not all begin at once: who asks a service does not, either.
        let start = |at| (contender.repeat)(Repeat { after: at % repeat.milliseconds, ..repeat });
        let tasks: Vec<_> = (0..RUNS).map(start).collect();
        let mut late = Vec::new();
        for task in tasks {
            late.extend(task.await.expect("no run panics"));
        }
        (late, begun.elapsed())
    })
}
