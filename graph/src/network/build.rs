//! From a tree to nodes and edges.

use std::fmt::Write as _;

use crate::label::{address, clean};
use crate::{Diagram, Field, Flow, Shape, Step, Track};

use super::{Cluster, Edge, Network, Vertex, VertexKind};

/// An end that waits for what comes next.
#[derive(Clone)]
struct Port {
    vertex: usize,
    pieces: bool,
    /// Whoever comes next waits for all of it.
    gathered: bool,
    label: Option<String>,
    carries: Option<String>,
}

pub(super) fn network(diagram: &Diagram) -> Network {
    let mut build = Build { network: Network::default(), cluster: None };
    let input = named(diagram.input.as_deref(), "input");
    let first = build.vertex("", input, VertexKind::Input);
    let ports = build.track(&diagram.root, "0", vec![port(first, false)], &[]);
    let output = named(diagram.output.as_deref(), "output");
    let last = build.vertex("", output, VertexKind::Output);
    build.connect(&ports, last, |_| Flow::Pieces);
    build.network
}

/// A name, or a word where there is none.
fn named(name: Option<&str>, word: &str) -> String {
    name.map(clean).filter(|name| !name.is_empty()).map_or_else(|| word.to_owned(), std::borrow::Cow::into_owned)
}

fn port(vertex: usize, pieces: bool) -> Port {
    Port { vertex, pieces, gathered: false, label: None, carries: None }
}

struct Build {
    network: Network,
    /// The cluster that nodes are put into.
    cluster: Option<usize>,
}

impl Build {
    fn vertex(&mut self, path: &str, label: String, kind: VertexKind) -> usize {
        let id = self.network.vertices.len();
        self.network.vertices.push(Vertex {
            id,
            path: path.to_owned(),
            label,
            kind,
            details: Vec::new(),
            marks: Vec::new(),
            link: None,
            cluster: self.cluster,
            outcome: None,
        });
        id
    }

    fn connect(&mut self, from: &[Port], to: usize, entry: impl Fn(bool) -> Flow) {
        for port in from {
            let flow = match (port.pieces, port.gathered) {
                (false, _) => Flow::Whole,
                (true, true) => Flow::Gathered,
                (true, false) => entry(true),
            };
            let (label, carries) = (port.label.clone(), port.carries.clone());
            self.network.edges.push(Edge { source: port.vertex, target: to, flow, label, carries });
        }
    }

    /// Adds a part after the ends that wait for it, with what is put around it alone; gives the ends that wait for the next.
    fn track(&mut self, track: &Track, id: &str, mut from: Vec<Port>, marks: &[String]) -> Vec<Port> {
        if !track.passes_pieces() {
            for port in &mut from {
                port.gathered = true;
            }
        }
        let mut ports = self.shape(track, id, from, marks);
        if let Some(output) = &track.output {
            let name = clean(output);
            for port in ports.iter_mut().filter(|port| port.label.is_none()) {
                port.carries = (!name.is_empty()).then(|| name.clone().into_owned());
            }
        }
        ports
    }

    fn shape(&mut self, track: &Track, id: &str, from: Vec<Port>, marks: &[String]) -> Vec<Port> {
        let first = format!("{id}.0");
        match &track.shape {
            Shape::Step(step) => self.step(track, step, id, &from, marks),
            Shape::Sequence(tracks) => tracks
                .iter()
                .enumerate()
                .fold(from, |from, (at, track)| self.track(track, &format!("{id}.{at}"), from, &[])),
            Shape::Parallel(fields) => self.parallel(fields, track, id, &from),
            Shape::Branch(arms) => {
                let fork = self.vertex(id, "match".to_owned(), VertexKind::Decision);
                self.connect(&from, fork, |_| Flow::Gathered);
                let mut ends = Vec::new();
                for (at, arm) in arms.iter().enumerate() {
                    let start = vec![Port { label: label(&arm.pattern), ..port(fork, false) }];
                    ends.extend(self.track(&arm.track, &format!("{id}.{at}"), start, &[]));
                }
                if ends.is_empty() { vec![port(fork, false)] } else { ends }
            }
            Shape::Fallback(tracks) => {
                let mut ends = Vec::new();
                let mut start = from;
                for (at, track) in tracks.iter().enumerate() {
                    let out = self.track(track, &format!("{id}.{at}"), start, &[]);
                    start = out
                        .iter()
                        .map(|end| Port { label: Some("else".to_owned()), ..port(end.vertex, false) })
                        .collect();
                    ends.extend(out);
                }
                if ends.is_empty() { start } else { ends }
            }
            Shape::Race(tracks) => self.within(id, "race".to_owned(), |build| {
                let start = if from.len() > 1 { build.junction(id, &from) } else { from };
                let mut ends = Vec::new();
                for (at, track) in tracks.iter().enumerate() {
                    ends.extend(build.track(track, &format!("{id}.{at}"), start.clone(), &[]));
                }
                if ends.is_empty() { start } else { ends }
            }),
            Shape::Retry { attempts, note, track } => {
                let mut mark = attempts.map_or_else(|| "retry".to_owned(), |attempts| format!("retry ×{attempts}"));
                if let Some(note) = note.as_deref().map(clean).filter(|note| !note.is_empty()) {
                    let _ = write!(mark, " · {note}");
                }
                self.marked(track, &first, from, marks, mark)
            }
            Shape::Timeout { limit, track } => {
                let limit = clean(limit);
                let mark = if limit.is_empty() { "timeout".to_owned() } else { format!("within {limit}") };
                self.marked(track, &first, from, marks, mark)
            }
            Shape::Configured { note, track } => {
                self.marked(track, &first, from, marks, named(Some(note), "configured"))
            }
            Shape::Spawned(track) => self.marked(track, &first, from, marks, "spawned".to_owned()),
            Shape::Map(track) => {
                let mut ends =
                    self.within(id, marked("for each item", marks), |build| build.track(track, &first, from, &[]));
                for end in &mut ends {
                    end.pieces = true;
                }
                ends
            }
            Shape::Named { name, track } => {
                let name = named(Some(name), "named");
                self.within(id, marked(&name, marks), |build| build.track(track, &first, from, &[]))
            }
            Shape::Choice(track) => {
                let ends = self.track(track, &first, from, marks);
                let chosen = self.vertex(
                    &format!("{id}.chosen"),
                    "the step it chooses".to_owned(),
                    VertexKind::Step(crate::Kind::Opaque),
                );
                self.connect(&ends, chosen, |_| Flow::Gathered);
                vec![port(chosen, false)]
            }
        }
    }

