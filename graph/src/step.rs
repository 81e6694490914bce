//! A single step, which is one box of the picture.

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
    /// The name; empty for closures and other anonymous steps.
    pub name: String,
    /// The kind.
    pub kind: Kind,
    /// Further details, a line each: the name of the model, a setting.
    pub details: Vec<String>,
    /// The address of its link.
    pub link: Option<String>,
    /// The path of its item, whose address rustdoc finds.
    pub item: Option<String>,
    /// The extent of its input.
    pub takes: Extent,
    /// The extent of its output.
    pub gives: Extent,
}

impl Step {
    /// Creates a step with a buffered input and output.
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

    /// Sets the address of its link.
    pub fn link(mut self, url: impl Into<String>) -> Self {
        self.link = Some(url.into());
        self
    }

    /// Sets the path of its item, as in a link of a doc comment; for [`Svg::markdown`](crate::Svg::markdown).
    pub fn item(mut self, path: impl Into<String>) -> Self {
        self.item = Some(path.into());
        self
    }

    /// Sets the extents of its input and output.
    pub fn streams(self, takes: Extent, gives: Extent) -> Self {
        Step { takes, gives, ..self }
    }

    /// Returns the title of its box: its name, or else its kind.
    pub fn title(&self) -> &str {
        if self.name.trim().is_empty() { self.kind.word() } else { &self.name }
    }
}

/// The kind of a single step.
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
    /// An unknown kind: the tokens of a chain do not have the kind of an expression.
    Unknown,
    /// A function.
    Function,
    /// A generator, from chunks to chunks.
    Generator,
    /// A closure in a chain.
    Closure,
    /// A pick: a field or sub-record of the input.
    Pick,
    /// A passthrough: the input itself.
    Passthrough,
    /// A prompt, which creates the input of a model.
    Prompt,
    /// A language model.
    Model,
    /// A parser, which reads the output of a model.
    Parser,
    /// A tool, which a model may call.
    Tool,
    /// A retriever, which finds documents.
    Retriever,
    /// A lazy step, which is built when it runs.
    Lazy,
    /// A router, which chooses the next step.
    Router,
    /// A boxed step, chosen at run time.
    Opaque,
}

impl Kind {
    /// All kinds, in the order of their declaration.
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

    /// Returns the word for it in the captions of the picture.
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

/// The extent of a step's input or output: buffered, or in chunks.
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
    /// Buffered: the whole value.
    #[default]
    Whole,
    /// Chunks, as they arrive.
    Pieces,
    /// The extent of the step before: chunks if it yields chunks, otherwise the whole value.
    Same,
}
