//! Incremental indexing, and filters that the database checks.

use super::{document, ids};
use catena::{Config, Context, ErrorKind, RunnableExt};
use catena_llm::{
    PriceTable, Spending, Usage, openai_embeddings,
    retrieval::{Bm25, Document, Embedder, Embedding, Filter, HashingEmbedder, Retrieve, VectorIndex},
    simulator::Simulator,
};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Counts the texts that it embeds.
#[derive(Clone)]
struct Counting(Arc<AtomicUsize>);

impl Embedder for Counting {
    fn name(&self) -> &'static str {
        "counting"
    }

    async fn embed(&self, texts: &[String], _cx: &Context) -> catena::Result<Vec<Embedding>> {
        self.0.fetch_add(texts.len(), Ordering::Relaxed);
        let words = HashingEmbedder::new(32);
        Ok(texts.iter().map(|text| words.vector(text)).collect())
    }
}

#[tokio::test]
async fn only_what_has_changed_is_embedded_and_what_is_gone_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let texts = Arc::new(AtomicUsize::new(0));
    let pages = |last: &str| {
        let many = (0..250).map(|n| document(&format!("page {n:03}"), &format!("text {n}")).with("source", "book"));
        many.chain([document("last", last).with("source", "book")]).collect::<Vec<_>>()
    };
    let index = VectorIndex::open(&path, Counting(texts.clone())).await.unwrap();
    let synced = index.sync(pages("one")).await.unwrap();
    assert_eq!((synced.added, synced.changed, synced.removed, synced.unchanged), (251, 0, 0, 0));
    drop(index);

    let index = VectorIndex::open(&path, Counting(texts.clone())).await.unwrap();
    index.add([document("other", "of another source").with("source", "web")]).await.unwrap();
    texts.store(0, Ordering::Relaxed);
    let book = Filter::new().equals("source", "book");
    let fewer = pages("two").split_off(50);
    let synced = index.sync_in(&book, fewer, &Context::new()).await.unwrap();
    assert_eq!((synced.added, synced.changed, synced.removed, synced.unchanged), (0, 1, 50, 200));
    assert_eq!(texts.load(Ordering::Relaxed), 1);
    assert_eq!(index.len().await.unwrap(), 202, "the other source stays");

    // A change of the metadata alone is a change too.
    let synced = index.sync([document("last", "two").with("source", "book").with("page", 1)]).await.unwrap();
    assert_eq!((synced.changed, synced.removed), (1, 201));
    assert_eq!(index.ids().await.unwrap(), ["last"]);

    let words = Bm25::open(&path).await.unwrap();
    words.sync([document("a", "coffee"), document("b", "tea")]).await.unwrap();
    let synced = words.sync([document("b", "tea"), document("c", "milk")]).await.unwrap();
    assert_eq!((synced.added, synced.changed, synced.removed, synced.unchanged), (1, 0, 1, 1));
    assert_eq!(words.ids().await.unwrap(), ["b", "c"]);
}

#[tokio::test]
async fn what_could_not_be_found_again_is_refused() {
    let index = VectorIndex::in_memory(HashingEmbedder::new(8)).unwrap();
    let web = Filter::new().equals("source", "web");
    for (documents, filter, why) in [
        (vec![Document::new("no id")], Filter::new(), "a document without an id"),
        (vec![document("a", "1"), document("a", "2")], Filter::new(), "two documents have the id `a`"),
        (vec![document("a", "1")], web, "the document `a` does not match the filter"),
    ] {
        let error = index.sync_in(&filter, documents, &Context::new()).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        assert!(error.message().contains(why), "{error}");
    }
    assert!(index.is_empty().await.unwrap());
}

#[tokio::test]
async fn a_filter_compares_as_json_does_whatever_the_value() {
    let values: [Value; 9] = [
        json!(1),
        json!(1.0),
        json!("1"),
        json!(true),
        json!(0),
        json!(false),
        json!(null),
        json!([1]),
        json!({"a": 1}),
    ];
    let all = |index: usize| document(&index.to_string(), "the same text").with("it's \"key\"", values[index].clone());
    let words = Bm25::in_memory().unwrap();
    words.add((0..values.len()).map(all)).await.unwrap();
    let vectors = VectorIndex::in_memory(HashingEmbedder::new(8)).unwrap();
    vectors.add((0..values.len()).map(all)).await.unwrap();
    for (index, value) in values.iter().enumerate() {
        let filter = Filter::new().equals("it's \"key\"", value.clone());
        let by_words = Retrieve::new(&words).filter(filter.clone()).top(20).invoke("text").await.unwrap();
        let by_vectors = Retrieve::new(&vectors).filter(filter).top(20).invoke("text").await.unwrap();
        assert_eq!(
            (ids(&by_words), ids(&by_vectors)),
            (vec![&*index.to_string()], vec![&*index.to_string()]),
            "{value}"
        );
    }
    let none = Filter::new().one_of("it's \"key\"", [0; 0]);
    assert!(Retrieve::new(&words).filter(none).invoke("text").await.unwrap().is_empty());
}

#[tokio::test]
async fn the_tokens_of_an_index_have_a_price() {
    let sim = Simulator::start().await.unwrap();
    let embedder = openai_embeddings("text-embedding-3-small").base_url(sim.openai_url()).api_key("k").build().unwrap();
    let index = VectorIndex::in_memory(embedder).unwrap();
    let spending = Spending::new();
    let cx = Context::new().configured(&Config::new().with(spending.clone()));
    index.sync_in(&Filter::new(), vec![document("a", "some words to embed")], &cx).await.unwrap();
    let Usage { input_tokens, output_tokens, .. } = spending.usage();
    assert!(input_tokens > 0 && output_tokens == 0);
    let expected = PriceTable::default().price("text-embedding-3-small").unwrap().of(&spending.usage());
    assert_eq!(spending.cost(&PriceTable::default()), Some(expected));

    let config = Config::new().with(spending.clone());
    Retrieve::new(index).invoke_with("words", config).await.unwrap();
    assert_eq!(spending.calls(), 2, "a query is embedded too");
}
