//! Every sample in every format, as files; `UPDATE_GOLDENS=1` writes them again.

use std::fmt::Write as _;
use std::path::Path;

use crate::samples;
use catena_graph::{Diagram, Dot, Mermaid, Network, Svg, Text};

fn drawings(name: &str, diagram: &Diagram) -> [(&'static str, String); 7] {
    [
        ("html", Svg::new(name).draw(diagram) + "\n"),
        ("svg", Svg::new(name).standalone().draw(diagram) + "\n"),
        ("txt", Text::new(100).draw(diagram)),
        ("ascii.txt", Text::new(80).ascii().draw(diagram)),
        ("mmd", Mermaid::new().draw(diagram)),
        ("dot", Dot::new().draw(diagram)),
        ("net", list(diagram)),
    ]
}

/// Nodes and edges, one in a line.
fn list(diagram: &Diagram) -> String {
    let Network { vertices, edges, .. } = Network::of(diagram);
    let mut list = String::new();
    for vertex in vertices {
        writeln!(list, "{} {:?} {:?} {}", vertex.id, vertex.kind, vertex.label, vertex.path).unwrap();
    }
    for edge in edges {
        writeln!(list, "{} -> {} {:?} {:?} {:?}", edge.source, edge.target, edge.flow, edge.label, edge.carries)
            .unwrap();
    }
    list
}

#[test]
fn drawn_as_before() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/goldens");
    let update = std::env::var_os("UPDATE_GOLDENS").is_some();
    let mut changed = Vec::new();
    for (name, diagram) in samples::all() {
        for (format, drawing) in drawings(name, &diagram) {
            let path = folder.join(format!("{name}.{format}"));
            if update {
                std::fs::write(&path, &drawing).unwrap();
            } else if std::fs::read_to_string(&path).ok().as_deref() != Some(&drawing) {
                changed.push(format!("{name}.{format}"));
            }
        }
    }
    assert!(changed.is_empty(), "changed (look at them, then set UPDATE_GOLDENS=1): {changed:?}");
}

#[test]
fn words_name_every_step() {
    let words = samples::compare().words();
    for name in ["prompt", "gpt_4o", "sonnet", "flash", "consensus", "Question", "Verdict"] {
        assert!(words.contains(name), "{name} in {words}");
    }
}

#[test]
fn inputs_come_first_and_outputs_last() {
    for (_, diagram) in samples::all() {
        let network = Network::of(&diagram);
        assert_eq!(network.vertices.first().map(|vertex| vertex.kind), Some(catena_graph::VertexKind::Input));
        assert_eq!(network.vertices.last().map(|vertex| vertex.kind), Some(catena_graph::VertexKind::Output));
        for (at, vertex) in network.vertices.iter().enumerate() {
            assert_eq!(vertex.id, at);
            let reached = at == 0 || network.edges.iter().any(|edge| edge.target == at);
            assert!(reached, "nothing leads to {vertex:?}");
        }
    }
}

#[test]
fn ids_are_unique_and_found() {
    for (_, mut diagram) in samples::all() {
        let ids: Vec<String> = diagram.tracks().into_iter().map(|(id, _)| id).collect();
        let unique: std::collections::HashSet<&String> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len());
        for id in &ids {
            let found = diagram.find(id).cloned();
            assert!(found.is_some());
            assert_eq!(diagram.find_mut(id).cloned(), found);
        }
        assert_eq!(diagram.find_mut("0.nowhere.0"), None);
        assert_eq!(diagram.find_mut(""), None);
    }
}