    fn step(&mut self, track: &Track, step: &Step, id: &str, from: &[Port], marks: &[String]) -> Vec<Port> {
        let vertex = self.vertex(id, clean(step.title()).into_owned(), VertexKind::Step(step.kind));
        if let Some(new) = self.network.vertices.get_mut(vertex) {
            new.details =
                step.details.iter().map(|line| clean(line).into_owned()).filter(|line| !line.is_empty()).collect();
            new.marks = marks.to_vec();
            new.link = step.link.as_deref().and_then(address);
            new.outcome.clone_from(&track.outcome);
        }
        self.connect(from, vertex, |pieces| track.entry(pieces));
        let pieces = from.iter().any(|port| port.pieces && !port.gathered);
        vec![port(vertex, track.exit(pieces))]
    }

    fn parallel(&mut self, fields: &[Field], track: &Track, id: &str, from: &[Port]) -> Vec<Port> {
        let names: Vec<String> = fields.iter().map(|field| clean(&field.label()).into_owned()).collect();
        let name = format!("parallel<{}>", names.join(","));
        let fork = self.vertex(id, name.clone(), VertexKind::Fork);
        self.connect(from, fork, |_| Flow::Pieces);
        let pieces = from.iter().any(|port| port.pieces && !port.gathered);
        let mut ends = Vec::new();
        let mut ids = track.part_ids(id).into_iter();
        for (field, name) in fields.iter().zip(names) {
            let start = vec![Port { label: label(&name), ..port(fork, pieces) }];
            match field {
                Field::Filled { track, .. } => {
                    let id = ids.next().unwrap_or_default();
                    ends.extend(self.track(track, &id, start, &[]));
                }
                Field::Kept => ends.extend(start),
            }
        }
        if ends.is_empty() {
            ends.push(port(fork, pieces));
        }
        let pieces = ends.iter().any(|end| end.pieces);
        let join = self.vertex(id, name, VertexKind::Join);
        self.connect(&ends, join, |_| Flow::Pieces);
        vec![port(join, pieces)]
    }

    /// A part with something around it: written on a single step, else a cluster.
    fn marked(&mut self, track: &Track, id: &str, from: Vec<Port>, marks: &[String], mark: String) -> Vec<Port> {
        let mut marks = marks.to_vec();
        marks.push(mark);
        if track.is_single() {
            return self.track(track, id, from, &marks);
        }
        self.within(id, marks.join(", "), |build| build.track(track, id, from, &[]))
    }

    fn within<T>(&mut self, path: &str, label: String, inside: impl FnOnce(&mut Self) -> T) -> T {
        let id = self.network.clusters.len();
        let outer = self.cluster.replace(id);
        self.network.clusters.push(Cluster { id, parent: outer, path: path.to_owned(), label });
        let result = inside(self);
        self.cluster = outer;
        result
    }

    fn junction(&mut self, id: &str, from: &[Port]) -> Vec<Port> {
        let junction = self.vertex(id, String::new(), VertexKind::Junction);
        self.connect(from, junction, |_| Flow::Pieces);
        vec![port(junction, false)]
    }
}

fn label(text: &str) -> Option<String> {
    Some(clean(text).into_owned()).filter(|text| !text.is_empty())
}

fn marked(label: &str, marks: &[String]) -> String {
    std::iter::once(label).chain(marks.iter().map(String::as_str)).collect::<Vec<_>>().join(", ")
}

impl Track {
    /// A single step, maybe with something around it that can be written on it.
    fn is_single(&self) -> bool {
        match &self.shape {
            Shape::Step(_) => true,
            Shape::Retry { track, .. }
            | Shape::Timeout { track, .. }
            | Shape::Configured { track, .. }
            | Shape::Map(track)
            | Shape::Named { track, .. }
            | Shape::Choice(track)
            | Shape::Spawned(track) => track.is_single(),
            _ => false,
        }
    }
}
