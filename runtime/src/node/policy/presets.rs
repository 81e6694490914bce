//! The policies of this crate.

use super::Verdict;
use crate::{Kind, Node};

/// Refuses a model that is not within a timeout. The deadline of a [`Config`](crate::Config) does not count, because the compiler
/// does not know it.
///
/// ```
/// use catena::{Kind, Node, policy::untimed_model};
///
/// const MODEL: Node = Node::leaf("gpt", Kind::Model);
/// assert_eq!(untimed_model(&MODEL).step(), Some("gpt"));
/// ```
#[track_caller]
pub const fn untimed_model(chain: &Node) -> Verdict {
    match chain.first_untimed(Kind::Model) {
        Some(visit) => visit.refused("is a model without a timeout: `.timeout(..)`"),
        None => Verdict::Allowed,
    }
}

/// Refuses a retry whose number of attempts is not in its type. `#[runnable(retry = 3)]` and
/// `.retry(Retry::times::<3>())` have it in their types. The 3 of `.retry(3)` is a value, which may come from anywhere.
///
/// ```
/// use catena::{Kind, Node, policy::unbounded_retry};
///
/// const MODEL: Node = Node::leaf("gpt", Kind::Model);
/// assert_eq!(unbounded_retry(&Node::Retry { attempts: None, node: &MODEL }).step(), Some("gpt"));
/// assert_eq!(unbounded_retry(&Node::Retry { attempts: Some(3), node: &MODEL }).step(), None);
/// ```
#[track_caller]
pub const fn unbounded_retry(chain: &Node) -> Verdict {
    let mut walk = chain.walk();
    while let Some(visit) = walk.next() {
        if let Node::Retry { attempts: None, .. } = visit.node {
            return visit.refused(
                "is retried as often as a value says, which the compiler does not know: `.retry(Retry::times::<3>())`",
            );
        }
    }
    Verdict::Allowed
}

/// Refuses a chain whose stream is held up: if a step buffers the chunks that it gets, or if the output is a single chunk.
/// [`assert_streams!`](crate::assert_streams) refuses the same chains.
///
/// ```
/// use catena::{Kind, Node, policy::blocking_stream};
///
/// assert!(blocking_stream(&Node::leaf("whole", Kind::Function)).is_refused());
/// ```
#[track_caller]
pub const fn blocking_stream(chain: &Node) -> Verdict {
    match chain.first_block() {
        Some(step) => Verdict::refused_step(
            step,
            "waits for all of its input, which comes in pieces (a generator takes them as they come)",
        ),
        None if chain.gives_pieces() => Verdict::Allowed,
        None => Verdict::refused("its output comes in one piece, because its last step gives it whole"),
    }
}

/// Refuses a tool that may be retried, but is not marked as idempotent by `#[runnable(kind = tool, idempotent)]`, or by
/// [`Node::idempotent`] in a hand-written [`Step`](crate::Step).
///
/// ```
/// use catena::{Kind, Node, policy::unmarked_tool_retry};
///
/// const PAY: Node = Node::leaf("pay", Kind::Tool);
/// assert_eq!(unmarked_tool_retry(&Node::Retry { attempts: None, node: &PAY }).step(), Some("pay"));
/// ```
#[track_caller]
pub const fn unmarked_tool_retry(chain: &Node) -> Verdict {
    match chain.first_unmarked_retry(Kind::Tool) {
        Some(visit) => visit.refused(
            "is a tool that is retried, but not marked as idempotent: `#[runnable(kind = tool, idempotent)]` \
             where it may run twice",
        ),
        None => Verdict::Allowed,
    }
}

/// Refuses a chain that can run more than `N` models concurrently, by [`Node::at_once`].
///
/// ```
/// use catena::{Kind, Node, policy::more_models_than};
///
/// const MODEL: Node = Node::leaf("gpt", Kind::Model);
/// const BOTH: Node = Node::Race(&[MODEL, MODEL]);
/// assert!(more_models_than::<1>(&BOTH).is_refused() && !more_models_than::<2>(&BOTH).is_refused());
/// ```
#[track_caller]
pub const fn more_models_than<const N: usize>(chain: &Node) -> Verdict {
    match chain.at_once(Kind::Model) {
        Some(most) if most <= N => Verdict::Allowed,
        Some(_) => {
            // The step that is one too many, where they are counted one by one.
            let mut walk = chain.walk();
            while let Some(visit) = walk.next() {
                let Some(most) = visit.node.at_once(Kind::Model) else { continue };
                if most <= N {
                    walk.skip_inside();
                } else if is_innermost::<N>(visit.node) {
                    return visit.refused("runs more models at once than that");
                }
            }
            Verdict::refused("more models run at once than that")
        }
        None => {
            let mut walk = chain.walk();
            while let Some(visit) = walk.next() {
                if matches!(visit.node, Node::Map(_)) && visit.node.at_once(Kind::Model).is_none() {
                    return visit.refused("runs a model for each item of a list, and so any number at once");
                }
            }
            Verdict::refused("any number of models may run at once")
        }
    }
}

/// Returns whether no part alone has too many.
const fn is_innermost<const N: usize>(node: &Node) -> bool {
    let mut at = 0;
    while let Some(part) = node.part(at) {
        if matches!(part.at_once(Kind::Model), Some(most) if most > N) {
            return false;
        }
        at += 1;
    }
    true
}

/// Refuses parts that the compiler does not know: `.boxed()`, [`lazy`](crate::lazy), [`Router`](crate::Router) and
/// [`then_run`](crate::StepExt::then_run). The other policies cannot look into those.
///
/// ```
/// use catena::{Node, policy::opaque_step};
///
/// assert!(opaque_step(&Node::Settled(&Node::Opaque)).is_refused());
/// ```
#[track_caller]
pub const fn opaque_step(chain: &Node) -> Verdict {
    match chain.first_opaque() {
        Some(visit) => visit.refused("runs steps that are chosen at run time, so that nothing is known of them"),
        None => Verdict::Allowed,
    }
}
