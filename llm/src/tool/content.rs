use crate::{File, Image, Part};

/// The output of a tool: a text for the model, with images and files if there are any.
///
/// A tool that returns any other type gives a text. The providers that take images and files in the results of tools
/// are those of [`File`]; with others the next request fails before it is sent.
///
/// ```
/// use catena_llm::{Image, ToolContent, tool};
///
/// /// A picture of the page.
/// #[tool]
/// fn screenshot() -> ToolContent {
///     ToolContent::new("The page at 800 x 600.").with_image(Image::bytes("image/png", *b"\x89PNG"))
/// }
/// assert_eq!(screenshot::function().parts().len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolContent {
    pub(crate) text: String,
    pub(crate) parts: Vec<Part>,
}

// Not `Serialize`, because all types that are serialized are given to the model as text.
impl ToolContent {
    /// Creates an output that consists of text. The text may be empty if there is an image or a file.
    pub fn new(text: impl Into<String>) -> Self {
        ToolContent { text: text.into(), parts: Vec::new() }
    }

    /// Adds an image.
    pub fn with_image(mut self, image: Image) -> Self {
        self.parts.push(Part::Image(image));
        self
    }

    /// Adds a file.
    pub fn with_file(mut self, file: File) -> Self {
        self.parts.push(Part::File(file));
        self
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the images and files.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }
}

impl From<String> for ToolContent {
    fn from(text: String) -> Self {
        ToolContent::new(text)
    }
}

impl From<&str> for ToolContent {
    fn from(text: &str) -> Self {
        ToolContent::new(text)
    }
}
