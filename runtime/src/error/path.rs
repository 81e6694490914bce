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
