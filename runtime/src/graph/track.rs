//! The tree that is drawn, from a manifest.

use super::labels;
use crate::{Component, ComponentKind, Extent, Kind, Manifest, Member};
use crate::{manifest::details::is_name, util::seconds::seconds};
use catena_graph::{Arm, Diagram, Field, Shape, Step, Track};
use serde_json::Value;

/// The picture of a chain. Its own name is the title, and no frame around it.
pub(super) fn diagram(manifest: &Manifest) -> Diagram {
    let mut root = track(&manifest.root);
    let output = root.output.take();
    let title = if manifest.title.is_empty() { "chain" } else { &manifest.title };
    let mut diagram = Diagram::new(title, root);
    if !manifest.input.is_empty() {
        diagram = diagram.input(&manifest.input);
    }
    if let Some(last) = last(&mut diagram.root) {
        last.output = None;
    }
    match output {
        Some(output) => diagram.output(output),
        None => diagram,
    }
}

/// The last step of a chain: its type stands at the end already.
fn last(track: &mut Track) -> Option<&mut Track> {
    match &mut track.shape {
        Shape::Sequence(tracks) => tracks.last_mut(),
        _ => None,
    }
}

/// The picture of a part, whose type is not known.
pub(crate) fn of(this: &Component) -> Track {
    quiet(this)
}

fn track(this: &Component) -> Track {
    let drawn = shape(this);
    match &this.output {
        Some(output) => drawn.gives(output),
        None => drawn,
    }
}

/// A part whose type is said by what is around it, or by what it joins.
fn quiet(this: &Component) -> Track {
    let mut track = track(this);
    track.output = None;
    track
}

fn shape(this: &Component) -> Track {
    use ComponentKind as K;
    let alternatives = || this.members.iter().map(|member| quiet(&member.component));
    let inner = || this.members.first().map_or_else(Track::opaque, |member| quiet(&member.component));
    match this.kind {
        K::Step(kind) => step(this, graph_kind(kind)),
        K::Opaque => step(this, catena_graph::Kind::Opaque),
        K::Sequence => {
            let mut tracks: Vec<Track> = this.members.iter().map(|member| track(&member.component)).collect();
            if let Some(last) = tracks.last_mut() {
                last.output = None;
            }
            Track::sequence(tracks)
        }
        K::Parallel => Track::parallel(this.members.iter().map(field)),
        K::Branch => {
            let branch = Track::branch(arms(&this.members));
            match this.settings.get("key").and_then(Value::as_str) {
                Some(key) => branch.configured(by_key(key, this)),
                None => branch,
            }
        }
        K::Router => {
            let routes =
                this.members.iter().map(|route| Arm::new(format!("{:?}", route.label), quiet(&route.component)));
            Track::branch(routes).named(if this.name.is_empty() { "router" } else { &this.name })
        }
        K::Retry => {
            let attempts = this.settings.get("max_attempt_number").and_then(Value::as_u64);
            let attempts = attempts.map(|attempts| u32::try_from(attempts).unwrap_or(u32::MAX));
            Shape::Retry { attempts, note: labels::retry(&this.settings), track: Box::new(inner()) }.into()
        }
        K::Timeout => {
            let limit = this.settings.get("seconds").and_then(Value::as_f64);
            inner().timeout(limit.map(seconds).unwrap_or_default())
        }
        K::Fallback => Track::fallback(alternatives()),
        K::Race => Track::race(alternatives()),
        K::Map => match this.settings.get("max_concurrency") {
            Some(limit) => inner().for_each().configured(format!("{limit} at once")),
            None => inner().for_each(),
        },
        K::Spawned => inner().spawned(),
        K::Choice => inner().choice(),
        K::Configured => {
            let config = this.settings.get("config").and_then(Value::as_object);
            inner().configured(config.map(labels::config).unwrap_or_default())
        }
        K::Configurable => match this.settings.get("key").and_then(Value::as_str) {
            Some(key) => inner().configured(by_key(key, this)),
            None => inner().configured("configurable"),
        },
        K::Settled => inner().configured("settled"),
        K::Named => inner().named(&this.name),
        K::Field => inner(),
    }
}

fn field(field: &Member) -> Field {
    let track = quiet(&field.component);
    let filled = Field::new(&field.label, track);
    if field.settled { filled.settled() } else { filled }
}

fn arms(members: &[Member]) -> impl Iterator<Item = Arm> {
    members.iter().map(|arm| Arm::new(&arm.label, quiet(&arm.component)))
}

/// The value of a key, and what it is where no run sets it.
fn by_key(key: &str, this: &Component) -> String {
    match this.settings.get("default").and_then(|default| labels::line("", default)) {
        Some(default) => format!("by {key}, else{default}"),
        None => format!("by {key}"),
    }
}

fn step(this: &Component, kind: catena_graph::Kind) -> Track {
    let step = Step::new(&this.name, kind).streams(extent(this.takes), extent(this.gives));
    // What it is says more than how it is set; what a prompt says is read elsewhere; and no name is said twice.
    let says_more =
        |(name, value): &(&String, &Value)| !(name.starts_with("template") || is_name(name) && **value == *this.name);
    let shown = this.settings.iter().filter(says_more);
    let (what, others): (Vec<_>, Vec<_>) = shown.partition(|(name, _)| is_name(name) || *name == "provider");
    let lines = what.into_iter().chain(others).filter_map(|(name, value)| labels::line(name, value));
    lines.fold(step, Step::detail).into()
}

fn extent(extent: Extent) -> catena_graph::Extent {
    match extent {
        Extent::Whole => catena_graph::Extent::Whole,
        Extent::Pieces => catena_graph::Extent::Pieces,
        Extent::Same => catena_graph::Extent::Same,
    }
}

pub(crate) fn graph_kind(kind: Kind) -> catena_graph::Kind {
    match kind {
        Kind::Function => catena_graph::Kind::Function,
        Kind::Generator => catena_graph::Kind::Generator,
        Kind::Closure => catena_graph::Kind::Closure,
        Kind::Pick => catena_graph::Kind::Pick,
        Kind::Passthrough => catena_graph::Kind::Passthrough,
        Kind::Prompt => catena_graph::Kind::Prompt,
        Kind::Model => catena_graph::Kind::Model,
        Kind::Parser => catena_graph::Kind::Parser,
        Kind::Tool => catena_graph::Kind::Tool,
        Kind::Retriever => catena_graph::Kind::Retriever,
        Kind::Lazy => catena_graph::Kind::Lazy,
    }
}
