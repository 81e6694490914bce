//! The verdict of a policy on a chain.

use crate::Visit;

/// The verdict of a policy on a chain.
///
/// ```
/// use catena::{Kind, Node, policy::Verdict};
///
/// const fn at_most_ten_steps(chain: &Node) -> Verdict {
///     if chain.steps() > 10 { Verdict::refused("it has more than ten steps") } else { Verdict::Allowed }
/// }
/// assert_eq!(at_most_ten_steps(&Node::leaf("one", Kind::Function)), Verdict::Allowed);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The chain is allowed.
    Allowed,
    /// The chain is refused.
    Refused(Refusal),
}

/// The reason that a chain is refused; created by [`Verdict::refused`] and [`Visit::refused`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub(super) step: Option<&'static str>,
    pub(super) inside: Option<&'static str>,
    pub(super) why: &'static str,
}

impl Verdict {
    /// Refuses the chain as a whole. The reason is the rest of the sentence after "`policy` refuses this chain: ".
    pub const fn refused(why: &'static str) -> Verdict {
        Verdict::Refused(Refusal { step: None, inside: None, why })
    }

    pub(crate) const fn refused_step(step: &'static str, why: &'static str) -> Verdict {
        Verdict::Refused(Refusal { step: Some(step), inside: None, why })
    }

    /// Returns `true` if it refuses the chain.
    pub const fn is_refused(&self) -> bool {
        matches!(self, Verdict::Refused(_))
    }

    /// Returns the [label](Visit::called) of the refused step, if it is a single one.
    pub const fn step(&self) -> Option<&'static str> {
        match self {
            Verdict::Refused(refusal) => refusal.step,
            Verdict::Allowed => None,
        }
    }
}

impl Visit<'_> {
    /// Refuses the chain because of this part. The reason is the rest of the sentence after its name: "is a model without a timeout".
    ///
    /// ```
    /// use catena::{Kind, Node, policy::Verdict};
    ///
    /// const fn any_tool(chain: &Node) -> Verdict {
    ///     let mut walk = chain.walk();
    ///     while let Some(visit) = walk.next() {
    ///         if visit.is(Kind::Tool) {
    ///             return visit.refused("is a tool, and this chain only reads");
    ///         }
    ///     }
    ///     Verdict::Allowed
    /// }
    /// const { assert!(any_tool(&Node::leaf("pay", Kind::Tool)).is_refused()) };
    /// ```
    pub const fn refused(&self, why: &'static str) -> Verdict {
        Verdict::Refused(Refusal { step: Some(self.called()), inside: self.inside(), why })
    }
}
