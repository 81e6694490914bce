//! The store of vectors.

use super::{document, ids};
use catena::{Context, ErrorKind, Result, prelude::*};
use catena_llm::retrieval::{Bm25, Embedder, Embedding, Filter, HashingEmbedder, Retrieve, Retriever, VectorIndex};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Reads the vector out of the text: `1 0 0`.
#[derive(Default)]
pub(super) struct Literal {
    calls: AtomicUsize,
}

impl Embedder for Literal {
    fn name(&self) -> &'static str {
        "literal"
    }

    async fn embed(&self, texts: &[String], _cx: &Context) -> Result<Vec<Embedding>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        texts.iter().map(|text| Ok(text.split(' ').map(str::parse).collect::<std::result::Result<_, _>>()?)).collect()
    }
}

async fn store() -> VectorIndex<Literal> {
    let store = VectorIndex::in_memory(Literal::default()).unwrap();
    let documents = [("east", "1 0"), ("north", "0 1"), ("far east", "50 1"), ("west", "-2 0")];
    store.add(documents.map(|(id, text)| document(id, text).with("length", text.len()))).await.unwrap();
    store
}

#[tokio::test]
async fn the_nearest_by_direction_come_first_whatever_their_length() {
    let store = store().await;
    let found = Retrieve::new(&store).top(10).invoke("7 0").await.unwrap();
    assert_eq!(ids(&found), ["east", "far east", "north", "west"]);
    let scores: Vec<f64> = found.iter().map(|document| (document.score().unwrap() * 1000.0).round()).collect();
    assert_eq!(scores, [1000.0, 1000.0, 0.0, -1000.0]);
    assert_eq!(ids(&Retrieve::new(&store).top(1).invoke("0 9").await.unwrap()), ["north"]);
    assert_eq!(found[0].content(), "1 0");
}

#[tokio::test]
async fn what_is_equally_near_comes_in_the_order_it_was_stored() {
    let store = VectorIndex::in_memory(Literal::default()).unwrap();
    store.add((0..20).map(|n| document(&n.to_string(), "1 1"))).await.unwrap();
    assert_eq!(ids(&Retrieve::new(&store).top(3).invoke("1 1").await.unwrap()), ["0", "1", "2"]);
}

#[tokio::test]
async fn the_exact_nearest_are_found_among_many() {
    let words = HashingEmbedder::new(64);
    let store = VectorIndex::in_memory(words).unwrap();
    let text = |n: usize| format!("word{} word{} word{}", n % 7, n % 31, n % 101);
    store.add((0..500).map(|n| document(&n.to_string(), &text(n)))).await.unwrap();
    let near = |n: usize| {
        words.vector(&text(n)).iter().zip(words.vector("word3 word5 word8")).map(|(a, b)| a * b).sum::<f32>()
    };
    let mut all: Vec<usize> = (0..500).collect();
    all.sort_by(|a, b| near(*b).total_cmp(&near(*a)));
    let found = Retrieve::new(&store).top(10).invoke("word3 word5 word8").await.unwrap();
    for (document, wanted) in found.iter().zip(all) {
        assert!((document.score().unwrap() - f64::from(near(wanted))).abs() < 1e-5);
    }
}

#[tokio::test]
async fn only_what_the_filter_accepts_is_found() {
    let store = store().await;
    let short = Retrieve::new(&store).filter(Filter::new().equals("length", 3));
    assert_eq!(ids(&short.invoke("1 0").await.unwrap()), ["east", "north"]);
}

