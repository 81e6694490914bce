//! The last runs of a chain.

use crate::lock::lock;
use catena::Drawing;
use std::{collections::VecDeque, sync::Mutex};

/// The number of runs of a chain that are kept in memory, without inputs and outputs.
const RUNS: usize = 50;

/// The last runs, by their ids.
#[derive(Default)]
pub(super) struct Kept(Mutex<VecDeque<(String, Drawing)>>);

impl Kept {
    pub(super) fn add(&self, id: String, drawing: Drawing) {
        let mut runs = lock(&self.0);
        if runs.len() == RUNS {
            runs.pop_front();
        }
        runs.push_back((id, drawing));
    }

    pub(super) fn find(&self, id: &str) -> Option<Drawing> {
        lock(&self.0).iter().find(|(run, _)| run == id).map(|(_, drawing)| drawing.clone())
    }
}
