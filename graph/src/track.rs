//! A part of a chain: a step, or several parts.

use crate::{Kind, Outcome, Step};

/// A part of a chain: a step, or several parts, with the type of its output and its outcome in a run.
///
/// ```
/// use catena_graph::{Field, Kind, Track};
///
/// let track = Track::sequence([
///     Track::step("prompt", Kind::Prompt).gives("Vec<Message>"),
///     Track::parallel([
///         Field::new("gpt", Track::step("gpt_4o", Kind::Model).retry(3).timeout("20 s")),
///         Field::new("gemini", Track::step("flash", Kind::Model)).settled(),
///     ]),
///     Track::step("merge", Kind::Function),
/// ]);
/// assert_eq!(track.steps(), 4);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Track {
    /// The shape, with its parts.
    pub shape: Shape,
    /// The name of the output type, shown on the rail after it.
    pub output: Option<String>,
    /// The outcome in a run.
    pub outcome: Option<Outcome>,
}

/// The shape of a part of a chain. [`Track`]'s functions create most shapes, but not with all details, such as the delay of a retry.
///
/// ```
/// use catena_graph::{Kind, Shape, Track};
///
/// let model = Box::new(Track::step("gpt", Kind::Model));
/// let retried = Track::from(Shape::Retry { attempts: None, note: Some("100 ms, doubled".into()), track: model });
/// assert_eq!(retried.parts().len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// A single step.
    Step(Step),
    /// A sequence.
    Sequence(Vec<Track>),
    /// A parallel map.
    Parallel(Vec<Field>),
    /// A branch.
    Branch(Vec<Arm>),
    /// A retry.
    Retry {
        /// The maximum number of attempts, if it is known.
        attempts: Option<u32>,
        /// Further details: the delay, the errors that are retried.
        note: Option<String>,
        /// The part that is retried.
        track: Box<Track>,
    },
    /// A timeout.
    Timeout {
        /// The limit as text; empty if it is not known.
        limit: String,
        /// The part that is limited.
        track: Box<Track>,
    },
    /// A fallback: parts in order, until one succeeds.
    Fallback(Vec<Track>),
    /// A race: the first success wins.
    Race(Vec<Track>),
    /// A map over a list.
    Map(Box<Track>),
    /// A spawned task.
    Spawned(Box<Track>),
    /// A part whose output is a step, which runs next.
    Choice(Box<Track>),
    /// A part with its own configuration.
    Configured {
        /// The settings as text; empty if they are not known.
        note: String,
        /// The part with these settings.
        track: Box<Track>,
    },
    /// A part with a name.
    Named {
        /// The name.
        name: String,
        /// The part with this name.
        track: Box<Track>,
    },
}

/// A field of a parallel map.
///
/// ```
/// use catena_graph::{Field, Kind, Track};
///
/// assert_eq!(Field::new("gemini", Track::step("flash", Kind::Model)).settled().label(), "gemini?");
/// assert_eq!(Field::Kept.label(), "..");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Field {
    /// A field that a part of the chain fills.
    Filled {
        /// The name.
        name: String,
        /// `true` if its failure is a value and does not stop the others (`name?`).
        settled: bool,
        /// The part that fills it.
        track: Box<Track>,
    },
    /// The fields already there (`..`).
    Kept,
}

impl Field {
    /// Creates a field from its name and the part that fills it.
    pub fn new(name: impl Into<String>, track: Track) -> Self {
        Field::Filled { name: name.into(), settled: false, track: Box::new(track) }
    }

    /// Makes its failure a value.
    pub fn settled(self) -> Self {
        match self {
            Field::Filled { name, track, .. } => Field::Filled { name, settled: true, track },
            Field::Kept => Field::Kept,
        }
    }

    /// Returns its name as written in the chain: `gpt`, `gemini?`, `..`.
    pub fn label(&self) -> String {
        match self {
            Field::Filled { name, settled: true, .. } => format!("{name}?"),
            Field::Filled { name, .. } => name.clone(),
            Field::Kept => "..".to_owned(),
        }
    }
}

/// An arm of a branch.
///
/// ```
/// use catena_graph::{Arm, Diagram, Kind, Text, Track};
///
/// let arms = [
///     Arm::new("Route::Math(x)", Track::step("o3", Kind::Model)),
///     Arm::new("_", Track::step("", Kind::Passthrough)),
/// ];
/// assert_eq!(
///     Text::new(80).draw(&Diagram::new("route", Track::branch(arms))),
///     "\
/// ○ ─▶ match ┬─ Route::Math(x) ─▶ o3 ──────────┬─▶ ◉
///            └─ _ ──────────────▶ passthrough ─┘
/// "
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arm {
    /// The pattern and guard, as written.
    pub pattern: String,
    /// The part that runs.
    pub track: Track,
}

