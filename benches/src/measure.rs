//! How long the contenders of a case take, and what they allocate.

use crate::case::{Case, Contender};
use std::time::{Duration, Instant};

/// What was measured of one contender.
pub struct Measured {
    pub who: &'static str,
    /// Of one call, the median of the rounds.
    pub nanoseconds: f64,
    /// The time of one call in parts of the first contender's in the same round: the median, a quarter below, a quarter above.
    pub ratio: [f64; 3],
    /// Of one call, where they could be counted.
    pub allocations: Option<f64>,
    pub bytes: Option<f64>,
    /// Of one call, where they could be counted.
    pub instructions: Option<f64>,
}

/// How long one sample takes at least.
const SAMPLE: Duration = Duration::from_millis(4);

/// The contenders take turns, so that what disturbs one disturbs the others, too.
pub fn measure(case: &Case, rounds: usize) -> Vec<Measured> {
    let times: Vec<u64> = case.contenders.iter().map(times).collect();
    let mut samples: Vec<Vec<f64>> = vec![Vec::with_capacity(rounds); case.contenders.len()];
    for round in 0..rounds {
        for turn in 0..case.contenders.len() {
            let which = (round + turn) % case.contenders.len();
            samples[which].push(sample(&case.contenders[which], times[which]));
        }
    }
    let measured = case.contenders.iter().enumerate().map(|(which, contender)| {
        let ratios: Vec<f64> = samples[which].iter().zip(&samples[0]).map(|(its, first)| its / first).collect();
        let (allocations, bytes) = allocated(contender);
        Measured {
            who: contender.who,
            nanoseconds: quantile(&samples[which], 0.5) * 1e9,
            ratio: [0.5, 0.25, 0.75].map(|at| quantile(&ratios, at)),
            allocations: Some(allocations),
            bytes: Some(bytes),
            instructions: None,
        }
    });
    measured.collect()
}

/// How many calls make a sample.
fn times(contender: &Contender) -> u64 {
    let mut times = 1;
    loop {
        let begun = Instant::now();
        (contender.run)(times);
        if begun.elapsed() >= SAMPLE {
            return times;
        }
        times *= 2;
    }
}

/// Seconds of one call.
#[allow(clippy::cast_precision_loss)]
fn sample(contender: &Contender, times: u64) -> f64 {
    let begun = Instant::now();
    (contender.run)(times);
    begun.elapsed().as_secs_f64() / times as f64
}

/// Allocations of one call and their bytes; those of the first calls, which fill what is kept, left out.
#[allow(clippy::cast_precision_loss)]
fn allocated(contender: &Contender) -> (f64, f64) {
    let of = |times| allocation_counter::measure(|| (contender.run)(times));
    let (few, many) = (of(1), of(5));
    let per_call = |few: u64, many: u64| many.saturating_sub(few) as f64 / 4.0;
    (per_call(few.count_total, many.count_total), per_call(few.bytes_total, many.bytes_total))
}

/// The value below which this part of them is.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}
