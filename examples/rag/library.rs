//! The texts of a folder, cut into passages and indexed.

use catena::{Error, ErrorKind, Result};
use catena_llm::{
    EmbeddingModel,
    retrieval::{Bm25, Document, Splitter, VectorStore},
};
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

/// The longest passage, in characters.
const PASSAGE: usize = 800;

/// The index of words and that of vectors, with all passages in both.
pub(crate) async fn index(
    folder: &Path,
    file: Option<&Path>,
    embeddings: EmbeddingModel,
) -> Result<(Bm25, VectorStore<EmbeddingModel>)> {
    let (words, vectors) = match file {
        Some(file) => (Bm25::open(file).await?, VectorStore::open(file, embeddings).await?),
        None => (Bm25::in_memory()?, VectorStore::in_memory(embeddings)?),
    };
    // Vectors cost money: those of passages that have not changed are not made again, for a changed text has other ids.
    let passages = passages(folder)?;
    let known: HashSet<String> = vectors.ids().await?.into_iter().collect();
    let current: HashSet<&str> = passages.iter().filter_map(Document::id).collect();
    let gone: Vec<&String> = known.iter().filter(|id| !current.contains(id.as_str())).collect();
    let new = passages.iter().filter(|passage| passage.id().is_none_or(|id| !known.contains(id))).cloned();
    let new: Vec<Document> = new.collect();
    words.remove(gone.iter().copied()).await?;
    words.add(new.clone()).await?;
    // Last, for it is by these that the next run sees what there is.
    vectors.remove(gone).await?;
    vectors.add(new).await?;
    Ok((words, vectors))
}

fn passages(folder: &Path) -> Result<Vec<Document>> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    if files.is_empty() {
        return Err(Error::new(ErrorKind::BadInput, format!("there are no .txt or .md files in {}", folder.display())));
    }
    let mut passages = Vec::new();
    for file in files {
        let source = file.strip_prefix(folder).unwrap_or(&file).display().to_string();
        let text = fs::read_to_string(&file).map_err(|error| reading(&file, error))?;
        let id = format!("{source}:{:x}", fingerprint(&text));
        let is_markdown = file.extension().is_some_and(|extension| extension == "md");
        let splitter = if is_markdown { Splitter::markdown(PASSAGE) } else { Splitter::text(PASSAGE) };
        passages.extend(splitter.split(&Document::new(text).with_id(id).with("source", source))?);
    }
    Ok(passages)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(|error| reading(folder, error))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "txt" || extension == "md") {
            files.push(path);
        }
    }
    Ok(())
}

fn reading(path: &Path, error: std::io::Error) -> Error {
    Error::from_source(ErrorKind::BadInput, error).while_doing(format!("reading {}", path.display()))
}

/// The same for the same text, on every machine.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
