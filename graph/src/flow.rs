//! The flow of values: streamed or buffered.

use crate::{Extent, Field, Shape, Step, Track};

/// The flow of a value along a rail.
///
/// ```
/// use catena_graph::{Diagram, Extent, Flow, Kind, Network, Step, Track};
///
/// let model = Step::new("gpt", Kind::Model).streams(Extent::Whole, Extent::Pieces);
/// let chain = Track::sequence([model.into(), Track::step("log", Kind::Function)]);
/// let flows: Vec<Flow> = Network::of(&Diagram::new("", chain)).edges.iter().map(|edge| edge.flow).collect();
/// assert_eq!(flows, [Flow::Whole, Flow::Gathered, Flow::Whole]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flow {
    /// Whole.
    #[default]
    Whole,
    /// In chunks, which are taken as they arrive.
    Pieces,
    /// In chunks, which the next step buffers: the stream is held up.
    Gathered,
}

impl Step {
    /// Returns the flow into it.
    fn entry(&self, pieces: bool) -> Flow {
        match (pieces, self.takes) {
            (false, _) => Flow::Whole,
            (true, Extent::Whole) => Flow::Gathered,
            (true, _) => Flow::Pieces,
        }
    }

    /// Returns `true` if it yields chunks.
    fn exit(&self, pieces: bool) -> bool {
        match self.gives {
            Extent::Whole => false,
            Extent::Pieces => true,
            Extent::Same => pieces && self.takes != Extent::Whole,
        }
    }
}

impl Track {
    /// Returns the flow into a part, given whether the value is in chunks. A step with a buffered input holds the stream up, and so
    /// does a modifier that needs the input more than once or later.
    pub(crate) fn entry(&self, pieces: bool) -> Flow {
        if !pieces {
            return Flow::Whole;
        }
        match &self.shape {
            Shape::Step(step) => step.entry(true),
            Shape::Sequence(tracks) => tracks.first().map_or(Flow::Pieces, |first| first.entry(true)),
            // Every field has a rail of its own.
            Shape::Parallel(_) => Flow::Pieces,
            Shape::Configured { track, .. } | Shape::Named { track, .. } => track.entry(true),
            _ => Flow::Gathered,
        }
    }

    /// Returns `true` if the output is in chunks, given whether the input is.
    pub(crate) fn exit(&self, pieces: bool) -> bool {
        match &self.shape {
            Shape::Step(step) => step.exit(pieces),
            Shape::Sequence(tracks) => tracks.iter().fold(pieces, |pieces, track| track.exit(pieces)),
            Shape::Parallel(fields) => fields.iter().any(|field| match field {
                Field::Filled { track, .. } => track.exit(pieces),
                Field::Kept => false,
            }),
            Shape::Configured { track, .. } | Shape::Named { track, .. } => track.exit(pieces),
            Shape::Retry { track, .. } | Shape::Timeout { track, .. } | Shape::Spawned(track) => track.exit(false),
            Shape::Fallback(tracks) | Shape::Race(tracks) => tracks.first().is_some_and(|first| first.exit(false)),
            Shape::Branch(arms) => arms.first().is_some_and(|arm| arm.track.exit(false)),
            Shape::Map(_) => true,
            Shape::Choice(_) => false,
        }
    }

    /// Returns `true` if the inner part gets chunks if the outer one does.
    pub(crate) fn passes_pieces(&self) -> bool {
        matches!(
            self.shape,
            Shape::Step(_) | Shape::Sequence(_) | Shape::Parallel(_) | Shape::Configured { .. } | Shape::Named { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Flow;
    use crate::{Extent, Kind, Step, Track};

    #[test]
    fn streams_stop_where_all_is_taken() {
        let model: Track = Step::new("m", Kind::Model).streams(Extent::Whole, Extent::Pieces).into();
        let parser: Track = Step::new("p", Kind::Parser).streams(Extent::Pieces, Extent::Same).into();
        let function = Track::step("f", Kind::Function);
        assert!(model.exit(false));
        assert_eq!(parser.entry(true), Flow::Pieces);
        assert_eq!(function.entry(true), Flow::Gathered);
        assert_eq!(parser.clone().retry(2).entry(true), Flow::Gathered);
        assert!(Track::sequence([model, parser]).exit(false));
        assert!(function.for_each().exit(false));
    }
}
