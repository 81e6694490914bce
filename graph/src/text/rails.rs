//! The railroad in characters.

use std::fmt::Write as _;

use crate::label::{cells, clean, fit_with};
use crate::{Diagram, Field, Flow, Outcome, Shape, Step, Track};

use super::block::{Block, lead};
use super::fan::fan;
use super::pens::Pens;

/// Longer names, labels and types are cut off.
const LONGEST_NAME: usize = 32;
const LONGEST_LABEL: usize = 28;
const LONGEST_TYPE: usize = 24;

pub(super) fn draw(diagram: &Diagram, pens: &Pens, width: usize) -> Vec<String> {
    let rails = Rails { pens, width };
    let end = |name: &Option<String>, mark: &str| {
        let name = name.as_deref().map(|name| rails.cut(name, LONGEST_NAME)).filter(|name| !name.is_empty());
        Block::text(name.unwrap_or_else(|| mark.to_owned()))
    };
    let mut train = vec![(String::new(), end(&diagram.input, pens.start))];
    let mut pieces = false;
    let mut label = String::new();
    let tracks = match &diagram.root.shape {
        Shape::Sequence(tracks) => tracks.iter().collect(),
        _ => vec![&diagram.root],
    };
    let count = tracks.len();
    for (at, track) in tracks.into_iter().enumerate() {
        let block = rails.track(track, width.saturating_sub(6), pieces, &[]);
        pieces = block.pieces;
        train.push((std::mem::take(&mut label), block));
        if at + 1 < count || diagram.output.is_none() {
            label = rails.type_name(track);
        }
    }
    let last = end(&diagram.output, pens.end);
    train.push((label, Block { flow: if pieces { Flow::Pieces } else { Flow::Whole }, ..last }));
    let mut lines = rails.train(train, width, true).lines;
    if let (Shape::Sequence(_), Some(outcome)) = (&diagram.root.shape, &diagram.root.outcome) {
        lines.push(ending(outcome, pens));
    }
    lines
}

struct Rails<'a> {
    pens: &'a Pens,
    width: usize,
}

