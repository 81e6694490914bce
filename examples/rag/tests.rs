use super::*;
use std::fs;

async fn asked(line: &str) -> Result<String> {
    let args = Args::try_parse_from(["rag", "--simulate"].into_iter().chain(line.split(';'))).unwrap();
    Ok(run(args, CancellationToken::new()).await?.text)
}

#[tokio::test]
async fn a_question_is_answered_with_its_sources() {
    let text = asked("How does BM25 count a rare term?").await.unwrap();
    assert!(text.contains("A rare term counts more than a common one (inverse document frequency). ["), "{text}");
    let number = text.split_once("frequency). [").unwrap().1.split_once(']').unwrap().0;
    assert!(text.contains(&format!("\n[{number}] handbook/bm25.txt")), "{text}");
}

#[tokio::test]
async fn what_is_indexed_is_kept_and_what_has_changed_is_indexed_again() {
    let folder = tempfile::tempdir().unwrap();
    let (texts, index) = (folder.path().join("texts"), folder.path().join("index.db"));
    fs::create_dir(&texts).unwrap();
    fs::write(texts.join("zoo.md"), "# Zoo\n\nThe zoo opens at nine.").unwrap();
    let line = |question: &str| format!("--library;{};--index;{};{question}", texts.display(), index.display());
    for _ in 0..2 {
        assert!(asked(&line("When does the zoo open? opens")).await.unwrap().contains("opens at nine. [1]"));
    }
    fs::write(texts.join("pool.txt"), "The swimming pool closes at eight.").unwrap();
    assert!(asked(&line("When is the swimming pool closed?")).await.unwrap().contains("closes at eight. [1]"));
    fs::write(texts.join("zoo.md"), "# Zoo\n\nThe zoo opens at noon.").unwrap();
    let changed = asked(&line("When does the zoo open? opens")).await.unwrap();
    assert!(changed.contains("opens at noon. [") && !changed.contains("nine"), "{changed}");
    let error = asked(&format!("--library;{};?", folder.path().join("nowhere").display())).await.unwrap_err();
    assert!(error.to_string().contains("nowhere"), "{error}");
}
