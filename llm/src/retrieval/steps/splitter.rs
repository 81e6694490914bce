use crate::retrieval::{Document, buffered::whole};
use catena::{
    __private::{Call, Started, ready},
    Context, Details, Error, ErrorKind, Kind, Node, Result, Runnable, Step, Types,
};
use std::{fmt, sync::Arc};
use text_splitter::{ChunkConfig, ChunkSizer, MarkdownSplitter, TextSplitter};

/// A step that cuts documents into chunks of limited size. It cuts at boundaries of the text: between paragraphs, else
/// sentences, else words. Its input is a [`Document`] or several, its output is a `Vec<Document>`.
///
/// Each chunk has the metadata of its document, with its position in bytes as `start` and `end`. If the document has an
/// id, the chunk with index `n` (from 0) has the id `id#n`, and the metadata `document` with the id.
///
/// Splitting blocks for a time proportional to the text. Split a text of many megabytes on [another
/// thread](catena::StepExt::spawned).
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::retrieval::{Document, Splitter};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let text = Document::new("One sentence. And another one.").with_id("a");
/// let pieces = Splitter::text(16).invoke(text).await?;
/// assert_eq!(pieces.iter().map(Document::content).collect::<Vec<_>>(), ["One sentence.", "And another one."]);
/// assert_eq!((pieces[1].id(), pieces[1].get("start")), (Some("a#1"), Some(&14.into())));
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Splitter {
    along: Along,
    size: usize,
    overlap: usize,
    measure: Measure,
}

#[derive(Clone, Copy, Debug)]
enum Along {
    Text,
    Markdown,
}

#[derive(Clone)]
enum Measure {
    Characters,
    Custom(Arc<dyn Fn(&str) -> usize + Send + Sync>),
}

impl ChunkSizer for Measure {
    fn size(&self, chunk: &str) -> usize {
        match self {
            Measure::Characters => chunk.chars().count(),
            Measure::Custom(count) => count(chunk),
        }
    }
}

impl Splitter {
    /// Creates a splitter of plain text, into chunks of at most `size` characters.
    pub fn text(size: usize) -> Self {
        Splitter { along: Along::Text, size, overlap: 0, measure: Measure::Characters }
    }

    /// Creates a splitter of Markdown, into chunks of at most `size` characters. It prefers to cut at headings, blocks
    /// and items.
    pub fn markdown(size: usize) -> Self {
        Splitter { along: Along::Markdown, ..Splitter::text(size) }
    }

    /// Sets the maximum overlap of a chunk with the preceding one.
    pub fn overlap(mut self, overlap: usize) -> Self {
        self.overlap = overlap;
        self
    }

    /// Sets the measure of size, which replaces characters: for example, the tokens of a model.
    pub fn measured_by(mut self, count: impl Fn(&str) -> usize + Send + Sync + 'static) -> Self {
        self.measure = Measure::Custom(Arc::new(count));
        self
    }

    /// Returns the chunks of a document.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] if the size is 0, or not larger than the overlap.
    pub fn split(&self, document: &Document) -> Result<Vec<Document>> {
        let wrong = |message: String| Error::new(ErrorKind::BadInput, message);
        if self.size == 0 {
            return Err(wrong("the size of the chunks is 0: it has to be at least 1".to_owned()));
        }
        let config = ChunkConfig::new(self.size).with_sizer(self.measure.clone()).with_overlap(self.overlap);
        let config = config.map_err(|error| {
            wrong(format!("chunks of {} cannot overlap by {}", self.size, self.overlap)).with_source(error)
        })?;
        let text = document.content();
        let piece = |(at, (start, content)): (usize, (usize, &str))| piece(document, at, start, content);
        Ok(match self.along {
            Along::Text => TextSplitter::new(config).chunk_indices(text).enumerate().map(piece).collect(),
            Along::Markdown => MarkdownSplitter::new(config).chunk_indices(text).enumerate().map(piece).collect(),
        })
    }
}

fn piece(document: &Document, at: usize, start: usize, content: &str) -> Document {
    let mut piece = Document::from_parts(None, content.to_owned(), document.metadata().clone())
        .with("start", start)
        .with("end", start + content.len());
    if let Some(id) = document.id() {
        piece = piece.with("document", id).with_id(format!("{id}#{at}"));
    }
    piece
}

impl fmt::Debug for Splitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Splitter")
            .field("along", &self.along)
            .field("size", &self.size)
            .field("overlap", &self.overlap)
            .finish_non_exhaustive()
    }
}

impl Step for Splitter {
    const NODE: Node = Node::leaf("split", Kind::Function).idempotent();

    fn details(&self, details: &mut Details) {
        details.set("chunk_size", self.size);
        details.set("chunk_overlap", self.overlap);
        details.class(match self.along {
            Along::Text => ["langchain", "text_splitter", "RecursiveCharacterTextSplitter"],
            Along::Markdown => ["langchain", "text_splitter", "MarkdownTextSplitter"],
        });
    }
}

fn types(types: &mut Types) {
    types.serialize::<Vec<Document>>();
    types.clone::<Vec<Document>>();
}

impl Runnable<Document> for Splitter {
    type Output = Vec<Document>;
    whole!(Document);

    fn types(&self, all: &mut Types) {
        types(all);
    }

    fn input_json(&self, document: &Document) -> Option<serde_json::Value> {
        serde_json::to_value(document).ok()
    }

    fn start<'a>(
        &'a self,
        document: Document,
        _cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Vec<Document>>, Vec<Document>> {
        ready(self.split(&document))
    }
}

impl Runnable<Vec<Document>> for Splitter {
    type Output = Vec<Document>;
    whole!(Vec<Document>);

    fn types(&self, all: &mut Types) {
        types(all);
    }

    fn input_json(&self, documents: &Vec<Document>) -> Option<serde_json::Value> {
        serde_json::to_value(documents).ok()
    }

    fn start<'a>(
        &'a self,
        documents: Vec<Document>,
        _cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Vec<Document>>, Vec<Document>> {
        let pieces = documents.iter().map(|document| self.split(document)).collect::<Result<Vec<_>>>();
        ready(pieces.map(|pieces| pieces.into_iter().flatten().collect()))
    }
}
