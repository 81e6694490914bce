//! A chain with a title and the types at its ends.

use crate::{Field, Shape, Track};

/// A chain to be drawn.
///
/// ```
/// use catena_graph::{Diagram, Kind, Text, Track};
///
/// let chain = Track::sequence([Track::step("prompt", Kind::Prompt), Track::step("gpt", Kind::Model)]);
/// let diagram = Diagram::new("answer", chain).input("Question").output("Message");
/// assert_eq!(Text::new(80).draw(&diagram), "Question ─▶ prompt ─▶ gpt ─▶ Message\n");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagram {
    /// The title.
    pub title: String,
    /// The name of the input type.
    pub input: Option<String>,
    /// The name of the output type.
    pub output: Option<String>,
    /// The chain.
    pub root: Track,
}

impl Diagram {
    /// Creates the diagram of a chain.
    pub fn new(title: impl Into<String>, root: Track) -> Self {
        Diagram { title: title.into(), input: None, output: None, root }
    }

    /// Sets the name of the input type.
    pub fn input(mut self, name: impl Into<String>) -> Self {
        self.input = Some(name.into());
        self
    }

    /// Sets the name of the output type.
    pub fn output(mut self, name: impl Into<String>) -> Self {
        self.output = Some(name.into());
        self
    }

    /// Returns every part with its id, parents before their parts, in the order written.
    ///
    /// The chain itself is `0`. A part adds the name of its field, or its position, to the id of its parent. Names that occur
    /// twice in one map differ by `~2`, `~3`.
    ///
    /// ```
    /// use catena_graph::{Diagram, Field, Kind, Track};
    ///
    /// let models = Track::parallel([
    ///     Field::new("gpt", Track::step("gpt_4o", Kind::Model).retry(3)),
    ///     Field::new("claude", Track::step("sonnet", Kind::Model)),
    /// ]);
    /// let diagram = Diagram::new("ask", models);
    /// let ids: Vec<String> = diagram.tracks().into_iter().map(|(id, _)| id).collect();
    /// assert_eq!(ids, ["0", "0.gpt", "0.gpt.0", "0.claude"]);
    /// ```
    pub fn tracks(&self) -> Vec<(String, &Track)> {
        fn walk<'a>(id: String, track: &'a Track, all: &mut Vec<(String, &'a Track)>) {
            let ids = track.part_ids(&id);
            all.push((id, track));
            for (id, part) in ids.into_iter().zip(track.parts()) {
                walk(id, part, all);
            }
        }
        let mut all = Vec::new();
        walk("0".to_owned(), &self.root, &mut all);
        all
    }

    /// Returns the part with an id.
    pub fn find(&self, id: &str) -> Option<&Track> {
        self.tracks().into_iter().find(|(at, _)| at == id).map(|(_, track)| track)
    }

    /// Returns the part with an id, to set its outcome or details.
    ///
    /// ```
    /// use catena_graph::{Diagram, Kind, Outcome, Status, Track};
    ///
    /// let mut diagram = Diagram::new("shout", Track::sequence([Track::step("shout", Kind::Function)]));
    /// let Some(shout) = diagram.find_mut("0.0") else { panic!("it is there") };
    /// shout.outcome = Some(Outcome::new(Status::Ok).took("3 ms"));
    /// ```
    pub fn find_mut(&mut self, id: &str) -> Option<&mut Track> {
        let (mut at, mut track) = ("0".to_owned(), &mut self.root);
        while at != id {
            let inside =
                |part: &String| id == part || id.strip_prefix(part.as_str()).is_some_and(|rest| rest.starts_with('.'));
            let (next, name) = track.part_ids(&at).into_iter().enumerate().find(|(_, part)| inside(part))?;
            (at, track) = (name, track.parts_mut().into_iter().nth(next)?);
        }
        Some(track)
    }
}

impl Track {
    /// Returns the ids of its parts, given its own.
    ///
    /// ```
    /// use catena_graph::{Field, Kind, Track};
    ///
    /// let map = Track::parallel([Field::new("gpt", Track::step("gpt_4o", Kind::Model))]);
    /// assert_eq!(map.part_ids("0.1"), ["0.1.gpt"]);
    /// ```
    pub fn part_ids(&self, id: &str) -> Vec<String> {
        let Shape::Parallel(fields) = &self.shape else {
            return (0..self.parts().len()).map(|at| format!("{id}.{at}")).collect();
        };
        let mut ids: Vec<String> = Vec::with_capacity(fields.len());
        for field in fields {
            let Field::Filled { name, .. } = field else { continue };
            let plain: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
            let first = format!("{id}.{}", if plain.is_empty() { "_" } else { &plain });
            let mut unique = first.clone();
            let mut times = 1;
            while ids.contains(&unique) {
                times += 1;
                unique = format!("{first}~{times}");
            }
            ids.push(unique);
        }
        ids
    }

    /// Returns its parts, in the order written, to change them.
    ///
    /// ```
    /// use catena_graph::{Kind, Outcome, Status, Track};
    ///
    /// let mut chain = Track::sequence([Track::step("a", Kind::Function), Track::step("b", Kind::Function)]);
    /// for part in chain.parts_mut() {
    ///     part.outcome = Some(Outcome::new(Status::Skipped));
    /// }
    /// ```
    pub fn parts_mut(&mut self) -> Vec<&mut Track> {
        match &mut self.shape {
            Shape::Step(_) => Vec::new(),
            Shape::Sequence(tracks) | Shape::Fallback(tracks) | Shape::Race(tracks) => tracks.iter_mut().collect(),
            Shape::Parallel(fields) => fields
                .iter_mut()
                .filter_map(|field| match field {
                    Field::Filled { track, .. } => Some(&mut **track),
                    Field::Kept => None,
                })
                .collect(),
            Shape::Branch(arms) => arms.iter_mut().map(|arm| &mut arm.track).collect(),
            Shape::Retry { track, .. }
            | Shape::Timeout { track, .. }
            | Shape::Map(track)
            | Shape::Spawned(track)
            | Shape::Choice(track)
            | Shape::Configured { track, .. }
            | Shape::Named { track, .. } => vec![track],
        }
    }
}
