//! Questions about a chain's structure, which the compiler can answer.

use super::{Kind, Node, Visit};

impl Node {
    /// The number of single steps.
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

    /// The number of single steps of a kind.
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

    /// How many parts are nested in each other at most: 1 for a single step, 2 for a sequence of those.
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

    /// The first part that has a name: its own, that of its field, or the word it is written as. What is around a step
    /// and has its name, such as its retry, comes before it.
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
    /// As [`Walk::next`](crate::Walk::next).
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

    /// Returns whether there is a part that has a name, as [`find`](Node::find) finds it.
    ///
    /// # Panics
    /// As [`Walk::next`](crate::Walk::next).
    #[track_caller]
    pub const fn contains(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The first step of a kind that is not within a timeout: "all models are" is `first_untimed(Kind::Model).is_none()`.
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
    /// As [`Walk::next`](crate::Walk::next).
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

    /// The first step of a kind that may be tried again without being marked as [idempotent](Node::idempotent).
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
    /// As [`Walk::next`](crate::Walk::next).
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

    /// The first part that runs steps chosen at run time, of which nothing is known here: [`is_opaque`](Node::is_opaque).
    ///
    /// # Panics
    /// As [`Walk::next`](crate::Walk::next).
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
