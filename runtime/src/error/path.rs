use super::Error;
use std::{borrow::Cow, fmt};

/// One part of the path of a step inside a chain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Segment {
    /// A step, by the name it was given or the token it is written as: `sonnet`.
    Step(Cow<'static, str>),
    /// A field of a parallel map: `<claude>`.
    Field(Cow<'static, str>),
    /// An item of a mapped list: `[3]`.
    Index(usize),
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Segment::Step(name) => f.write_str(name),
            Segment::Field(name) => write!(f, "<{name}>"),
            Segment::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// The path of an error, innermost first. Most errors are of one step, which takes no allocation.
#[derive(Clone, Default)]
pub(super) struct Path {
    first: Option<Segment>,
    rest: Vec<Segment>,
}

impl Path {
    pub(super) fn push(&mut self, segment: Segment) {
        match &self.first {
            None => self.first = Some(segment),
            Some(_) => self.rest.push(segment),
        }
    }

    pub(super) fn replace_last(&mut self, segment: Segment) {
        match self.rest.last_mut() {
            Some(last) => *last = segment,
            None => self.first = Some(segment),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Outermost first.
    pub(super) fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.rest.iter().rev().chain(&self.first)
    }
}

pub(super) fn render<'a>(segments: impl Iterator<Item = &'a Segment>) -> String {
    let mut path = String::new();
    for segment in segments {
        if !path.is_empty() && !matches!(segment, Segment::Index(_)) {
            path.push('.');
        }
        path.push_str(&segment.to_string());
    }
    path
}

/// The places of a sequence, for errors.
pub trait Locate: Sync {
    /// The error of the step at this place, with the place in its path.
    fn located(&self, error: Error, at: usize) -> Error;
}

/// The error of a step, by its name if it has one.
#[cold]
pub(crate) fn locate(error: Error, name: Option<&str>) -> Error {
    match name {
        Some(name) => error.at(Segment::Step(name.to_owned().into())),
        None => error,
    }
}