impl Arm {
    /// Creates an arm.
    pub fn new(pattern: impl Into<String>, track: Track) -> Self {
        Arm { pattern: pattern.into(), track }
    }
}

impl From<Step> for Track {
    fn from(step: Step) -> Self {
        Shape::Step(step).into()
    }
}

impl From<Shape> for Track {
    fn from(shape: Shape) -> Self {
        Track { shape, output: None, outcome: None }
    }
}

/// Constructors of tracks.
impl Track {
    /// Creates a single step. For further details, create a [`Step`] and convert it by `.into()`.
    pub fn step(name: impl Into<String>, kind: Kind) -> Self {
        Step::new(name, kind).into()
    }

    /// Creates a part that is chosen at run time, and is not known.
    pub fn opaque() -> Self {
        Track::step("", Kind::Opaque)
    }

    /// Creates a sequence.
    pub fn sequence(tracks: impl IntoIterator<Item = Track>) -> Self {
        Shape::Sequence(tracks.into_iter().collect()).into()
    }

    /// Creates a parallel map.
    pub fn parallel(fields: impl IntoIterator<Item = Field>) -> Self {
        Shape::Parallel(fields.into_iter().collect()).into()
    }

    /// Creates a branch.
    pub fn branch(arms: impl IntoIterator<Item = Arm>) -> Self {
        Shape::Branch(arms.into_iter().collect()).into()
    }

    /// Creates a fallback.
    pub fn fallback(tracks: impl IntoIterator<Item = Track>) -> Self {
        Shape::Fallback(tracks.into_iter().collect()).into()
    }

    /// Creates a race.
    pub fn race(tracks: impl IntoIterator<Item = Track>) -> Self {
        Shape::Race(tracks.into_iter().collect()).into()
    }
}

/// Modifiers and properties of tracks.
impl Track {
    /// Adds a retry, with the maximum number of attempts.
    pub fn retry(self, attempts: u32) -> Self {
        Shape::Retry { attempts: Some(attempts), note: None, track: Box::new(self) }.into()
    }

    /// Adds a timeout.
    pub fn timeout(self, limit: impl Into<String>) -> Self {
        Shape::Timeout { limit: limit.into(), track: Box::new(self) }.into()
    }

    /// Adds a map over a list.
    pub fn for_each(self) -> Self {
        Shape::Map(Box::new(self)).into()
    }

    /// Adds a spawned task.
    pub fn spawned(self) -> Self {
        Shape::Spawned(Box::new(self)).into()
    }

    /// Adds a choice: the output is a step, which runs next.
    pub fn choice(self) -> Self {
        Shape::Choice(Box::new(self)).into()
    }

    /// Adds a configuration.
    pub fn configured(self, note: impl Into<String>) -> Self {
        Shape::Configured { note: note.into(), track: Box::new(self) }.into()
    }

    /// Adds a name.
    pub fn named(self, name: impl Into<String>) -> Self {
        Shape::Named { name: name.into(), track: Box::new(self) }.into()
    }

    /// Sets the name of the output type.
    pub fn gives(mut self, output: impl Into<String>) -> Self {
        self.output = Some(output.into());
        self
    }

    /// Sets the outcome in a run.
    pub fn ended(mut self, outcome: Outcome) -> Self {
        self.outcome = Some(outcome);
        self
    }

    /// Returns its parts, in the order written.
    pub fn parts(&self) -> Vec<&Track> {
        match &self.shape {
            Shape::Step(_) => Vec::new(),
            Shape::Sequence(tracks) | Shape::Fallback(tracks) | Shape::Race(tracks) => tracks.iter().collect(),
            Shape::Parallel(fields) => fields
                .iter()
                .filter_map(|field| match field {
                    Field::Filled { track, .. } => Some(&**track),
                    Field::Kept => None,
                })
                .collect(),
            Shape::Branch(arms) => arms.iter().map(|arm| &arm.track).collect(),
            Shape::Retry { track, .. }
            | Shape::Timeout { track, .. }
            | Shape::Map(track)
            | Shape::Spawned(track)
            | Shape::Choice(track)
            | Shape::Configured { track, .. }
            | Shape::Named { track, .. } => vec![track],
        }
    }

    /// Returns the number of single steps.
    ///
    /// ```
    /// use catena_graph::{Kind, Track};
    ///
    /// let step = || Track::step("a", Kind::Function);
    /// assert_eq!(Track::race([step(), step().retry(2)]).for_each().steps(), 2);
    /// ```
    pub fn steps(&self) -> usize {
        match &self.shape {
            Shape::Step(_) => 1,
            _ => self.parts().into_iter().map(Track::steps).sum(),
        }
    }
}
