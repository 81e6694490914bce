//! A stretch of the railroad: a step, or steps put together.

use crate::{Kind, Outcome, Step};

/// A part of a chain: a step, or parts put together, with what is known of what comes out of it.
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
    /// What it is made of.
    pub shape: Shape,
    /// The name of the type that comes out, shown on the rail after it.
    pub output: Option<String>,
    /// What became of it in a run.
    pub outcome: Option<Outcome>,
}

/// How a part of a chain is put together. Most are made by [`Track`]'s functions; a delay between attempts, say, is written here.
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
    /// One after another.
    Sequence(Vec<Track>),
    /// At once, over the same input.
    Parallel(Vec<Field>),
    /// One of several, by pattern.
    Branch(Vec<Arm>),
    /// Tried again on failure.
    Retry {
        /// How often at most, where that is known.
        attempts: Option<u32>,
        /// What else is known: the delay, which errors.
        note: Option<String>,
        /// What is tried.
        track: Box<Track>,
    },
    /// Limited in time.
    Timeout {
        /// The limit, as it is to be read; empty where it is not known.
        limit: String,
        /// What is limited.
        track: Box<Track>,
    },
    /// In order, until one succeeds.
    Fallback(Vec<Track>),
    /// At once; the first success wins.
    Race(Vec<Track>),
    /// Once for each item of a list.
    Map(Box<Track>),
    /// In a task of its own.
    Spawned(Box<Track>),
    /// Its output is a step, which runs next.
    Choice(Box<Track>),
    /// With its own configuration.
    Configured {
        /// What is set; empty where it is not known.
        note: String,
        /// What it is set for.
        track: Box<Track>,
    },
    /// Under a name.
    Named {
        /// The name.
        name: String,
        /// What passes over it.
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
        /// Its name.
        name: String,
        /// Whether its failure is a value and does not stop the others (`name?`).
        settled: bool,
        /// What fills it.
        track: Box<Track>,
    },
    /// The fields already there (`..`).
    Kept,
}

impl Field {
    /// A field and what fills it.
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

    /// Its name as the chain writes it: `gpt`, `gemini?`, `..`.
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
    /// Where it leads.
    pub track: Track,
}

impl Arm {
    /// An arm.
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

/// Single steps and parts put together.
impl Track {
    /// A single step; [`Step`] has the details, and is made a track by `.into()`.
    pub fn step(name: impl Into<String>, kind: Kind) -> Self {
        Step::new(name, kind).into()
    }

    /// Something chosen at run time, of which nothing is known.
    pub fn opaque() -> Self {
        Track::step("", Kind::Opaque)
    }

    /// One after another.
    pub fn sequence(tracks: impl IntoIterator<Item = Track>) -> Self {
        Shape::Sequence(tracks.into_iter().collect()).into()
    }

    /// At once, over the same input.
    pub fn parallel(fields: impl IntoIterator<Item = Field>) -> Self {
        Shape::Parallel(fields.into_iter().collect()).into()
    }

    /// One of several, by pattern.
    pub fn branch(arms: impl IntoIterator<Item = Arm>) -> Self {
        Shape::Branch(arms.into_iter().collect()).into()
    }

    /// In order, until one succeeds.
    pub fn fallback(tracks: impl IntoIterator<Item = Track>) -> Self {
        Shape::Fallback(tracks.into_iter().collect()).into()
    }

    /// At once; the first success wins.
    pub fn race(tracks: impl IntoIterator<Item = Track>) -> Self {
        Shape::Race(tracks.into_iter().collect()).into()
    }
}

/// What is put around a part, and what is known of it.
impl Track {
    /// Tried again on failure, so often at most.
    pub fn retry(self, attempts: u32) -> Self {
        Shape::Retry { attempts: Some(attempts), note: None, track: Box::new(self) }.into()
    }

    /// Limited in time.
    pub fn timeout(self, limit: impl Into<String>) -> Self {
        Shape::Timeout { limit: limit.into(), track: Box::new(self) }.into()
    }

    /// Once for each item of a list.
    pub fn for_each(self) -> Self {
        Shape::Map(Box::new(self)).into()
    }

    /// In a task of its own.
    pub fn spawned(self) -> Self {
        Shape::Spawned(Box::new(self)).into()
    }

    /// Its output is a step, which runs next.
    pub fn choice(self) -> Self {
        Shape::Choice(Box::new(self)).into()
    }

    /// With its own configuration.
    pub fn configured(self, note: impl Into<String>) -> Self {
        Shape::Configured { note: note.into(), track: Box::new(self) }.into()
    }

    /// Under a name.
    pub fn named(self, name: impl Into<String>) -> Self {
        Shape::Named { name: name.into(), track: Box::new(self) }.into()
    }

    /// Sets the name of the type that comes out.
    pub fn gives(mut self, output: impl Into<String>) -> Self {
        self.output = Some(output.into());
        self
    }

    /// Sets what became of it.
    pub fn ended(mut self, outcome: Outcome) -> Self {
        self.outcome = Some(outcome);
        self
    }

    /// The parts it is made of, in the order written.
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

    /// The number of single steps.
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
