use super::settings::Tell;
use crate::{Result, host::Instant};
use std::time::Duration;

/// The progress of a batch.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Progress {
    /// The number of items, if it is known. It is unknown if the inputs come from a stream.
    pub total: Option<usize>,
    /// The number of finished items, including failed ones.
    pub done: usize,
    /// The number of failed items.
    pub failed: usize,
    start: Instant,
}

impl Progress {
    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Returns the finished items per second, so far. Zero at the start.
    #[allow(clippy::cast_precision_loss)] // a rate of 2^52 items is not shown to the last digit
    pub fn per_second(&self) -> f64 {
        let seconds = self.elapsed().as_secs_f64();
        if seconds > 0.0 { self.done as f64 / seconds } else { 0.0 }
    }

    /// Returns the remaining time at this rate, if the total is known and an item has finished.
    #[allow(clippy::cast_precision_loss)]
    pub fn time_left(&self) -> Option<Duration> {
        let left = self.total?.saturating_sub(self.done) as f64;
        if left == 0.0 { Some(Duration::ZERO) } else { Duration::try_from_secs_f64(left / self.per_second()).ok() }
    }
}

/// A function that is called with the progress.
pub(super) struct Reports<'a> {
    tell: Vec<Tell<'a>>,
    progress: Option<Progress>,
}

impl<'a> Reports<'a> {
    pub(super) fn new(tell: Vec<Tell<'a>>) -> Self {
        Reports { tell, progress: None }
    }

    pub(super) fn begin(&mut self, inputs: (usize, Option<usize>)) {
        if !self.tell.is_empty() {
            let total = inputs.1.filter(|most| *most == inputs.0);
            self.progress = Some(Progress { total, done: 0, failed: 0, start: Instant::now() });
            self.report();
        }
    }

    pub(super) fn finished<O>(&mut self, result: &Result<O>) {
        if let Some(progress) = &mut self.progress {
            progress.done += 1;
            // The inputs had said something else of themselves.
            progress.total = progress.total.filter(|total| progress.done <= *total);
            progress.failed += usize::from(result.is_err());
            self.report();
        }
    }

    fn report(&mut self) {
        if let Some(progress) = self.progress {
            self.tell.iter_mut().for_each(|tell| tell(progress));
        }
    }
}
