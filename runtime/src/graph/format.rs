//! The formats that a graph is drawn in.

use crate::{Error, util::suggest::unknown};
use std::str::FromStr;

/// A format that a [`Graph`](crate::Graph) is drawn in.
///
/// ```
/// use catena::Format;
///
/// assert_eq!("mermaid".parse::<Format>()?, Format::Mermaid);
/// assert_eq!(Format::of_extension("mmd"), Some(Format::Mermaid));
/// assert_eq!("mermade".parse::<Format>().unwrap_err().message(), "there is no format `mermade`: did you mean `mermaid`?");
/// # Ok::<(), catena::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// A railroad in characters, for terminals.
    Text,
    /// A flowchart, for Markdown.
    Mermaid,
    /// For Graphviz.
    Dot,
    /// A picture.
    Svg,
    /// Nodes and edges.
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 5] = [Format::Text, Format::Mermaid, Format::Dot, Format::Svg, Format::Json];

    /// Its name, by which it is read.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Mermaid => "mermaid",
            Format::Dot => "dot",
            Format::Svg => "svg",
            Format::Json => "json",
        }
    }

    /// What the names of its files end with.
    pub const fn extension(self) -> &'static str {
        match self {
            Format::Text => "txt",
            Format::Mermaid => "mmd",
            Format::Dot => "dot",
            Format::Svg => "svg",
            Format::Json => "json",
        }
    }

    /// The one whose files end with this.
    pub fn of_extension(extension: &str) -> Option<Self> {
        Format::ALL.into_iter().find(|format| format.extension() == extension)
    }
}

impl FromStr for Format {
    type Err = Error;

    /// # Errors
    /// For a name that is none, which says what is meant or what there is.
    fn from_str(name: &str) -> Result<Self, Error> {
        let known = Format::ALL.into_iter().find(|format| format.name() == name);
        known.ok_or_else(|| unknown("format", name, Format::ALL.iter().map(|format| format.name())))
    }
}
