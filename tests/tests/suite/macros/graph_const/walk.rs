use super::{claude, gpt, node, order, plain, search};
use catena::{Kind, Node, Retry, Visit, WALK_DEPTH, prelude::*};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// What is seen of the step that goes by this name.
fn at<'a>(chain: &'a Node, name: &str) -> Visit<'a> {
    chain.walk().find(|visit| visit.leaf().is_some() && visit.called() == name).unwrap()
}

#[test]
fn all_parts_come_in_order_each_before_what_is_in_it() {
    let chain = chain!(String => plain | <a: gpt, b?: order.retry(2)> | |both| both.a);
    let seen: Vec<_> = node(&chain).walk().map(|visit| (visit.depth, visit.called())).collect();
    let expected = [
        (0, "chain"),
        (1, "plain"),
        (1, "parallel"),
        (2, "a"),
        (3, "chain"),
        (4, "gpt"),
        (2, "chain"),
        (3, "b"),
        (4, "chain"),
        (5, "order"),
        (6, "order"),
        (1, "|both|"),
    ];
    assert_eq!(seen, expected, "{:?}", node(&chain));
}

#[test]
fn what_is_around_a_step_is_known_at_any_distance() {
    let chain = chain!(String =>
        <
            timed: (chain!(String => plain | gpt)).timeout(SECOND),
            tried: (chain!(String => order)).retry(Retry::times::<2>()),
            settled?: search,
        > | |all| all.timed
    );
    let chain = node(&chain);
    assert!(
        at(chain, "gpt").within_timeout() && at(chain, "gpt").within_parallel() && !at(chain, "gpt").within_retry()
    );
    assert!(at(chain, "order").within_retry() && !at(chain, "order").within_timeout());
    assert!(at(chain, "search").within_settled() && !at(chain, "order").within_settled());
    assert!(!at(chain, "|all|").within_parallel());

    let pair = gpt.fallback(order.race(search).spawned());
    let pair = node(&pair);
    assert!(at(pair, "gpt").within_fallback() && !at(pair, "gpt").within_backup() && !at(pair, "gpt").within_race());
    let backup = at(pair, "search");
    assert!(backup.within_backup() && backup.within_race() && backup.within_spawned() && !backup.within_fallback());
    let branch = chain!(String => match { text if text.is_empty() => gpt, _ => plain } | plain);
    assert!(at(node(&branch), "gpt").within_branch());
    assert_eq!(at(node(&branch), "gpt").inside(), Some("text"));
    assert!(at(node(&gpt.map()), "gpt").within_map());
}

#[test]
fn attempts_multiply_as_far_as_they_are_known() {
    let attempts = |node: &'static Node, name| {
        let visit = at(node, name);
        (visit.within_retry(), visit.attempts())
    };
    assert_eq!(attempts(node(&gpt), "gpt"), (false, Some(1)));
    assert_eq!(attempts(node(&claude.retry(Retry::times::<2>())), "claude"), (true, Some(6)));
    assert_eq!(attempts(node(&claude.retry(2)), "claude"), (true, None));
    assert_eq!(attempts(node(&claude.retry(Retry::times::<{ u32::MAX }>())), "claude"), (true, Some(u32::MAX)));
    // Once is not again.
    assert_eq!(attempts(node(&gpt.retry(Retry::times::<1>())), "gpt"), (false, Some(1)));
    // What follows a retry is not in it.
    assert_eq!(attempts(node(&chain!(String => gpt.retry(2) | order)), "order"), (false, Some(1)));
}

#[test]
fn a_step_without_a_name_goes_by_the_word_it_is_written_as() {
    let model = chain!(String => |one| one).fallback(chain!(String => |other| other));
    let chain = chain!(String => <field: model.retry(2)>);
    let closures: Vec<_> = node(&chain)
        .walk()
        .filter(|visit| visit.is(Kind::Closure))
        .map(|visit| (visit.called(), visit.inside()))
        .collect();
    assert_eq!(closures, [("|one|", Some("model")), ("|other|", Some("model"))]);
}

/// So many levels around a step.
macro_rules! levels {
    ($node:expr; ) => { $node };
    ($node:expr; $_:tt $($rest:tt)*) => { levels!(Node::Settled(&$node); $($rest)*) };
}
const STEP: Node = Node::leaf("deep", Kind::Model);
const TEN: Node = levels!(STEP; 1 2 3 4 5 6 7 8 9);

/// The same inside itself again and again: as deep as one likes.
fn nested(depth: usize) -> &'static Node {
    (1..depth).fold(&STEP, |node, _| Box::leak(Box::new(Node::Settled(node))))
}

#[test]
fn a_walk_is_as_deep_as_it_says_and_never_leaves_a_part_out() {
    assert_eq!((TEN.depth(), TEN.walk().count()), (10, 10));
    let deepest = nested(WALK_DEPTH);
    assert_eq!((deepest.depth(), deepest.walk().count()), (WALK_DEPTH, WALK_DEPTH));
    assert!(deepest.contains("deep"));
    let error = std::panic::catch_unwind(|| nested(WALK_DEPTH + 1).walk().count()).unwrap_err();
    assert_eq!(
        error.downcast_ref::<&str>(),
        Some(&"this chain is nested too deep to be walked through: 128 levels are the most")
    );
}

#[test]
fn what_was_come_by_can_be_left_out() {
    let chain = chain!(String => <a: gpt, b: order> | |both| both.a);
    let mut walk = node(&chain).walk();
    let mut leaves = Vec::new();
    while let Some(visit) = walk.next() {
        if matches!(visit.node, Node::Field { name: "a", .. }) {
            walk.skip_inside();
        }
        leaves.extend(visit.leaf().map(|_| visit.called()));
    }
    assert_eq!(leaves, ["order", "|both|"]);
    walk.skip_inside();
    assert_eq!(walk.next(), None);
}

#[test]
fn a_chain_of_a_hundred_steps_is_walked_through() {
    macro_rules! ten { ($($step:tt)*) => { chain!(String => $($step)* | $($step)* | $($step)* | $($step)* | $($step)*) } }
    let chain = ten!(
        plain
            | plain
            | plain
            | plain
            | plain
            | plain
            | plain
            | plain
            | plain
            | plain
            | plain
            | plain
            | plain
            | plain
            | plain
            | plain
            | plain
            | plain
            | plain
            | gpt
    );
    assert_eq!(node(&chain).walk().filter(|visit| visit.leaf().is_some()).count(), 100);
    assert_eq!(node(&chain).count(Kind::Model), 5);
}
