//! The last runs of a chain.

use catena::Drawing;
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The number of runs of a chain that are kept in memory, without inputs and outputs.
const RUNS: usize = 50;

/// The last runs, by their ids.
#[derive(Default)]
pub(super) struct Kept(Mutex<VecDeque<(String, Drawing)>>);

impl Kept {
    pub(super) fn add(&self, id: String, drawing: Drawing) {
        let mut runs = self.lock();
        if runs.len() == RUNS {
            runs.pop_front();
        }
        runs.push_back((id, drawing));
    }

    pub(super) fn find(&self, id: &str) -> Option<Drawing> {
        self.lock().iter().find(|(run, _)| run == id).map(|(_, drawing)| drawing.clone())
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(String, Drawing)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
