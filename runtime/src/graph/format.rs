//! The formats of drawings.

use crate::{Error, util::suggest::unknown};
use std::str::FromStr;

/// A format of the drawing of a [`Graph`](crate::Graph).
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
    /// Text: a railroad in characters, for terminals.
    Text,
    /// Mermaid: a flowchart, for Markdown.
    Mermaid,
    /// DOT, for Graphviz.
    Dot,
    /// SVG.
    Svg,
    /// JSON: nodes and edges.
    Json,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 5] = [Format::Text, Format::Mermaid, Format::Dot, Format::Svg, Format::Json];

    /// Returns the name, which `FromStr` reads.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Mermaid => "mermaid",
            Format::Dot => "dot",
            Format::Svg => "svg",
            Format::Json => "json",
        }
    }

    /// Returns the extension of its files.
    pub const fn extension(self) -> &'static str {
        match self {
            Format::Text => "txt",
            Format::Mermaid => "mmd",
            Format::Dot => "dot",
            Format::Svg => "svg",
            Format::Json => "json",
        }
    }

    /// Returns the format of files with this extension.
    pub fn of_extension(extension: &str) -> Option<Self> {
        Format::ALL.into_iter().find(|format| format.extension() == extension)
    }
}

impl FromStr for Format {
    type Err = Error;

    /// # Errors
    /// The error of an unknown name, with the nearest one or all names.
    fn from_str(name: &str) -> Result<Self, Error> {
        let known = Format::ALL.into_iter().find(|format| format.name() == name);
        known.ok_or_else(|| unknown("format", name, Format::ALL.iter().map(|format| format.name())))
    }
}
