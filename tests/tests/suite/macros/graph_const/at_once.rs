use super::{claude, gpt, node, plain};
use catena::{Config, Extent, Kind, Node, Part, prelude::*};
use std::time::Duration;

fn models(step: &impl Step) -> Option<usize> {
    node(step).at_once(Kind::Model)
}

#[test]
fn what_runs_side_by_side_adds_up_and_what_runs_in_turn_does_not() {
    assert_eq!(models(&plain), Some(0));
    assert_eq!(models(&chain!(String => gpt | claude | gpt)), Some(1));
    assert_eq!(models(&chain!(String => <a: gpt, b: claude | gpt, c?: gpt, d: plain>)), Some(3));
    assert_eq!(models(&chain!(String => <a: gpt, b: gpt> | |both| both.a | gpt)), Some(2));
    assert_eq!(models(&chain!(String => <a: chain!(<b: gpt, c: gpt> | |both| both.b), d: gpt>)), Some(3));
    assert_eq!(models(&gpt.race(claude.race(gpt))), Some(3));
    assert_eq!(models(&gpt.fallback(claude)), Some(1));
    assert_eq!(models(&gpt.race(gpt).fallback(gpt)), Some(2));
    assert_eq!(
        models(&chain!(String => match { a if a.is_empty() => gpt, _ => chain!(<a: gpt, b: gpt> | |both| both.a) })),
        Some(2)
    );
    assert_eq!(
        models(&gpt.retry(3).timeout(Duration::from_secs(1)).spawned().with_config(Config::new()).named("n")),
        Some(1)
    );
}

#[test]
fn a_list_may_have_any_number_of_items() {
    assert_eq!(models(&gpt.map()), None);
    assert_eq!(models(&plain.map()), Some(0));
    assert_eq!(models(&chain!(Vec<String> => <a: gpt.map(), b: |texts| texts.len()>)), None);
}

#[test]
fn steps_overlap_where_pieces_go_from_one_to_the_next() {
    const MODEL: Node = Node::leaf("model", Kind::Model).streaming(Extent::Whole, Extent::Pieces);
    const EDITOR: Node = Node::leaf("editor", Kind::Model).streaming(Extent::Pieces, Extent::Pieces);
    const PASS: Node = Node::leaf("pass", Kind::Passthrough).streaming(Extent::Pieces, Extent::Same);
    macro_rules! models {
        ($($node:expr),*) => {
            const { Node::Sequence(&[$(Part { label: "", node: $node }),*]).at_once(Kind::Model) }
        };
    }
    // The second waits until the first has ended.
    assert_eq!(models!(MODEL, MODEL), Some(1));
    assert_eq!(models!(MODEL, EDITOR), Some(2));
    assert_eq!(models!(MODEL, PASS, EDITOR, MODEL), Some(2));
    // A branch that passes pieces on keeps the model before it running, beside an editor but not beside one that waits.
    assert_eq!(models!(MODEL, Node::Parallel(&[PASS, EDITOR])), Some(2));
    assert_eq!(models!(MODEL, Node::Parallel(&[PASS, MODEL])), Some(1));
}
