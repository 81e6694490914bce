//! Nodes and edges in LangChain's form.

use crate::{Component, ComponentKind, Kind, manifest};
use catena_graph::{Diagram, Edge, Flow, Network, Vertex, VertexKind};
use serde_json::{Value, json};

pub(super) fn json(diagram: &Diagram) -> Value {
    let network = Network::of(diagram);
    let nodes: Vec<Value> = network.vertices.iter().map(node).collect();
    let edges: Vec<Value> = network.edges.iter().map(|edge| line(edge, &network)).collect();
    json!({ "nodes": nodes, "edges": edges })
}

/// The types of nodes: inputs and outputs are schemas, all other nodes are runnables.
fn node(vertex: &Vertex) -> Value {
    let name = match vertex.kind {
        VertexKind::Fork => format!("{}_input", vertex.label),
        VertexKind::Join => format!("{}_output", vertex.label),
        VertexKind::Junction => "junction".to_owned(),
        _ => vertex.label.clone(),
    };
    let mut node = match vertex.kind {
        VertexKind::Step(kind) => {
            json!({ "id": vertex.id, "type": "runnable", "data": { "id": class(kind), "name": name } })
        }
        VertexKind::Decision => {
            let branch = Component::new(ComponentKind::Branch);
            json!({ "id": vertex.id, "type": "runnable", "data": { "id": manifest::class(&branch), "name": name } })
        }
        _ => json!({ "id": vertex.id, "type": "schema", "data": name }),
    };
    for (name, lines) in [("details", &vertex.details), ("around", &vertex.marks)] {
        if !lines.is_empty() {
            node[name] = json!(lines);
        }
    }
    node
}

fn class(kind: catena_graph::Kind) -> Vec<String> {
    let known = match kind {
        catena_graph::Kind::Function => Kind::Function,
        catena_graph::Kind::Closure => Kind::Closure,
        catena_graph::Kind::Generator => Kind::Generator,
        catena_graph::Kind::Pick => Kind::Pick,
        catena_graph::Kind::Passthrough => Kind::Passthrough,
        other => return vec!["catena".to_owned(), other.word().to_owned()],
    };
    manifest::class(&Component::new(ComponentKind::Step(known)))
}

fn line(edge: &Edge, network: &Network) -> Value {
    let mut line = json!({ "source": edge.source, "target": edge.target });
    if let Some(label) = &edge.label {
        line["data"] = label.as_str().into();
        // One of several: of an arm, of what runs on failure; not of a field.
        let from = network.vertices.get(edge.source).map(|vertex| vertex.kind);
        if from != Some(VertexKind::Fork) {
            line["conditional"] = true.into();
        }
    }
    match edge.flow {
        Flow::Pieces => line["flow"] = "pieces".into(),
        Flow::Gathered => line["flow"] = "gathered".into(),
        _ => {}
    }
    if let Some(ty) = &edge.carries {
        line["carries"] = ty.as_str().into();
    }
    line
}
