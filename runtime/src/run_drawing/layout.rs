//! Runs, put in their places in a picture.

use super::{
    from_node,
    slots::{Taken, skipped},
    status::{goes_without_saying, outcome},
    tree::{Tree, groups, united},
};
use crate::{ErrorKind, Node, Run, graph::track::graph_kind, host::Instant};
use catena_graph::{Diagram, Field, Kind, Outcome, Shape, Status, Step, Track};
use std::{collections::HashMap, mem};

/// So many runs within a step, one after another, are drawn as they came; more are drawn once for each step.
const IN_ORDER: usize = 12;

/// The picture with what became of it, and the parts that the runs are in, by number.
pub(super) fn place(diagram: &mut Diagram, trees: Vec<Tree>, now: Instant) -> HashMap<u64, String> {
    let mut places = Places { now, ids: HashMap::new() };
    let root = &mut diagram.root;
    match trees.len() {
        0 => {}
        1 => {
            for tree in trees {
                places.put(root, "0", tree);
            }
        }
        _ => {
            let mut alike = groups(trees);
            if alike.len() == 1 {
                // A batch.
                *root = mem::replace(root, Track::opaque()).for_each();
                let Shape::Map(each) = &mut root.shape else { return places.ids };
                if let Some(tree) = alike.pop().and_then(united) {
                    places.put(each, "0.0", tree);
                }
            } else {
                let trees = alike.into_iter().flatten().collect();
                places.nested(root, "0", trees);
            }
        }
    }
    places.ids
}

struct Places {
    now: Instant,
    ids: HashMap<u64, String>,
}

impl Places {
    /// Returns the outcome of a part.
    fn put(&mut self, track: &mut Track, id: &str, tree: Tree) {
        match &mut track.shape {
            // These have no runs of their own.
            Shape::Timeout { track: inner, .. }
            | Shape::Spawned(inner)
            | Shape::Configured { track: inner, .. }
            | Shape::Named { track: inner, .. } => return self.put(inner, &format!("{id}.0"), tree),
            Shape::Sequence(tracks) if tracks.len() == 1 => {
                return self.put(&mut tracks[0], &format!("{id}.0"), tree);
            }
            _ => {}
        }
        adapt(track, &tree);
        self.put_inside(track, id, tree);
    }

    /// Under frames that a run has brought with it.
    fn put_inside(&mut self, track: &mut Track, id: &str, tree: Tree) {
        let below = format!("{id}.0");
        match &mut track.shape {
            Shape::Named { track: inner, .. }
            | Shape::Timeout { track: inner, .. }
            | Shape::Spawned(inner)
            | Shape::Configured { track: inner, .. } => self.put_inside(inner, &below, tree),
            _ => self.settle(track, id, tree),
        }
    }

    /// Returns the outcome of a part that fits.
    fn settle(&mut self, track: &mut Track, id: &str, mut tree: Tree) {
        let parts = mem::take(&mut tree.parts);
        let shown = Tree { parts: parts.clone(), ..tree.clone() };
        let became = outcome(&shown, self.now);
        let quiet = goes_without_saying(&shown);
        if let (Shape::Choice(chooser), [_, chosen]) = (&mut track.shape, &*parts) {
            // What it chose is known now.
            let run = &chosen.seen.run;
            let chooser = mem::replace(&mut **chooser, Track::opaque());
            track.shape = Shape::Sequence(vec![chooser, from_node::track(run.structure.0, run.name())]);
        }
        let mut taken = Taken::new(track, parts);
        let (mut here, mut at) = (&mut *track, id.to_owned());
        if taken.left.is_empty() {
            self.number(&shown, id);
            here.outcome = (!quiet).then_some(became);
        } else {
            // What is drawn nowhere is added beneath, in a frame.
            let name = shown.seen.run.name().to_owned();
            let own = mem::replace(here, Track::opaque());
            let alone = matches!(own.shape, Shape::Step(_));
            let mut inside = if alone { Track::sequence([]) } else { Track::sequence([own]) };
            let first = usize::from(!alone);
            self.nested_after(&mut inside, &format!("{id}.0"), first, mem::take(&mut taken.left));
            *here = inside.named(name);
            here.outcome = Some(became);
            self.number(&shown, id);
            if alone {
                return;
            }
            let Shape::Named { track: inside, .. } = &mut here.shape else { return };
            let Shape::Sequence(tracks) = &mut inside.shape else { return };
            (here, at) = (&mut tracks[0], format!("{id}.0.0"));
        }
        self.fill(here, &at, taken.slots, &shown);
    }

