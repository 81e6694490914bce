//! Which vectors are the nearest.

use std::{cmp::Ordering, collections::BinaryHeap};

/// The nearest so far; of those equally near, the ones stored first.
pub(super) struct Nearest {
    limit: usize,
    /// The worst on top.
    heap: BinaryHeap<Near>,
}

pub(super) struct Near {
    pub(super) key: i64,
    pub(super) score: f32,
}

impl Nearest {
    pub(super) fn new(limit: usize) -> Self {
        Nearest { limit, heap: BinaryHeap::new() }
    }

    pub(super) fn add(&mut self, key: i64, score: f32) {
        let near = Near { key, score };
        if self.heap.len() < self.limit {
            self.heap.push(near);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && near < *worst
        {
            *worst = near;
        }
    }

    pub(super) fn best_first(self) -> Vec<Near> {
        self.heap.into_sorted_vec()
    }
}

/// The better is the lesser.
impl Ord for Near {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then(self.key.cmp(&other.key))
    }
}

impl PartialOrd for Near {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Near {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Near {}

pub(super) fn normalise(vector: &mut [f32]) {
    // In `f64`, where the squares of large numbers have room.
    let length = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
    if length > 0.0 {
        for number in vector {
            #[allow(clippy::cast_possible_truncation, reason = "it is between -1 and 1")]
            {
                *number = (f64::from(*number) / length) as f32;
            }
        }
    }
}

pub(super) fn bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// The product of two vectors of length 1, the second as it is stored.
pub(super) fn cosine(vector: &[f32], stored: &[u8]) -> f32 {
    let (numbers, _) = stored.as_chunks::<4>();
    // Several sums at once, which the compiler can do side by side.
    let mut sums = [0.0_f32; 8];
    for (at, (a, b)) in vector.iter().zip(numbers).enumerate() {
        sums[at % 8] += a * f32::from_le_bytes(*b);
    }
    sums.iter().sum()
}
