//! The names of steps in the paths of errors.

use crate::{Error, Node, Segment, Step};

/// Returns the name of a step in a path, by the rule of [`Step::name`]: its own name, else the token it is written as, else what
/// it is.
pub(crate) fn name_of<'a, S: Step>(step: &'a S, label: &'static str) -> Option<&'a str> {
    Named::new(step, label).name()
}

/// Puts a step into the path of its error.
#[cold]
pub(crate) fn locate<S: Step>(error: Error, step: &S, label: &'static str) -> Error {
    Named::new(step, label).locate(error)
}

/// The names of a step, without its type: paths are compiled once.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    own: Option<&'a str>,
    label: &'static str,
    node: &'static Node,
}

impl<'a> Named<'a> {
    /// Creates it of a step that is written as `label`.
    pub(crate) fn new<S: Step>(step: &'a S, label: &'static str) -> Self {
        Named { own: step.name(), label, node: const { &S::NODE } }
    }

    pub(crate) fn name(self) -> Option<&'a str> {
        match self.own {
            Some(name) if !name.is_empty() => Some(name),
            _ if !self.label.is_empty() => Some(self.label),
            _ => self.node.what(),
        }
    }

    /// Puts the step into the path. The name is not copied if it is known of the step's type.
    pub(crate) fn locate(self, error: Error) -> Error {
        let Some(name) = self.name() else { return error };
        let known = [self.node.name(), self.node.what(), Some(self.label)];
        match known.into_iter().flatten().find(|known| *known == name) {
            Some(known) => error.at(Segment::Step(known.into())),
            None => error.at(Segment::Step(name.to_owned().into())),
        }
    }
}
