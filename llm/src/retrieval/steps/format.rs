use crate::retrieval::{Document, buffered::whole};
use catena::{
    __private::{Call, Started, ready},
    Context, Kind, Node, Result, Runnable, Running, Step,
};
use std::{fmt::Write, future::Future};

/// A step that formats documents as text for a prompt, numbered and with their sources, so that an answer can cite
/// them.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::retrieval::{Document, FormatDocuments};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let found = vec![
///     Document::new("Backups run at two.").with("source", "handbook/backups.txt"),
///     Document::new("Coffee is upstairs."),
/// ];
/// assert_eq!(
///     FormatDocuments.invoke(found).await?,
///     "[1] (handbook/backups.txt)\nBackups run at two.\n\n[2]\nCoffee is upstairs."
/// );
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct FormatDocuments;

impl FormatDocuments {
    /// Returns the text of these documents.
    pub fn text(documents: &[Document]) -> String {
        let mut text = String::new();
        for (at, document) in documents.iter().enumerate() {
            let gap = if at == 0 { "" } else { "\n\n" };
            // Writing to a string cannot fail.
            let _ = write!(text, "{gap}[{}]", at + 1);
            if let Some(source) = document.source() {
                let _ = write!(text, " ({source})");
            }
            let _ = write!(text, "\n{}", document.content().trim());
        }
        text
    }
}

impl Step for FormatDocuments {
    const NODE: Node = Node::leaf("format_documents", Kind::Function).idempotent();
}

impl Runnable<Vec<Document>> for FormatDocuments {
    type Output = String;
    whole!(Vec<Document>);

    fn input_json(&self, documents: &Vec<Document>) -> Option<serde_json::Value> {
        serde_json::to_value(documents).ok()
    }

    fn call_ref<'a>(
        &'a self,
        input: &'a Vec<Document>,
        cx: &'a Context,
    ) -> impl Future<Output = Result<String>> + Send {
        Running::call_ref(self, input, cx)
    }

    fn start<'a>(&'a self, input: Vec<Document>, _cx: &'a Context) -> Started<impl Call<'a, Self, String>, String> {
        ready(Ok(FormatDocuments::text(&input)))
    }

    fn start_ref<'a>(
        &'a self,
        input: &'a Vec<Document>,
        _cx: &'a Context,
    ) -> Started<impl Call<'a, Self, String>, String> {
        ready(Ok(FormatDocuments::text(input)))
    }
}
