//! Properties of a chain's structure, as constants.

use super::{Kind, Node, Visit};

impl Node {
    /// Returns the number of single steps.
    ///
    /// ```
    /// use catena::{Kind, Node};
    ///
    /// const MODEL: Node = Node::leaf("gpt", Kind::Model);
    /// const { assert!(Node::Race(&[MODEL, Node::Settled(&MODEL)]).steps() == 2) };
    /// ```
    pub const fn steps(&self) -> usize {
        match self {
            Node::Step(_) | Node::Opaque => 1,
            node => {
                let (mut sum, mut at) = (0, 0);
                while let Some(part) = node.part(at) {
                    sum += part.steps();
                    at += 1;
                }
                sum
            }
        }
    }

    /// Returns the number of single steps of a kind.
    ///
    /// ```
    /// use catena::{Kind, Node};
    ///
    /// const MODEL: Node = Node::leaf("gpt", Kind::Model);
    /// const { assert!(Node::Settled(&MODEL).count(Kind::Model) == 1 && MODEL.count(Kind::Tool) == 0) };
    /// ```
    pub const fn count(&self, kind: Kind) -> usize {
        if let Node::Step(leaf) = self {
            return (leaf.kind as u8 == kind as u8) as usize;
        }
        let (mut sum, mut at) = (0, 0);
        while let Some(part) = self.part(at) {
            sum += part.count(kind);
            at += 1;
        }
        sum
    }

    /// Returns the maximum depth of nested parts: 1 for a single step, 2 for a sequence of single steps.
    ///
    /// ```
    /// use catena::{Kind, Node};
    ///
    /// const MODEL: Node = Node::leaf("gpt", Kind::Model);
    /// const { assert!(MODEL.depth() == 1 && Node::Race(&[MODEL, Node::Settled(&MODEL)]).depth() == 3) };
    /// ```
    pub const fn depth(&self) -> usize {
        let (mut deepest, mut at) = (0, 0);
        while let Some(part) = self.part(at) {
            let depth = part.depth();
            deepest = if depth > deepest { depth } else { deepest };
            at += 1;
        }
        deepest + 1
    }

    /// Returns the first part with this name: its own, that of its field, or its word in the chain. A modifier with the name of
    /// its step, such as a retry, precedes the step.
    ///
    /// ```
    /// use catena::{Kind, Node, Step, prelude::*};
    ///
    /// #[runnable(kind = tool)]
    /// fn search(query: &str) -> String { query.to_owned() }
    ///
    /// const fn found<S: Step>(_: &S) -> (bool, bool) {
    ///     (matches!(S::NODE.find("search"), Some(Node::Retry { .. })), S::NODE.contains("web"))
    /// }
    /// assert_eq!(found(&chain!(String => <web: search.retry(2)>)), (true, true));
    /// assert_eq!(found(&chain!(String => search)), (false, false));
    /// ```
    ///
    /// # Panics
    /// Those of [`Walk::next`](crate::Walk::next).
    #[track_caller]
    pub const fn find(&self, name: &str) -> Option<&Node> {
        let mut walk = self.walk();
        // What has no name is not called "".
        while !name.is_empty()
            && let Some(visit) = walk.next()
        {
            let own = match visit.node {
                Node::Field { name, .. } => name,
                node => match node.name() {
                    Some(name) => name,
                    None => "",
                },
            };
            if same(own, name) || same(visit.label, name) {
                return Some(visit.node);
            }
        }
        None
    }

    /// Returns `true` if [`find`](Node::find) finds a part with this name.
    ///
    /// # Panics
    /// Those of [`Walk::next`](crate::Walk::next).
    #[track_caller]
    pub const fn contains(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Returns the first step of a kind that is not within a timeout. If all models are, `first_untimed(Kind::Model)` is `None`.
    ///
    /// ```
    /// use catena::{Kind, Node};
    ///
    /// const MODEL: Node = Node::leaf("gpt", Kind::Model);
    /// const { assert!(MODEL.first_untimed(Kind::Model).is_some()) };
    /// const { assert!(Node::Timeout { after: None, node: &MODEL }.first_untimed(Kind::Model).is_none()) };
    /// ```
    ///
    /// # Panics
    /// Those of [`Walk::next`](crate::Walk::next).
    #[track_caller]
    pub const fn first_untimed(&self, kind: Kind) -> Option<Visit<'_>> {
        let mut walk = self.walk();
        while let Some(visit) = walk.next() {
            if visit.is(kind) && !visit.within_timeout() {
                return Some(visit);
            }
        }
        None
    }

    /// Returns the first step of a kind that may be retried, but is not [idempotent](Node::idempotent).
    ///
    /// ```
    /// use catena::{Kind, Node};
    ///
    /// const PAY: Node = Node::leaf("pay", Kind::Tool);
    /// const PAY_ONCE: Node = PAY.idempotent();
    /// const { assert!(Node::Retry { attempts: None, node: &PAY }.first_unmarked_retry(Kind::Tool).is_some()) };
    /// const { assert!(Node::Retry { attempts: None, node: &PAY_ONCE }.first_unmarked_retry(Kind::Tool).is_none()) };
    /// ```
    ///
    /// # Panics
    /// Those of [`Walk::next`](crate::Walk::next).
    #[track_caller]
    pub const fn first_unmarked_retry(&self, kind: Kind) -> Option<Visit<'_>> {
        let mut walk = self.walk();
        while let Some(visit) = walk.next() {
            if let Some(leaf) = visit.leaf()
                && visit.is(kind)
                && visit.within_retry()
                && !leaf.idempotent
            {
                return Some(visit);
            }
        }
        None
    }

    /// Returns the first part that runs steps chosen at run time; see [`is_opaque`](Node::is_opaque).
    ///
    /// # Panics
    /// Those of [`Walk::next`](crate::Walk::next).
    #[track_caller]
    pub const fn first_opaque(&self) -> Option<Visit<'_>> {
        let mut walk = self.walk();
        while let Some(visit) = walk.next() {
            if visit.node.is_opaque() {
                return Some(visit);
            }
        }
        None
    }
}

/// Equality of texts, which is not yet `const` in the standard library.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}