impl Rails<'_> {
    fn cut(&self, text: &str, most: usize) -> String {
        fit_with(text, most.min(self.width.saturating_sub(4).max(1)), self.pens.more).into_owned()
    }

    fn type_name(&self, track: &Track) -> String {
        track.output.as_deref().map(|name| self.cut(name, LONGEST_TYPE)).unwrap_or_default()
    }

    /// A part with the marks of what is put around it.
    fn track(&self, track: &Track, room: usize, pieces: bool, marks: &[String]) -> Block {
        let inside = pieces && track.passes_pieces();
        let mut block = self.shape(track, room, inside, marks);
        if let Some(outcome) = track.outcome.as_ref().filter(|_| !matches!(track.shape, Shape::Step(_))) {
            block = block.frame(&self.cut(&ending(outcome, self.pens), LONGEST_NAME), self.pens);
        }
        (block.flow, block.pieces) = (track.entry(pieces), track.exit(pieces));
        block
    }

    fn shape(&self, track: &Track, room: usize, pieces: bool, marks: &[String]) -> Block {
        let framed = |block: Block, caption: Option<&str>| {
            let all: Vec<&str> = caption.into_iter().chain(marks.iter().map(String::as_str)).collect();
            if all.is_empty() { block } else { block.frame(&self.cut(&all.join(", "), LONGEST_NAME + 8), self.pens) }
        };
        let less = if marks.is_empty() { room } else { room.saturating_sub(4) };
        let framed_room = room.saturating_sub(4);
        match &track.shape {
            Shape::Step(step) => Block::text(self.step(step, track.outcome.as_ref(), marks)),
            Shape::Sequence(tracks) => framed(self.sequence(tracks, less, pieces), None),
            Shape::Parallel(fields) => {
                let rows = fields.iter().map(|field| match field {
                    Field::Filled { track, .. } => (
                        self.cut(&field.label(), LONGEST_LABEL),
                        self.track(track, less.saturating_sub(20), pieces, &[]),
                    ),
                    Field::Kept => ("..".to_owned(), Block { arrow: false, open: true, ..Block::text(String::new()) }),
                });
                framed(fan(self.pens, "", rows.collect()), None)
            }
            Shape::Branch(arms) => {
                let rows = arms.iter().map(|arm| {
                    (self.cut(&arm.pattern, LONGEST_LABEL), self.track(&arm.track, less.saturating_sub(30), false, &[]))
                });
                framed(fan(self.pens, "match", rows.collect()), None)
            }
            Shape::Fallback(tracks) => {
                let rows = tracks.iter().enumerate().map(|(at, track)| {
                    let label = if at == 0 { "" } else { "else" };
                    (label.to_owned(), self.track(track, less.saturating_sub(14), false, &[]))
                });
                framed(fan(self.pens, "", rows.collect()), None)
            }
            Shape::Race(tracks) => {
                let rows =
                    tracks.iter().map(|track| (String::new(), self.track(track, less.saturating_sub(14), false, &[])));
                framed(fan(self.pens, "race", rows.collect()), None)
            }
            Shape::Retry { attempts, note, track } => {
                let times = self.pens.times;
                let mut mark =
                    attempts.map_or_else(|| "retry".to_owned(), |attempts| format!("retry {times}{attempts}"));
                if let Some(note) = note.as_deref().map(clean).filter(|note| !note.is_empty()) {
                    let _ = write!(mark, " ({note})");
                }
                self.marked(track, room, false, marks, mark)
            }
            Shape::Timeout { limit, track } => {
                let limit = clean(limit);
                let mark = if limit.is_empty() { "timeout".to_owned() } else { format!("within {limit}") };
                self.marked(track, room, false, marks, mark)
            }
            Shape::Configured { note, track } => {
                let note = clean(note);
                let mark = if note.is_empty() { "configured".to_owned() } else { note.into_owned() };
                self.marked(track, room, pieces, marks, mark)
            }
            Shape::Spawned(track) => self.marked(track, room, false, marks, "spawned".to_owned()),
            Shape::Map(track) => framed(self.track(track, framed_room, false, &[]), Some("for each")),
            Shape::Named { name, track } => {
                let name = clean(name);
                let name = if name.is_empty() { "named" } else { &name };
                framed(self.track(track, framed_room, pieces, &[]), Some(name))
            }
            Shape::Choice(track) => {
                let chooser = Block { pieces: false, ..self.track(track, less, false, &[]) };
                let chosen = Block::text("(the step it chooses)".to_owned());
                framed(self.train(vec![(String::new(), chooser), (String::new(), chosen)], less, false), None)
            }
        }
    }

    /// With one more thing put around it.
    fn marked(&self, track: &Track, room: usize, pieces: bool, marks: &[String], mark: String) -> Block {
        let mut all = marks.to_vec();
        all.push(mark);
        self.track(track, room, pieces, &all)
    }

    fn step(&self, step: &Step, outcome: Option<&Outcome>, marks: &[String]) -> String {
        let mut text = self.cut(step.title(), LONGEST_NAME);
        if let Some(detail) =
            step.details.first().map(|line| self.cut(line, LONGEST_LABEL)).filter(|line| !line.is_empty())
        {
            let _ = write!(text, " ({detail})");
        }
        if !marks.is_empty() {
            let _ = write!(text, " [{}]", self.cut(&marks.join(", "), LONGEST_NAME + 8));
        }
        if let Some(outcome) = outcome {
            text.push(' ');
            text.push_str(&self.cut(&ending(outcome, self.pens), LONGEST_NAME + 8));
        }
        if text.trim().is_empty() { "-".to_owned() } else { text }
    }

    fn sequence(&self, tracks: &[Track], room: usize, pieces: bool) -> Block {
        let mut train = Vec::with_capacity(tracks.len());
        let (mut pieces, mut label) = (pieces, String::new());
        for track in tracks {
            let block = self.track(track, room.saturating_sub(4), pieces, &[]);
            pieces = block.pieces;
            train.push((label, block));
            label = self.type_name(track);
        }
        self.train(train, room, false)
    }

    /// One after another, in as many rows as it takes.
    fn train(&self, train: Vec<(String, Block)>, room: usize, last: bool) -> Block {
        let count = train.len();
        let mut rows: Vec<(String, Block)> = Vec::new();
        for (at, (label, block)) in train.into_iter().enumerate() {
            let below = rows.len() > 1;
            let Some((start, row)) = rows.last_mut() else {
                rows.push((label, block));
                continue;
            };
            let indent = if below { 1 + cells(&lead(Flow::Gathered, start, true, self.pens)) } else { 0 };
            // All rows but the last need room for the rail that leads on.
            let more = if last && at + 1 == count { 0 } else { 3 };
            let width = row.width + cells(&row.rail_to(&block, &label, self.pens)) + block.width + more;
            match rows.last_mut() {
                Some((_, row)) if width + indent <= room => *row = row.then(&block, &label, self.pens),
                _ => rows.push((label, block)),
            }
        }
        let nothing = || Block { arrow: false, open: true, ..Block::text(self.pens.line.to_owned()) };
        Block::stack(rows, !last, self.pens).unwrap_or_else(nothing)
    }
}

/// How a part ended, in a few characters.
pub(super) fn ending(outcome: &Outcome, pens: &Pens) -> String {
    let mark = if pens.ascii { outcome.status.word().to_owned() } else { outcome.status.mark().to_string() };
    let mut parts: Vec<String> = outcome.duration.iter().cloned().collect();
    if let Some(attempts) = outcome.attempts.filter(|&attempts| attempts > 1) {
        parts.push(format!("{}{attempts}", pens.times));
    }
    parts.extend(outcome.notes.iter().cloned());
    parts.extend(outcome.error.iter().cloned());
    clean(&format!("{mark} {}", parts.join(pens.between))).into_owned()
}