    fn number(&mut self, tree: &Tree, id: &str) {
        for number in &tree.numbers {
            self.ids.insert(*number, id.to_owned());
        }
    }

    /// The parts of a part, each with its runs, and what became of those without.
    fn fill(&mut self, track: &mut Track, id: &str, slots: Vec<Vec<Tree>>, tree: &Tree) {
        let ids = track.part_ids(id);
        let race = matches!(track.shape, Shape::Race(_));
        let fallback = matches!(track.shape, Shape::Fallback(_));
        let skipped = skipped(track, &slots, tree);
        for (at, (part, runs)) in track.parts_mut().into_iter().zip(slots).enumerate() {
            let (ok, single) = (runs.iter().any(|run| run.seen.ended.ok > 0), runs.len() == 1);
            match united(runs) {
                Some(tree) => self.put(part, &ids[at], tree),
                None if skipped.contains(&at) => part.outcome = Some(Outcome::new(Status::Skipped)),
                None => {}
            }
            let note = if race { "won" } else { "took over" };
            if ok && single && (race || (fallback && at > 0)) {
                told(part, note);
            }
        }
    }

    /// Runs within a step that is drawn as one, or side by side outermost.
    fn nested(&mut self, track: &mut Track, id: &str, trees: Vec<Tree>) {
        *track = Track::sequence([]);
        self.nested_after(track, id, 0, trees);
    }

    /// Runs that are drawn nowhere, after so many parts of a sequence.
    fn nested_after(&mut self, sequence: &mut Track, id: &str, first: usize, trees: Vec<Tree>) {
        let in_order = trees.len() <= IN_ORDER && trees.iter().all(|tree| !tree.is_rest) && !overlap(&trees);
        let groups = if in_order { trees.into_iter().map(|tree| vec![tree]).collect() } else { groups(trees) };
        let at_once =
            groups.len() > 1 && overlap(&groups.iter().filter_map(|group| united(group.clone())).collect::<Vec<_>>());
        let mut drawn = Vec::with_capacity(groups.len());
        for group in groups {
            let run = &group[0].seen.run;
            let track = from_node::track(run.structure.0, run.name());
            let many = group.len() > 1 || group[0].seen.runs() > 1;
            let name = run.name().to_owned();
            let track = if many { track.for_each() } else { track };
            drawn.extend(united(group).map(|tree| (name, many, track, tree)));
        }
        let Shape::Sequence(tracks) = &mut sequence.shape else { return };
        if at_once {
            let fields = drawn.iter().map(|(name, _, track, _)| Field::new(name, track.clone()));
            tracks.push(Track::parallel(fields));
            let parallel = &mut tracks[first];
            let ids = parallel.part_ids(&format!("{id}.{first}"));
            for ((track, id), (_, many, _, tree)) in parallel.parts_mut().into_iter().zip(ids).zip(drawn) {
                self.put_one(track, &id, many, tree);
            }
        } else {
            for (at, (_, many, track, tree)) in drawn.into_iter().enumerate() {
                tracks.push(track);
                self.put_one(&mut tracks[first + at], &format!("{id}.{}", first + at), many, tree);
            }
        }
    }

