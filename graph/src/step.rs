//! A single step: one box of the picture.

/// A single step of a chain.
///
/// ```
/// use catena_graph::{Extent, Kind, Step};
///
/// let step = Step::new("gpt", Kind::Model).detail("gpt-4o").link("fn.gpt.html").streams(Extent::Whole, Extent::Pieces);
/// assert_eq!(step.title(), "gpt");
/// assert_eq!(Step::new("", Kind::Closure).title(), "closure");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// What it is called; empty for closures and other anonymous steps.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What else is known of it, a line each: the model's name, a setting.
    pub details: Vec<String>,
    /// Where its box leads.
    pub link: Option<String>,
    /// The path of the item it is, for rustdoc to find the address of.
    pub item: Option<String>,
    /// How it takes its input.
    pub takes: Extent,
    /// How it gives its output.
    pub gives: Extent,
}

impl Step {
    /// A step that takes and gives whole values.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        let same = matches!(kind, Kind::Passthrough);
        let extent = if same { Extent::Same } else { Extent::Whole };
        Step { name: name.into(), kind, details: Vec::new(), link: None, item: None, takes: extent, gives: extent }
    }

    /// Adds a line under its name.
    pub fn detail(mut self, line: impl Into<String>) -> Self {
        self.details.push(line.into());
        self
    }

    /// Sets where its box leads.
    pub fn link(mut self, url: impl Into<String>) -> Self {
        self.link = Some(url.into());
        self
    }

    /// Sets the path of the item it is, as a doc comment would link to it; for [`Svg::markdown`](crate::Svg::markdown).
    pub fn item(mut self, path: impl Into<String>) -> Self {
        self.item = Some(path.into());
        self
    }

    /// Sets how much it takes and gives at a time.
    pub fn streams(self, takes: Extent, gives: Extent) -> Self {
        Step { takes, gives, ..self }
    }

    /// What its box says: its name, or what it is where it has none.
    pub fn title(&self) -> &str {
        if self.name.trim().is_empty() { self.kind.word() } else { &self.name }
    }
}

/// What a single step is.
///
/// ```
/// use catena_graph::Kind;
///
/// let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.word()).collect();
/// assert!(words.contains(&"model") && words.contains(&"boxed"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Not known: tokens of a chain do not say what an expression is.
    Unknown,
    /// A function.
    Function,
    /// From chunks to chunks.
    Generator,
    /// A closure written in a chain.
    Closure,
    /// A field or sub-record of the input.
    Pick,
    /// The input itself.
    Passthrough,
    /// Makes a model's input.
    Prompt,
    /// A language model.
    Model,
    /// Reads a model's output.
    Parser,
    /// Something a model may call.
    Tool,
    /// Finds documents.
    Retriever,
    /// Made when it runs.
    Lazy,
    /// Chooses what runs next.
    Router,
    /// Behind a pointer to something chosen at run time.
    Opaque,
}

impl Kind {
    /// All of them, in the order of their declaration.
    pub const ALL: [Kind; 14] = [
        Kind::Unknown,
        Kind::Function,
        Kind::Generator,
        Kind::Closure,
        Kind::Pick,
        Kind::Passthrough,
        Kind::Prompt,
        Kind::Model,
        Kind::Parser,
        Kind::Tool,
        Kind::Retriever,
        Kind::Lazy,
        Kind::Router,
        Kind::Opaque,
    ];

    /// The word for it, as the picture's captions have it.
    ///
    /// ```
    /// assert_eq!(catena_graph::Kind::Opaque.word(), "boxed");
    /// ```
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Unknown => "step",
            Kind::Function => "function",
            Kind::Generator => "generator",
            Kind::Closure => "closure",
            Kind::Pick => "pick",
            Kind::Passthrough => "passthrough",
            Kind::Prompt => "prompt",
            Kind::Model => "model",
            Kind::Parser => "parser",
            Kind::Tool => "tool",
            Kind::Retriever => "retriever",
            Kind::Lazy => "lazy",
            Kind::Router => "router",
            Kind::Opaque => "boxed",
        }
    }
}

/// How much of a value goes into a step, or comes out of it, at a time.
///
/// ```
/// use catena_graph::{Extent, Kind, Step};
///
/// let parser = Step::new("text", Kind::Parser).streams(Extent::Pieces, Extent::Same);
/// assert_eq!((parser.takes, parser.gives), (Extent::Pieces, Extent::Same));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Extent {
    /// All of it, in one.
    #[default]
    Whole,
    /// Pieces, as they come.
    Pieces,
    /// Of what is given: pieces where pieces are taken, all of it where that comes in one.
    Same,
}
