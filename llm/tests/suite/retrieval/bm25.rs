//! The index of words.

use super::{document, ids};
use catena::{ErrorKind, prelude::*};
use catena_llm::retrieval::{Bm25, Document, Filter, Retrieve};
use proptest::prelude::*;

fn library() -> [Document; 4] {
    [
        document("night", "Backups run every night at two. A backup takes an hour.").with("room", "cellar"),
        document("coffee", "The coffee machine is on the second floor.").with("room", "kitchen"),
        document("café", "Das Café öffnet um acht. C++ und e-mail gibt es dort NOT.").with("room", "kitchen"),
        document("日本", "東京 は 日本 の 首都 です").with("room", 7),
    ]
}

async fn index() -> Bm25 {
    let index = Bm25::in_memory().unwrap();
    index.add(library()).await.unwrap();
    index
}

async fn search(index: &Bm25, query: &str) -> Vec<String> {
    let found = Retrieve::new(index).invoke(query).await.unwrap();
    found.iter().map(|document| document.id().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn words_are_found_whatever_their_case_accents_and_endings() {
    let index = index().await;
    for (query, wanted) in [
        ("BACKUP", "night"),
        ("When are the backups running?", "night"),
        ("cafe", "café"),
        ("ÖFFNET", "café"),
        ("e-mail", "café"),
        ("日本", "日本"),
        ("which floor has machines", "coffee"),
    ] {
        assert_eq!(search(&index, query).await.first().map(String::as_str), Some(wanted), "{query}");
    }
    assert_eq!(search(&index, "zebra").await, Vec::<String>::new());
}

#[tokio::test]
async fn the_best_comes_first_with_its_score() {
    let index = index().await;
    index
        .add([document("once", "Somewhere a backup is mentioned once, among many other words that say nothing of it.")])
        .await
        .unwrap();
    let found = Retrieve::new(&index).invoke("backup").await.unwrap();
    assert_eq!(ids(&found), ["night", "once"]);
    let scores: Vec<f64> = found.iter().filter_map(Document::score).collect();
    assert!(scores[0] > scores[1] && scores[1] > 0.0, "{scores:?}");
    assert_eq!(found[0].get("room").unwrap(), "cellar");
}

#[tokio::test]
async fn a_query_is_never_a_syntax() {
    let index = index().await;
    for query in [
        "coffee AND NOT (floor",
        "\"coffee",
        "coffee\"",
        "coffee\" OR \"",
        "coffee*",
        "content: coffee",
        "^coffee",
        "NEAR(coffee, 2)",
        "{content}: coffee",
        "coffee; DROP TABLE catena_bm25; --",
        "coffee\0floor",
        "- coffee -",
        "'coffee'",
    ] {
        assert_eq!(search(&index, query).await.first().map(String::as_str), Some("coffee"), "{query}");
    }
    for query in ["", " ", "\"", "()*:^\"'-+", "\0", "AND", "…"] {
        assert_eq!(search(&index, query).await, Vec::<String>::new(), "{query:?}");
    }
    // A word, like any other.
    assert_eq!(search(&index, "NOT").await, ["café"]);
}

#[tokio::test]
async fn a_query_of_any_length_is_answered() {
    let index = index().await;
    let long: String = "coffee ".to_owned() + &(0..20_000).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ");
    assert_eq!(search(&index, &long).await, ["coffee"]);
    assert_eq!(search(&index, &"x".repeat(1_000_000)).await, Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_asked_is_no_error(query in "\\PC{0,40}|[\"*():^{}+\\- ANDORTE\u{0}\n]{0,40}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { search(&index().await, &query).await });
    }
}

#[tokio::test]
async fn a_document_added_again_takes_its_place_and_one_removed_is_gone() {
    let index = index().await;
    index
        .add([
            document("coffee", "Tea is in the cellar."),
            Document::new("without an id"),
            Document::new("without an id"),
        ])
        .await
        .unwrap();
    assert_eq!(index.len().await.unwrap(), 6);
    assert_eq!(index.ids().await.unwrap(), ["café", "coffee", "night", "日本"]);
    assert_eq!(search(&index, "machine").await, Vec::<String>::new());
    assert_eq!(search(&index, "tea").await, ["coffee"]);
    assert_eq!(index.remove(["coffee", "unknown"]).await.unwrap(), 1);
    assert_eq!(search(&index, "tea").await, Vec::<String>::new());
    // In one go, the last of them counts.
    index.add([document("twice", "first"), document("twice", "second")]).await.unwrap();
    assert_eq!((search(&index, "first").await.len(), search(&index, "second").await.len()), (0, 1));
}

#[tokio::test]
async fn only_what_the_filter_accepts_is_found_and_as_many_as_asked_for() {
    let index = index().await;
    index
        .add((0..50).map(|n| document(&format!("n{n}"), "a backup, and a backup").with("room", "attic")))
        .await
        .unwrap();
    let found = Retrieve::new(&index).filter(Filter::new().equals("room", "cellar")).invoke("backup").await.unwrap();
    assert_eq!(ids(&found), ["night"]);
    let attic = Retrieve::new(&index).filter(Filter::new().one_of("room", ["attic", "none"]));
    assert_eq!(attic.clone().top(7).invoke("backup").await.unwrap().len(), 7);
    assert_eq!(attic.top(0).invoke("backup").await.unwrap().len(), 0);
    assert_eq!(Retrieve::new(&index).filter(Filter::new().equals("room", 7)).invoke("日本").await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_in_a_file_is_there_the_next_time_and_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let index = Bm25::open(&path).await.unwrap();
    index.add(library()).await.unwrap();
    let other = Bm25::open(&path).await.unwrap();
    other.add([document("new", "Bicycles are by the door.")]).await.unwrap();
    assert_eq!(search(&index, "bicycle").await, ["new"]);
    drop((index, other));
    assert_eq!(Bm25::open(&path).await.unwrap().len().await.unwrap(), 5);
}

#[tokio::test]
async fn what_is_added_is_added_as_a_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let index = Bm25::open(&path).await.unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    // In the middle of it something goes wrong.
    connection
        .execute_batch(
            "CREATE TRIGGER broken BEFORE INSERT ON catena_bm25_documents WHEN new.id = 'bad'
             BEGIN SELECT RAISE(FAIL, 'broken'); END",
        )
        .unwrap();
    let error = index.add([document("good", "fine"), document("bad", "not fine")]).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Step);
    assert!(error.to_string().contains("indexing documents"), "{error}");
    assert!(index.is_empty().await.unwrap());
}