    fn put_one(&mut self, track: &mut Track, id: &str, many: bool, tree: Tree) {
        match &mut track.shape {
            Shape::Map(each) if many => self.put(each, &format!("{id}.0"), tree),
            _ => self.put(track, id, tree),
        }
    }
}

/// Returns `true` if any two ran at once.
fn overlap(trees: &[Tree]) -> bool {
    trees.windows(2).any(|pair| pair[0].seen.end.is_none_or(|end| end > pair[1].seen.begin))
}

/// One more thing to say of a part, wherever in it that is said.
fn told(part: &mut Track, note: &str) {
    if let Some(outcome) = &mut part.outcome {
        return outcome.notes.insert(0, note.to_owned());
    }
    if let Some(first) = part.parts_mut().into_iter().next() {
        told(first, note);
    }
}

/// Makes a part one that the run can be put in: what is not known before is known now, and what is drawn as something else is
/// drawn as it ran.
fn adapt(track: &mut Track, tree: &Tree) {
    let run = &tree.seen.run;
    let ran = from_node::track(run.structure.0, run.name());
    let fine = fits(track, tree);
    let name = match &mut track.shape {
        Shape::Step(step) if matches!(step.kind, Kind::Opaque | Kind::Lazy | Kind::Unknown) => {
            mem::take(&mut step.name)
        }
        Shape::Step(step) if matches!(ran.shape, Shape::Step(_)) => {
            ran_as(step, run);
            return;
        }
        _ if fine => return,
        Shape::Step(step) => mem::take(&mut step.name),
        _ => String::new(),
    };
    let differs = !matches!(track.shape, Shape::Step(_));
    let output = track.output.take();
    let (composed, other) = (!matches!(ran.shape, Shape::Step(_)), name != run.name());
    *track = if composed && !name.is_empty() && other { ran.named(name) } else { ran };
    if differs {
        *track = mem::replace(track, Track::opaque()).configured("not as it was drawn");
    }
    track.output = output;
}

/// A step may run under another name than it has.
fn ran_as(step: &mut Step, run: &Run) {
    let own = run.structure.0.name();
    if step.title() == run.name() || run.name() == step.kind.word() {
        return;
    }
    if let Node::Step(leaf) = run.structure.0
        && own.is_none()
        && graph_kind(leaf.kind) == step.kind
    {
        // What it is written as, which the name takes the place of.
        run.name().clone_into(&mut step.name);
    } else if step.name.is_empty() || own == Some(&*step.name) {
        let own = mem::replace(&mut step.name, run.name().to_owned());
        step.details.splice(0..0, Some(own).filter(|own| !own.is_empty()));
    } else {
        step.details.push(format!("ran as {}", run.name()));
    }
}

/// Returns `true` if a part is drawn as what ran.
fn fits(track: &Track, tree: &Tree) -> bool {
    let is_step = |track: &Track| matches!(&track.shape, Shape::Step(step) if step.kind != Kind::Opaque);
    match tree.seen.run.structure.0 {
        Node::Sequence(_) => matches!(track.shape, Shape::Sequence(_)),
        Node::Parallel(_) => matches!(track.shape, Shape::Parallel(_)),
        Node::Branch(_) => matches!(track.shape, Shape::Branch(_)),
        Node::Retry { .. } => matches!(track.shape, Shape::Retry { .. }),
        Node::Fallback(_) => matches!(track.shape, Shape::Fallback(_)),
        Node::Race(_) => matches!(track.shape, Shape::Race(_)),
        Node::Map(_) => matches!(track.shape, Shape::Map(_)),
        Node::Choice(_) => matches!(track.shape, Shape::Choice(_)),
        _ => is_step(track),
    }
}

/// Returns `true` if an error says that the run was stopped from outside.
pub(super) fn status(kind: &ErrorKind) -> Status {
    if matches!(kind, ErrorKind::Cancelled) { Status::Cancelled } else { Status::Failed }
}
