//! What paths of errors call a step.

use crate::{Error, Segment, Step};

/// What a path calls a step, by the rule of [`Step::name`]: its own name, else the token it is written as, else what it is.
pub(crate) fn name_of<'a, S: Step>(step: &'a S, label: &'static str) -> Option<&'a str> {
    match step.name() {
        Some(name) if !name.is_empty() => Some(name),
        _ if !label.is_empty() => Some(label),
        _ => S::NODE.what(),
    }
}

/// The error of a step, by that name, which is not copied where it is known of the step's type.
#[cold]
pub(crate) fn locate<S: Step>(error: Error, step: &S, label: &'static str) -> Error {
    let known = [S::NODE.name(), S::NODE.what(), Some(label)];
    match name_of(step, label) {
        Some(name) => match known.into_iter().flatten().find(|known| *known == name) {
            Some(known) => error.at(Segment::Step(known.into())),
            None => error.at(Segment::Step(name.to_owned().into())),
        },
        None => error,
    }
}
