//! The chain as an outline, for widths in which no railroad fits.

use crate::label::clean;
use crate::{Arm, Diagram, Field, Kind, Shape, Track};

use super::pens::Pens;
use super::rails::ending;

pub(super) fn draw(diagram: &Diagram, pens: &Pens) -> Vec<String> {
    let mut outline = Outline { pens, lines: Vec::new() };
    let title = clean(&diagram.title);
    outline.lines.push(if title.is_empty() { "chain".to_owned() } else { title.into_owned() });
    let tracks: Vec<&Track> = match &diagram.root.shape {
        Shape::Sequence(tracks) => tracks.iter().collect(),
        _ => vec![&diagram.root],
    };
    let tracks = tracks.into_iter().map(|track| (String::new(), track)).collect();
    outline.items(tracks, "");
    outline.lines
}

struct Outline<'a> {
    pens: &'a Pens,
    lines: Vec<String>,
}

impl Outline<'_> {
    fn items(&mut self, items: Vec<(String, &Track)>, indent: &str) {
        let count = items.len();
        for (at, (label, track)) in items.into_iter().enumerate() {
            let last = at + 1 == count;
            let below = if last { format!("{indent}   ") } else { format!("{indent}{}  ", self.pens.down) };
            self.track(&label, track, &format!("{indent}{}", self.pens.item[usize::from(last)]), &below, Vec::new());
        }
    }

    fn track(&mut self, label: &str, track: &Track, start: &str, below: &str, mut marks: Vec<String>) {
        if let Some(outcome) = &track.outcome {
            marks.push(ending(outcome, self.pens));
        }
        let (words, parts): (String, Vec<(String, &Track)>) = match &track.shape {
            Shape::Step(step) => {
                let named = !step.name.trim().is_empty() && step.kind != Kind::Unknown;
                let kind = named.then(|| step.kind.word().to_owned());
                let details = step.details.iter().map(|line| clean(line).into_owned()).filter(|line| !line.is_empty());
                let known: Vec<String> = kind.into_iter().chain(details).collect();
                let known = if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) };
                (format!("{}{known}", clean(step.title())), Vec::new())
            }
            Shape::Sequence(tracks) => ("in order".to_owned(), plain(tracks)),
            Shape::Parallel(fields) => {
                let filled = fields.iter().filter_map(|field| match field {
                    Field::Filled { track, .. } => Some((clean(&field.label()).into_owned(), &**track)),
                    Field::Kept => None,
                });
                let kept = if fields.contains(&Field::Kept) { ", fields kept" } else { "" };
                (format!("at once{kept}"), filled.collect())
            }
            Shape::Branch(arms) => ("match".to_owned(), patterns(arms)),
            Shape::Fallback(tracks) => ("until one succeeds".to_owned(), plain(tracks)),
            Shape::Race(tracks) => ("race".to_owned(), plain(tracks)),
            Shape::Map(inner) => ("for each item".to_owned(), vec![(String::new(), &**inner)]),
            Shape::Named { name, track } => {
                let name = clean(name);
                let name = if name.is_empty() { "named".to_owned() } else { name.into_owned() };
                match &track.shape {
                    // `match .field`, which says that it is a branch.
                    Shape::Branch(arms) if name.starts_with("match ") && track.outcome.is_none() => {
                        (name, patterns(arms))
                    }
                    _ => (name, vec![(String::new(), &**track)]),
                }
            }
            Shape::Choice(inner) => ("the step chosen by".to_owned(), vec![(String::new(), &**inner)]),
            Shape::Retry { attempts, track, .. } => {
                let times = self.pens.times;
                marks.insert(
                    0,
                    attempts.map_or_else(|| "retry".to_owned(), |attempts| format!("retry {times}{attempts}")),
                );
                return self.track(label, track, start, below, marks);
            }
            Shape::Timeout { limit, track } => {
                let limit = clean(limit);
                marks.insert(0, if limit.is_empty() { "timeout".to_owned() } else { format!("within {limit}") });
                return self.track(label, track, start, below, marks);
            }
            Shape::Configured { note, track } => {
                let note = clean(note);
                marks.insert(0, if note.is_empty() { "configured".to_owned() } else { note.into_owned() });
                return self.track(label, track, start, below, marks);
            }
            Shape::Spawned(track) => {
                marks.insert(0, "spawned".to_owned());
                return self.track(label, track, start, below, marks);
            }
        };
        let label = if label.is_empty() { String::new() } else { format!("{label}: ") };
        let marks = if marks.is_empty() { String::new() } else { format!(" [{}]", marks.join(", ")) };
        self.lines.push(format!("{start}{label}{words}{marks}"));
        self.items(parts, below);
    }
}

fn patterns(arms: &[Arm]) -> Vec<(String, &Track)> {
    arms.iter().map(|arm| (clean(&arm.pattern).into_owned(), &arm.track)).collect()
}

fn plain(tracks: &[Track]) -> Vec<(String, &Track)> {
    tracks.iter().map(|track| (String::new(), track)).collect()
}
