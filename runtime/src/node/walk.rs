//! A walk through the parts of a chain, in order.

use super::{Inner, Node, Visit, visit::Around};

/// The maximum depth of a [`Walk`], which is the compiler's default limit for nested types. A deeper structure is a compile error.
pub const WALK_DEPTH: usize = 128;

/// A walk through a chain's structure; created by [`Node::walk`]. Each part precedes its own parts, in the order written.
///
/// It is an iterator, and its [`next`](Walk::next) is a `const fn`.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    root: &'a Node,
    begun: bool,
    /// The parts that the last one is in, and itself.
    stack: [Frame<'a>; WALK_DEPTH],
    depth: usize,
}

#[derive(Clone, Copy, Debug)]
struct Frame<'a> {
    visit: Visit<'a>,
    /// The part inside it that comes next.
    next: usize,
}

impl Node {
    /// Returns a walk through this part and all of its parts.
    ///
    /// ```
    /// use catena::{Kind, Node, Step, prelude::*};
    ///
    /// #[runnable(kind = model)]
    /// async fn ask(question: String) -> String { question }
    /// #[runnable(kind = parser)]
    /// fn number(text: &str) -> Result<u8, std::num::ParseIntError> { text.parse() }
    ///
    /// /// Returns the number of models that are retried.
    /// const fn retried_models(node: &Node) -> usize {
    ///     let (mut walk, mut found) = (node.walk(), 0);
    ///     while let Some(visit) = walk.next() {
    ///         if visit.is(Kind::Model) && visit.within_retry() {
    ///             found += 1;
    ///         }
    ///     }
    ///     found
    /// }
    ///
    /// #[runnable]
    /// fn twice() -> impl Runnable<String, Output = u8> { chain!(String => (chain!(ask | number)).retry(2) ) }
    /// const fn node<S: Step>(_: &impl Fn() -> S) -> Node { S::NODE }
    /// const { assert!(retried_models(&node(&twice)) == 1) };
    /// ```
    pub const fn walk(&self) -> Walk<'_> {
        let frame = Frame { visit: Visit::root(self), next: 0 };
        Walk { root: self, begun: false, stack: [frame; WALK_DEPTH], depth: 0 }
    }
}

impl<'a> Walk<'a> {
    /// Returns the next part.
    ///
    /// # Panics
    /// If the structure is nested deeper than [`WALK_DEPTH`], so that no part is left out. In a `const`, this is a compile error.
    /// The types of a chain are not nested that deep unless `recursion_limit` is set.
    #[allow(clippy::should_implement_trait)] // It does, and this one is const.
    #[track_caller]
    pub const fn next(&mut self) -> Option<Visit<'a>> {
        if !self.begun {
            self.begun = true;
            return Some(self.enter(Visit::root(self.root)));
        }
        while self.depth > 0 {
            let Frame { visit, next } = self.stack[self.depth - 1];
            if let Some(inner) = visit.node.inner(next) {
                self.stack[self.depth - 1].next += 1;
                return Some(self.enter(inside(visit, inner, next)));
            }
            self.depth -= 1;
        }
        None
    }

    /// Skips the parts of the part that was returned last.
    ///
    /// ```
    /// use catena::{Kind, Node};
    ///
    /// const MODEL: Node = Node::leaf("gpt", Kind::Model);
    /// const CHAIN: Node = Node::Parallel(&[Node::Settled(&MODEL), MODEL]);
    /// let mut walk = CHAIN.walk();
    /// let mut depths = vec![];
    /// while let Some(visit) = walk.next() {
    ///     depths.push(visit.depth);
    ///     if matches!(visit.node, Node::Settled(_)) {
    ///         walk.skip_inside();
    ///     }
    /// }
    /// assert_eq!(depths, [0, 1, 1]);
    /// ```
    pub const fn skip_inside(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    #[track_caller]
    const fn enter(&mut self, visit: Visit<'a>) -> Visit<'a> {
        assert!(self.depth < WALK_DEPTH, "this chain is nested too deep to be walked through: 128 levels are the most");
        self.stack[self.depth] = Frame { visit, next: 0 };
        self.depth += 1;
        visit
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Visit<'a>;

    fn next(&mut self) -> Option<Visit<'a>> {
        Walk::next(self)
    }
}

/// A part as it is seen inside another.
const fn inside<'a>(outer: Visit<'a>, inner: Inner<'a>, at: usize) -> Visit<'a> {
    let (around, own_label) = match outer.node {
        Node::Sequence(_) => (outer.around, false),
        Node::Branch(_) => (outer.around.and(Around::Branch), false),
        Node::Parallel(_) => (outer.around.and(Around::Parallel), false),
        Node::Retry { attempts, .. } => (outer.around.tried(*attempts), true),
        Node::Timeout { .. } => (outer.around.and(Around::Timeout), true),
        Node::Settled(_) => (outer.around.and(Around::Settled), true),
        Node::Map(_) => (outer.around.and(Around::Map), true),
        Node::Spawned(_) => (outer.around.and(Around::Spawned), true),
        Node::Race(_) => (outer.around.and(Around::Race), at == 0),
        Node::Fallback(_) if at == 0 => (outer.around.and(Around::Fallback), true),
        Node::Fallback(_) => (outer.around.and(Around::Backup), false),
        _ => (outer.around, true),
    };
    // The word in the chain is that of what it modifies.
    let label = match outer.node {
        Node::Sequence(_) => inner.label,
        Node::Field { .. } | Node::Branch(_) => "",
        _ if own_label => outer.label,
        _ => "",
    };
    let inside = place(outer, inner, label);
    Visit { node: inner.node, depth: outer.depth + 1, label, around: around.at(inside) }
}

/// The innermost word around a part: of a field, an arm, a named chain, or of the step that it belongs to.
const fn place<'a>(outer: Visit<'a>, inner: Inner<'a>, label: &'static str) -> &'static str {
    let word = match outer.node {
        Node::Field { name, .. } | Node::Named { name, .. } => name,
        Node::Branch(_) => inner.label,
        _ if label.is_empty() || matches!(outer.node, Node::Sequence(_)) => outer.label,
        _ => "",
    };
    if word.is_empty() { outer.place() } else { word }
}
