//! Cosine similarity, and the best of many vectors.

use std::{cmp::Ordering, collections::BinaryHeap};

/// The nearest vectors so far. Of equally near vectors, those stored first are kept.
pub(super) struct Nearest {
    limit: usize,
    /// A max-heap whose top is the worst.
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

/// A better score is less.
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

pub(super) fn bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// Returns the dot product of two vectors of length 1. The second one is in its stored form.
pub(super) fn cosine(vector: &[f32], stored: &[u8]) -> f32 {
    let (numbers, _) = stored.as_chunks::<4>();
    // Several partial sums, which the compiler can vectorise.
    let mut sums = [0.0_f32; 8];
    for (at, (a, b)) in vector.iter().zip(numbers).enumerate() {
        sums[at % 8] += a * f32::from_le_bytes(*b);
    }
    sums.iter().sum()
}
