use super::{claude, gpt, node, order, plain, search};
use catena::{Config, Error, Kind, Leaf, Node, Retry, Router, lazy, prelude::*};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn options_of_functions_are_in_the_structure() {
    let Node::Retry { attempts: Some(3), node: &Node::Timeout { after: Some(after), node: &bare } } =
        <claude as Step>::NODE
    else {
        panic!("{:?}", <claude as Step>::NODE)
    };
    assert_eq!((after, bare), (Duration::from_secs(10), Node::leaf("claude", Kind::Model)));
    assert_eq!(<search as Step>::NODE, Node::leaf("search", Kind::Tool).tagged(&["web"]).idempotent());
    assert!(matches!(<order as Step>::NODE, Node::Step(Leaf { idempotent: false, .. })));
}

#[test]
fn numbers_are_known_where_they_are_in_the_type() {
    let retry = |node: &Node| match node {
        Node::Retry { attempts, .. } => *attempts,
        _ => panic!("{node:?}"),
    };
    assert_eq!(retry(node(&gpt.retry(3))), None);
    assert_eq!(retry(node(&gpt.retry(Retry::attempts(3).jitter(false)))), None);
    assert_eq!(retry(node(&gpt.retry(Retry::times::<3>()))), Some(3));
    assert_eq!(retry(node(&gpt.retry(Retry::times::<3>().base(SECOND).when(|_| true)))), Some(3));
    assert!(matches!(node(&gpt.timeout(SECOND)), Node::Timeout { after: None, .. }));
}

#[tokio::test]
async fn times_in_the_type_are_the_times_tried() {
    #[runnable]
    fn fails((): &()) -> catena::Result<()> {
        Err(Error::msg("no luck"))
    }
    let policy = Retry::times::<4>().base(Duration::ZERO).when(|_| true);
    let error = fails.retry(policy).invoke(()).await.unwrap_err();
    assert_eq!(error.attempts(), 4);
}

#[test]
fn fields_patterns_and_what_is_settled_are_as_written() {
    let chain = chain!(String => <gpt?: gpt, other: plain> | |both| both.other.len() | match {
        many if many > 9 => |many| many,
        1 | 2 => |few| few,
        _ => |other| other,
    });
    let Node::Sequence([map, _, branch]) = *node(&chain) else { panic!("{:?}", node(&chain)) };
    let Node::Parallel([settled, other]) = map.node else { panic!("{map:?}") };
    assert!(matches!(
        settled,
        Node::Settled(Node::Field { name: "gpt", .. }) | Node::Field { name: "gpt", node: Node::Settled(_) }
    ));
    assert!(matches!(other, Node::Field { name: "other", node: Node::Sequence([part]) } if part.label == "plain"));
    let Node::Branch(arms) = branch.node else { panic!("{branch:?}") };
    assert_eq!(arms.iter().map(|arm| arm.label).collect::<Vec<_>>(), ["many", "1 | 2", "_"]);
}

#[test]
fn what_is_chosen_at_run_time_is_opaque() {
    let boxed = || gpt.boxed::<String>();
    let router = Router::new([("gpt", boxed())]);
    for opaque in [
        node(&boxed()),
        node(&lazy(|| gpt)),
        node(&router),
        node(&chain!(String => plain | boxed())),
        node(&chain!(String => <a: plain, b: lazy(|| gpt)>)),
        node(&chain!(String => |_| gpt.boxed::<String>()).then_run()),
    ] {
        assert!(opaque.first_opaque().is_some(), "{opaque:?}");
        assert_eq!(opaque.count(Kind::Model), 0, "{opaque:?}");
    }
    let known = chain!(String => plain | gpt.spawned().with_config(Config::new()));
    assert_eq!(node(&known).first_opaque(), None);
}

#[test]
fn questions_are_answered_by_the_compiler() {
    #[runnable]
    fn compare() -> impl Runnable<String, Output = String> {
        chain!(String => plain | <a: gpt, b: claude | plain> | |both| both.a | search.retry(2))
    }
    const fn built<S: Step>(_: &impl Fn() -> S) -> &'static Node {
        &S::NODE
    }
    const COMPARE: &Node = built(&compare);
    const {
        assert!(COMPARE.steps() == 6);
        assert!(
            COMPARE.count(Kind::Model) == 2 && COMPARE.count(Kind::Tool) == 1 && COMPARE.count(Kind::Retriever) == 0
        );
        // compare > sequence > parallel > field > sequence > retry > timeout > step
        assert!(COMPARE.depth() == 8);
        assert!(COMPARE.contains("compare") && COMPARE.contains("b") && COMPARE.contains("|both|"));
        assert!(!COMPARE.contains("c") && !COMPARE.contains(""));
        assert!(matches!(COMPARE.find("claude"), Some(Node::Retry { attempts: Some(3), .. })));
        assert!(matches!(COMPARE.find("b"), Some(Node::Field { .. })));
        assert!(COMPARE.first_unmarked_retry(Kind::Tool).is_none());
        assert!(COMPARE.first_unmarked_retry(Kind::Model).is_some());
    }
    let visit = COMPARE.first_untimed(Kind::Model).unwrap();
    assert_eq!((visit.called(), visit.inside(), visit.depth), ("gpt", Some("a"), 5));
}
