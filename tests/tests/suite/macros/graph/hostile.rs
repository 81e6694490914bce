//! Names and shapes that are hard to draw.

use super::{checks, combinators::shout, models::Routed};
use catena::{BoxRunnable, Router, assert_graph, prelude::*};

const NAMES: [&str; 14] = [
    "\"quoted\"",
    "it's `this`",
    "<script>alert(1)</script>",
    "a & b; c --> d",
    "end",
    "]]>",
    "\\",
    "🦀🦀👩‍👩‍👧‍👦",
    "要約する",
    "line\nbreak\r\n\ttab",
    "\u{202e}right to left",
    "\u{0}\u{1b}[31m",
    "",
    "%% comment #quot; {x}",
];

#[test]
fn any_name_can_be_drawn() {
    for name in NAMES.into_iter().map(str::to_owned).chain(["long ".repeat(200), "ß".repeat(500)]) {
        checks::all(&shout.named(name.clone()).graph());
        checks::all(&chain!(String => shout.named(name.clone()) | shout.named(name.clone()).retry(2)).graph());
        let router = Router::new([(name.clone(), shout.boxed()), ("other".to_owned(), shout.named(name).boxed())]);
        checks::all(&chain!(Routed => router).graph());
    }
}

/// Kept, so that the parsers of Mermaid and of Graphviz read them: see `graph/tests/suite/real_parsers.rs`.
#[test]
fn hostile_names_are_kept() {
    let routes = NAMES.map(|name| (name.to_owned(), shout.retry(2).named(name).boxed()));
    let chain = chain!(Routed => Router::new(routes) | shout.named(NAMES[2]));
    assert_graph!(chain, "tests/suite/macros/graph/goldens/hostile.mmd");
    assert_graph!(chain, "tests/suite/macros/graph/goldens/hostile.dot");
}

#[test]
fn any_name_can_be_written_down() {
    for name in NAMES {
        let manifest = chain!(String => shout.named(name) | shout).manifest();
        let text = serde_json::to_string(&manifest).unwrap();
        assert_eq!(serde_json::from_str::<catena::Manifest>(&text).unwrap(), manifest, "{name}");
    }
}

#[test]
fn a_map_of_forty() {
    let chain = chain!(String => <
        a0: _, a1: _, a2: _, a3: _, a4: _, a5: _, a6: _, a7: _, a8: _, a9: _,
        b0: _, b1: _, b2: _, b3: _, b4: _, b5: _, b6: _, b7: _, b8: _, b9: _,
        c0: _, c1: _, c2: _, c3: _, c4: _, c5: _, c6: _, c7: _, c8: _, c9: _,
        d0: _, d1: _, d2: _, d3: _, d4: _, d5: _, d6: _, d7: _, d8: _, d9: shout,
    >);
    let graph = chain.graph();
    checks::all(&graph);
    assert!(graph.text().contains("─ d9 ─"), "{graph}");
    assert_eq!(chain.manifest().component().members.len(), 40);
}

#[test]
fn branches_five_deep() {
    let chain = chain!(u8 => match {
        0 => |_| 0_u8,
        _ => match {
            1 => |_| 1_u8,
            _ => match {
                2 => |_| 2_u8,
                _ => match {
                    3 => |_| 3_u8,
                    _ => match { 4 => |_| 4_u8, n if n > 200 => |n| n - 1, _ => _ },
                },
            },
        },
    });
    checks::all(&chain.graph());
    assert_graph!(chain, "tests/suite/macros/graph/goldens/five_deep.mmd");
    assert_graph!(chain, "tests/suite/macros/graph/goldens/five_deep.dot");
}

#[test]
fn boxes_in_boxes() {
    let mut step: BoxRunnable<String, String> = shout.boxed();
    for _ in 0..40 {
        step = chain!(String => step | shout).boxed();
    }
    checks::all(&step.graph());
}
