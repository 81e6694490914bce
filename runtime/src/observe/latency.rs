//! The time of each step.

use crate::{Event, EventKind, Observer, Run, RunId, host::Instant};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// An observer that sums the time of each step, over all runs that it observes. Clones share the sums.
///
/// `Display` is a table, slowest first.
///
/// ```
/// use catena::{Config, Latency, prelude::*};
///
/// #[runnable]
/// fn double(n: u32) -> u32 { n * 2 }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let latency = Latency::new();
/// let chain = chain!(u32 => double | |n| n + 1);
/// chain.invoke_with(1, Config::new().observe(latency.clone())).await?;
/// let steps = latency.steps();
/// assert_eq!(steps["sequence.double"].runs, 1);
/// println!("{latency}");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug, Default)]
pub struct Latency(Arc<Mutex<Clock>>);

#[derive(Debug, Default)]
struct Clock {
    running: HashMap<RunId, Instant>,
    steps: BTreeMap<String, StepTime>,
}

/// The time that one step took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepTime {
    /// The number of runs.
    pub runs: usize,
    /// The number of runs that failed or were stopped.
    pub errors: usize,
    /// The sum of the times. Concurrent runs count in full.
    pub total: Duration,
    /// The longest time.
    pub max: Duration,
}

impl Latency {
    /// Creates an observer without times.
    pub fn new() -> Self {
        Latency::default()
    }

    /// Returns the times so far, by the names of the runs around the step and of the step: `sequence.parse`.
    pub fn steps(&self) -> BTreeMap<String, StepTime> {
        self.lock().steps.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Clock> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn path(run: &Run) -> String {
    match run.parent() {
        Some(parent) => format!("{}.{}", path(parent), run.name()),
        None => run.name().to_owned(),
    }
}

impl Observer for Latency {
    fn event(&self, event: &Event) {
        let failed = match event.kind {
            EventKind::Start { .. } => {
                self.lock().running.insert(event.run.id(), Instant::now());
                return;
            }
            EventKind::End { .. } => false,
            EventKind::Error { .. } => true,
            EventKind::Stream { .. } | EventKind::Custom { .. } => return,
        };
        let mut clock = self.lock();
        let Some(start) = clock.running.remove(&event.run.id()) else { return };
        let time = start.elapsed();
        let step = clock.steps.entry(path(&event.run)).or_default();
        step.runs += 1;
        step.errors += usize::from(failed);
        step.total += time;
        step.max = step.max.max(time);
    }

    fn reads(&self) -> bool {
        false
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps: Vec<_> = self.steps().into_iter().collect();
        steps.sort_by_key(|(_, time)| std::cmp::Reverse(time.total));
        let width = steps.iter().map(|(path, _)| path.chars().count()).max().unwrap_or(0).max(4);
        write!(f, "{:width$}  {:>6}  {:>6}  {:>10}  {:>10}", "step", "runs", "errors", "total", "max")?;
        for (path, StepTime { runs, errors, total, max }) in steps {
            let (total, max) = (format!("{total:.1?}"), format!("{max:.1?}"));
            write!(f, "\n{path:width$}  {runs:>6}  {errors:>6}  {total:>10}  {max:>10}")?;
        }
        Ok(())
    }
}
