//! The texts of a folder, cut into passages and indexed.

use catena::{Error, ErrorKind, Result};
use catena_llm::{
    EmbeddingModel,
    retrieval::{Bm25, Document, Splitter, VectorIndex},
};
use std::{
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
) -> Result<(Bm25, VectorIndex<EmbeddingModel>)> {
    let (words, vectors) = match file {
        Some(file) => (Bm25::open(file).await?, VectorIndex::open(file, embeddings).await?),
        None => (Bm25::in_memory()?, VectorIndex::in_memory(embeddings)?),
    };
    let passages = passages(folder)?;
    words.sync(passages.clone()).await?;
    // Vectors cost money: those of passages that have not changed are not made again.
    vectors.sync(passages).await?;
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
