//! Lists made one.

use super::{document, ids};
use catena::{Error, ErrorKind, Result, prelude::*};
use catena_llm::retrieval::{Bm25, Deduplicate, Document, Fuse, HashingEmbedder, Retrieve, VectorIndex};
use proptest::prelude::*;

fn list(ids: &[&str]) -> Vec<Document> {
    ids.iter().map(|id| document(id, id)).collect()
}

fn scored(documents: &[(&str, f64)]) -> Vec<Document> {
    documents.iter().map(|(id, score)| document(id, id).with_score(*score)).collect()
}

fn scores(documents: &[Document]) -> Vec<f64> {
    documents.iter().map(|document| (document.score().unwrap() * 1e6).round() / 1e6).collect()
}

#[derive(Clone, Record)]
struct Two {
    words: Vec<Document>,
    vectors: Vec<Document>,
}

#[tokio::test]
async fn by_rank_a_document_scores_by_its_places() {
    let two = || Two { words: list(&["a", "b", "c"]), vectors: list(&["c", "d"]) };
    let merged = Fuse::by_rank().invoke(two()).await.unwrap();
    assert_eq!(ids(&merged), ["c", "a", "b", "d"]);
    let place = |n: f64| 1.0 / (60.0 + n);
    let wanted = [place(3.0) + place(1.0), place(1.0), place(2.0), place(2.0)];
    assert_eq!(scores(&merged), wanted.map(|score: f64| (score * 1e6).round() / 1e6));
    let merged = Fuse::by_rank().weights([0.0, 2.0]).top(2).invoke(two()).await.unwrap();
    assert_eq!(ids(&merged), ["c", "d"]);
    // With a smaller constant the first places count for more.
    assert_eq!(ids(&Fuse::by_rank().rank_constant(0.0).invoke(two()).await.unwrap())[..2], ["c", "a"]);
}

#[tokio::test]
async fn by_score_lists_of_any_scale_count_the_same() {
    let two =
        Two { words: scored(&[("a", 900.0), ("b", 450.0)]), vectors: scored(&[("b", 0.8), ("c", 0.2), ("d", -0.2)]) };
    let merged = Fuse::by_score().invoke(two.clone()).await.unwrap();
    assert_eq!(ids(&merged), ["b", "a", "c", "d"]);
    assert_eq!(scores(&merged), [1.5, 1.0, 0.4, 0.0]);
    let merged = Fuse::by_score().weights([3.0, 0.5]).invoke(two).await.unwrap();
    assert_eq!(scores(&merged), [3.0, 2.0, 0.2, 0.0]);
    // Without scores, by place.
    let merged = Fuse::by_score().invoke(Two { words: list(&["a", "b"]), vectors: Vec::new() }).await.unwrap();
    assert_eq!(scores(&merged), [1.0, 0.5]);
}

#[tokio::test]
async fn the_same_text_under_other_ids_is_one_document_where_that_is_wanted() {
    let two = || Two {
        words: vec![document("1", "Backups: run at two!")],
        vectors: vec![document("2", "backups run at  two"), document("3", "else")],
    };
    assert_eq!(Fuse::by_rank().invoke(two()).await.unwrap().len(), 3);
    let merged = Fuse::by_rank().same_by_content().invoke(two()).await.unwrap();
    assert_eq!(ids(&merged), ["1", "3"]);
    // Twice in one list counts once.
    let merged = Fuse::by_rank().invoke(Two { words: list(&["a", "a"]), vectors: list(&["b"]) }).await.unwrap();
    assert_eq!(
        scores(&merged),
        scores(&Fuse::by_rank().invoke(Two { words: list(&["a"]), vectors: list(&["b"]) }).await.unwrap())
    );
}

#[tokio::test]
async fn a_settled_field_that_failed_is_empty_and_only_if_all_failed_that_is_the_error() {
    let found = |fail: [bool; 2]| {
        let [a, b] = fail.map(|fail| move || if fail { Err(Error::msg("down")) } else { Ok(list(&["x"])) });
        chain!(() => <a?: move |()| a()?, b?: move |()| b()?> | Fuse::by_rank())
    };
    assert_eq!(ids(&found([true, false]).invoke(()).await.unwrap()), ["x"]);
    let error = found([true, true]).invoke(()).await.unwrap_err();
    assert_eq!((error.message(), error.others().len()), ("down", 1));
}

#[tokio::test]
async fn several_queries_are_merged_too() {
    let lists = vec![list(&["a", "b"]), list(&["b"]), Vec::new()];
    assert_eq!(ids(&Fuse::by_rank().lists().invoke(lists).await.unwrap()), ["b", "a"]);
    assert_eq!(Fuse::by_rank().lists().invoke(Vec::new()).await.unwrap(), []);
    let index = Bm25::in_memory().unwrap();
    index.add([document("a", "red apples"), document("b", "green apples")]).await.unwrap();
    let search = chain!(Vec<String> => Retrieve::new(index).map() | Fuse::by_rank().lists());
    let found = search.invoke(vec!["green".to_owned(), "apples".to_owned()]).await.unwrap();
    assert_eq!(ids(&found), ["b", "a"]);
}

#[tokio::test]
async fn weights_that_make_no_sense_are_an_error() {
    for weight in [-1.0, f64::NAN, f64::INFINITY] {
        let two = Two { words: list(&["a"]), vectors: Vec::new() };
        let error = Fuse::by_rank().weights([1.0, weight]).invoke(two).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        assert!(error.message().contains("weight 2"), "{error}");
    }
}

#[tokio::test]
async fn in_a_chain_over_two_indexes() -> Result<()> {
    let documents = [
        document("run", "Backups run at two."),
        document("restore", "To restore a file, ask the helpdesk."),
        document("coffee", "Coffee is upstairs."),
    ];
    let words = Bm25::in_memory()?;
    words.add(documents.clone()).await?;
    let vectors = VectorIndex::in_memory(HashingEmbedder::new(256))?;
    vectors.add(documents).await?;
    let search = chain!(String =>
        <words: Retrieve::new(&words), vectors: Retrieve::new(&vectors)>
        | Fuse::by_rank().weights([0.5, 1.0]).top(2)
        | Deduplicate::by_id()
    );
    assert_eq!(ids(&search.invoke("How do I restore files?".to_owned()).await?)[0], "restore");
    Ok(())
}

proptest! {
    #[test]
    fn each_document_is_there_once_and_scores_fall(
        words in prop::collection::vec(0..20u8, 0..20),
        vectors in prop::collection::vec(0..20u8, 0..20),
        top in 0..30usize,
    ) {
        let list = |ids: &[u8]| ids.iter().map(|id| document(&id.to_string(), "text")).collect::<Vec<_>>();
        let two = Two { words: list(&words), vectors: list(&vectors) };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let merged = runtime.block_on(Fuse::by_rank().top(top).invoke(two)).unwrap();
        let all: std::collections::HashSet<u8> = words.iter().chain(&vectors).copied().collect();
        prop_assert_eq!(merged.len(), all.len().min(top));
        let unique: std::collections::HashSet<&str> = ids(&merged).into_iter().collect();
        prop_assert_eq!(unique.len(), merged.len());
        prop_assert!(merged.windows(2).all(|two| two[0].score() >= two[1].score()));
    }
}
