//! Three models under load: what comparing them adds to the slowest, as a chain and by hand.

use super::{Comparison, Metric, Settings, Unit, child};
use crate::case::{BY_HAND, CATENA};
use std::process::Command;

pub const NAME: &str = "three models compared";
const WHICH: [&str; 2] = ["hand", "chain"];
const CLIENTS: &str = "32";
const EACH: &str = "10";
/// What the child prints, in its order.
const FIGURES: [&str; 8] = [
    "whole, p50",
    "p99",
    "beyond the slowest model, p50",
    "p99",
    "first piece, p50",
    "p99",
    "beyond its model, p50",
    "p99",
];

pub fn compare(settings: &Settings<'_>) -> Result<Vec<Comparison>, String> {
    let program = child::built("catena-bench-service", "compare", &[])?;
    let mut samples = vec![vec![Vec::new(); WHICH.len()]; FIGURES.len()];
    for round in 0..settings.rounds {
        for turn in 0..WHICH.len() {
            let which = (round + turn) % WHICH.len();
            let figures = child::numbers(Command::new(&program).args([WHICH[which], CLIENTS, EACH]))?;
            if figures.len() != FIGURES.len() {
                return Err(format!("it says {} figures", figures.len()));
            }
            samples.iter_mut().zip(figures).for_each(|(samples, figure)| samples[which].push(figure));
        }
    }
    let metrics = FIGURES.into_iter().zip(samples);
    Ok(vec![Comparison {
        name: format!("{NAME}, {CLIENTS} clients at once"),
        note: "A prompt, a map of three models, and a step that merges, at a simulator of the providers' protocols that answers after 20, \
               30 and 40 ms, over HTTP. By hand the models are asked without steps around them. What is beyond the slowest model \
               is the time of a comparison less that of its slowest request, and the rest that of the \
               requests; the first piece is that of the map, streamed."
            .to_owned(),
        contenders: vec![BY_HAND, CATENA],
        metrics: metrics.map(|(name, samples)| Metric::new(name, Unit::Nanoseconds, samples)).collect(),
    }])
}