#[tokio::test]
async fn vectors_of_another_length_or_model_are_an_error_and_nothing_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let store = VectorIndex::open(&path, Literal::default()).await.unwrap();
    store.add([document("a", "1 0 0")]).await.unwrap();
    let errors =
        [store.add([document("b", "1 0")]).await.unwrap_err(), Retrieve::new(&store).invoke("1 0").await.unwrap_err()];
    for error in errors {
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        assert!(error.message().contains("of 3 numbers") && error.message().contains("of 2"), "{error}");
    }
    let other = VectorIndex::open(&path, HashingEmbedder::new(3)).await.unwrap();
    let errors = [
        other.add([document("c", "words")]).await.unwrap_err(),
        Retrieve::new(&other).invoke("words").await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        assert!(error.message().contains("literal") && error.message().contains("hashed-words"), "{error}");
    }
    assert_eq!(store.len().await.unwrap(), 1);
    // Texts of one go that do not agree.
    let error = store.add([document("d", "1 0 0"), document("e", "1 0")]).await.unwrap_err();
    assert!(error.message().contains("of 3 and of 2 numbers"), "{error}");
    let error = store.add([document("f", "1 NaN 0")]).await.unwrap_err();
    assert!(error.message().contains("not a finite number"), "{error}");
    assert_eq!(store.len().await.unwrap(), 1);
}

#[tokio::test]
async fn the_embedder_is_not_asked_for_nothing() {
    let store = VectorIndex::in_memory(Literal::default()).unwrap();
    assert_eq!(Retrieve::new(&store).invoke("1 0").await.unwrap(), []);
    store.add([]).await.unwrap();
    assert_eq!(store.embedder().calls.load(Ordering::Relaxed), 0);
    store.add([document("zero", "0 0"), document("one", "1 0")]).await.unwrap();
    assert_eq!(Retrieve::new(&store).invoke("  ").await.unwrap(), []);
    assert_eq!(store.embedder().calls.load(Ordering::Relaxed), 1);
    // Nothing is near to a vector without a direction.
    assert_eq!(Retrieve::new(&store).invoke("1 0").await.unwrap()[1].score(), Some(0.0));
}

#[tokio::test]
async fn documents_are_replaced_and_removed_by_id_and_survive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let store = VectorIndex::open(&path, Literal::default()).await.unwrap();
    store.add([document("a", "1 0"), document("b", "0 1")]).await.unwrap();
    store.add([document("a", "0 1")]).await.unwrap();
    drop(store);
    let store = VectorIndex::open(&path, Literal::default()).await.unwrap();
    assert_eq!((store.len().await.unwrap(), store.ids().await.unwrap()), (2, vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(ids(&Retrieve::new(&store).invoke("0 1").await.unwrap()), ["b", "a"]);
    assert_eq!(store.remove(["b", "b", "c"]).await.unwrap(), 1);
    assert_eq!(ids(&Retrieve::new(&store).invoke("0 1").await.unwrap()), ["a"]);
}

#[tokio::test]
async fn words_vectors_and_a_history_share_a_file() {
    use catena_llm::{
        Message,
        memory::{HistoryStore, SqliteHistory},
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.db");
    let words = Bm25::open(&path).await.unwrap();
    let vectors = VectorIndex::open(&path, HashingEmbedder::new(32)).await.unwrap();
    let history = SqliteHistory::open(&path).await.unwrap();
    words.add([document("a", "backups")]).await.unwrap();
    vectors.add([document("a", "backups")]).await.unwrap();
    history.append("s", Message::user("hi").into()).await.unwrap();
    assert_eq!(ids(&Retrieve::new(words).invoke("backup").await.unwrap()), ["a"]);
    assert_eq!(ids(&Retrieve::new(vectors).invoke("backup").await.unwrap()), ["a"]);
    assert_eq!(history.get("s").await.unwrap().len(), 1);
}

#[test]
fn its_graph_says_by_what_it_finds() {
    let search = Retrieve::new(VectorIndex::in_memory(HashingEmbedder::new(32)).unwrap()).top(3);
    let mut details = catena::Details::default();
    catena::Step::details(&search, &mut details);
    assert_eq!(details.get("embeddings").unwrap(), "hashed-words");
    assert_eq!((details.get("k").unwrap(), search.retriever().name()), (&3.into(), "vectors"));
}
