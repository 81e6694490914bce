//! What must be true of a drawing, whatever is drawn.

use catena::Graph;
use roxmltree::Document;
use std::collections::HashSet;
use unicode_width::UnicodeWidthStr;

/// All formats of a drawing.
pub(crate) fn all(graph: &Graph) {
    svg(&graph.svg());
    mermaid(&graph.mermaid());
    dot(&graph.dot());
    for columns in [40, 80, 100, 200] {
        for line in graph.text_of_width(columns).lines() {
            assert!(line.width() <= columns, "{} columns instead of {columns}: {line}", line.width());
            assert!(!line.contains(char::is_control), "{line:?}");
        }
    }
    network(&graph.json());
}

/// Well-formed, without a script, every id once.
fn svg(text: &str) {
    let document = Document::parse(text).unwrap_or_else(|error| panic!("{error} in {text}"));
    let mut ids = HashSet::new();
    for node in document.descendants() {
        assert_ne!(node.tag_name().name(), "script");
        if let Some(id) = node.attribute("id") {
            assert!(ids.insert(id), "the id {id} is there twice");
        }
    }
}

/// Every text is in quotes that close, and says nothing that Mermaid takes for its own.
fn mermaid(text: &str) {
    let (_, chart) = text.split_once("flowchart").expect("a flowchart");
    for line in chart.lines() {
        assert_eq!(line.matches('"').count() % 2, 0, "{line}");
        let quoted: String = line.split('"').skip(1).step_by(2).collect();
        let quoted = quoted.replace("<br/>", "");
        assert!(!quoted.contains(['<', '>', '`']), "{line}");
    }
    assert_eq!(chart.matches("subgraph ").count(), chart.lines().filter(|line| line.trim() == "end").count());
}

/// Every text is in quotes that close, and braces are in pairs.
fn dot(text: &str) {
    let (mut quoted, mut escaped, mut depth) = (false, false, 0);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted => depth -= 1,
            _ => {}
        }
        assert!(depth >= 0, "{text}");
    }
    assert!(!quoted && depth == 0, "{text}");
}

/// Every edge is between nodes that are there; every node is reached.
fn network(json: &serde_json::Value) {
    let nodes = json["nodes"].as_array().unwrap();
    let mut reached = HashSet::from([0_usize]);
    for edge in json["edges"].as_array().unwrap() {
        let [source, target] = ["source", "target"].map(|end| usize::try_from(edge[end].as_u64().unwrap()).unwrap());
        assert!(source < nodes.len() && target < nodes.len());
        reached.insert(target);
    }
    assert_eq!(reached.len(), nodes.len());
}
