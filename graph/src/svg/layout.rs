//! From a part of a chain to its drawing.

use crate::{Field, Flow, Outcome, Shape, Status, Track};

use super::around::{chosen, frame, outcome, over, retry, timeout};
use super::measure::Font;
use super::scene::{Cut, Laid};
use super::sequence::{Car, gap, train};
use super::{icons, step_box};

/// Types longer than this are cut off.
pub(super) const LONGEST_TYPE: usize = 24;

/// The state of laying out a picture.
pub(super) struct Layout {
    /// What every id on the page begins with.
    pub(super) prefix: String,
}

impl Layout {
    /// Lays out a part in a width, as far as it can be so narrow.
    pub(super) fn track(&mut self, track: &Track, id: &str, room: i32, pieces: bool) -> Laid {
        let inside = pieces && track.passes_pieces();
        let mut laid = self.shape(track, id, room, inside);
        laid.pieces = track.exit(pieces);
        // These draw the end of the rail into what is in them themselves, where they have to.
        if !matches!(track.shape, Shape::Named { .. } | Shape::Configured { .. }) {
            laid.flow = track.entry(pieces);
        }
        match &track.outcome {
            Some(ended) if !matches!(track.shape, Shape::Step(_)) => faint_or(laid, ended),
            Some(Outcome { status: Status::Skipped, .. }) => laid.dim(),
            _ => laid,
        }
    }

    fn shape(&mut self, track: &Track, id: &str, room: i32, pieces: bool) -> Laid {
        let first = format!("{id}.0");
        match &track.shape {
            Shape::Step(step) => step_box::lay(step, track.outcome.as_ref(), self.anchor(id), room),
            Shape::Sequence(tracks) => self.sequence(tracks, id, room, pieces),
            Shape::Parallel(fields) => self.parallel(fields, &track.part_ids(id), room, pieces),
            Shape::Branch(arms) => self.branch(arms, id, room),
            Shape::Fallback(tracks) => self.fallback(tracks, id, room),
            Shape::Race(tracks) => {
                let laid = self.race(tracks, id, room - 30);
                frame(laid, "y", Some(icons::FLAG), "race: the first success wins", Font::Caption)
            }
            Shape::Retry { attempts, note, track } => {
                retry(self.track(track, &first, room - 60, false), *attempts, note.as_deref())
            }
            Shape::Timeout { limit, track } => timeout(self.track(track, &first, room, false), limit),
            Shape::Configured { note, track } => {
                let note = if note.trim().is_empty() { "configured" } else { note };
                over(self.track(track, &first, room, pieces), Some(icons::SLIDERS), note, "c")
            }
            Shape::Map(track) => {
                let laid = self.track(track, &first, room - 44, false);
                frame(laid, "m", Some(icons::SHEETS), "for each item", Font::Caption)
            }
            Shape::Spawned(track) => {
                let laid = self.track(track, &first, room - 44, false);
                frame(laid, "y z", Some(icons::ASIDE), "in a task of its own", Font::Caption)
            }
            Shape::Named { name, track } => {
                let laid = self.track(track, &first, room - 44, pieces);
                frame(laid, "y", None, name, Font::Code)
            }
            Shape::Choice(track) => {
                let chooser = self.track(track, &first, room - 40, false);
                let chosen = chosen(self.anchor(&format!("{id}.chosen")));
                let next = gap("", Flow::Whole);
                let cars = vec![
                    Car { gap: next, laid: Laid { pieces: false, ..chooser }, label: Cut::default() },
                    Car { gap: next, laid: chosen, label: Cut::default() },
                ];
                train(cars, room, true)
            }
        }
    }

    /// An id for the page.
    fn anchor(&self, id: &str) -> String {
        format!("{}-{id}", self.prefix)
    }
}

/// What became of a part that is not a single step.
fn faint_or(laid: Laid, ended: &Outcome) -> Laid {
    if ended.status == Status::Skipped { laid.dim() } else { outcome(laid, ended) }
}

/// Whether two ways of flowing occur, so that they have to be explained: pieces, and pieces waited for.
pub(super) fn flows(track: &Track, pieces: bool, found: &mut (bool, bool)) {
    let entry = track.entry(pieces);
    found.0 |= entry == Flow::Pieces || track.exit(pieces);
    found.1 |= entry == Flow::Gathered;
    let inside = pieces && track.passes_pieces();
    match &track.shape {
        Shape::Sequence(tracks) => {
            let mut pieces = inside;
            for track in tracks {
                flows(track, pieces, found);
                pieces = track.exit(pieces);
            }
        }
        Shape::Parallel(fields) => {
            for field in fields {
                if let Field::Filled { track, .. } = field {
                    flows(track, inside, found);
                }
            }
        }
        _ => {
            for part in track.parts() {
                flows(part, inside, found);
            }
        }
    }
}
