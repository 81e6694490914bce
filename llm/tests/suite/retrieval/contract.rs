//! What all stores of vectors promise: each is asked the same.

use super::{document, ids, vectors::Literal};
use catena::{Context, ErrorKind, RunnableExt};
use catena_llm::retrieval::{Document, Filter, HashingEmbedder, Retrieve, SqliteVectors, VectorIndex, VectorStore};
use serde_json::{Value, json};
use std::future::Future;

/// Asks stores that `new` makes, each without any document in it.
pub(super) async fn holds<S: VectorStore + Clone, F: Future<Output = S>>(new: impl Fn(&'static str) -> F) {
    an_empty_store_is_asked(new("empty").await).await;
    the_nearest_come_first(new("nearest").await).await;
    filters_compare_as_json_does(new("filters").await).await;
    a_filter_leaves_as_many_as_are_wanted(new("limits").await).await;
    only_what_has_changed_is_written(new("sync").await).await;
    documents_are_replaced_and_removed(new("replaced").await).await;
    odd_texts_come_back_as_they_were(new("odd").await).await;
    vectors_of_another_space_are_refused(new("spaces").await).await;
}

async fn an_empty_store_is_asked(store: impl VectorStore) {
    let index = VectorIndex::new(Literal::default(), store);
    assert_eq!(Retrieve::new(&index).invoke("1 0").await.unwrap(), []);
    assert_eq!(
        (index.len().await.unwrap(), index.ids().await.unwrap(), index.remove(["a"]).await.unwrap()),
        (0, vec![], 0)
    );
}

async fn the_nearest_come_first(store: impl VectorStore) {
    let index = VectorIndex::new(Literal::default(), store);
    let documents = [("east", "1 0"), ("north", "0 1"), ("far east", "50 1"), ("west", "-2 0")];
    index.add(documents.map(|(id, text)| document(id, text))).await.unwrap();
    let found = Retrieve::new(&index).top(10).invoke("7 0").await.unwrap();
    assert_eq!(ids(&found), ["east", "far east", "north", "west"]);
    let scores: Vec<f64> = found.iter().map(|document| (document.score().unwrap() * 1000.0).round() + 0.0).collect();
    assert_eq!(scores, [1000.0, 1000.0, 0.0, -1000.0]);
    assert_eq!(ids(&Retrieve::new(&index).top(1).invoke("0 9").await.unwrap()), ["north"]);
}

async fn filters_compare_as_json_does(store: impl VectorStore) {
    let index = VectorIndex::new(HashingEmbedder::new(8), store);
    let values: [Value; 14] = [
        json!(1),
        json!(1.0),
        json!("1"),
        json!(true),
        json!("true"),
        json!(0),
        json!(false),
        json!(null),
        json!([1]),
        json!([1, 2]),
        json!({"a": 1}),
        json!({"a": 1, "b": [true]}),
        json!(1.5),
        json!("with \"quotes\" and \\"),
    ];
    for key in ["lang", "it's \"a key\"", "a.b", "日本"] {
        let all =
            (0..values.len()).map(|n| document(&format!("{key}{n}"), "the same text").with(key, values[n].clone()));
        index.add(all).await.unwrap();
        for (n, value) in values.iter().enumerate() {
            let filter = Filter::new().equals(key, value.clone());
            let found = Retrieve::new(&index).filter(filter.clone()).top(20).invoke("text").await.unwrap();
            assert_eq!(ids(&found), [format!("{key}{n}")], "{key}: {value}");
            assert_eq!(found[0].get(key), Some(value));
            assert_eq!(index.store().hashes(&filter).await.unwrap().len(), 1, "{key}: {value}");
        }
        let several = Filter::new().one_of(key, [json!("1"), json!(0), json!({"a": 1})]);
        let found = Retrieve::new(&index).filter(several).top(20).invoke("text").await.unwrap();
        let mut found = ids(&found);
        found.sort_unstable();
        assert_eq!(found, [format!("{key}10"), format!("{key}2"), format!("{key}5")]);
        let none = Filter::new().one_of(key, [0; 0]);
        assert_eq!(Retrieve::new(&index).filter(none).invoke("text").await.unwrap(), []);
    }
}

async fn a_filter_leaves_as_many_as_are_wanted(store: impl VectorStore) {
    let index = VectorIndex::new(Literal::default(), store);
    // Those that are wanted are the farthest.
    let near = (0..200).map(|n| document(&format!("near {n}"), &format!("100 {n}")).with("tags", json!(["x"])));
    let far =
        (0..12).map(|n| document(&format!("far {n:02}"), &format!("{n} 100")).with("tags", "x").with("odd", n % 2));
    index.add(near.chain(far)).await.unwrap();
    let filter = Filter::new().equals("tags", "x").equals("odd", 1);
    let found = Retrieve::new(&index).filter(filter.clone()).top(5).invoke("1 0").await.unwrap();
    assert_eq!(ids(&found), ["far 11", "far 09", "far 07", "far 05", "far 03"]);
    let all = Retrieve::new(&index).filter(filter).top(50).invoke("1 0").await.unwrap();
    assert_eq!(all.len(), 6);
}

async fn only_what_has_changed_is_written(store: impl VectorStore) {
    let index = VectorIndex::new(HashingEmbedder::new(16), store);
    let pages = |last: &str| {
        let many = (0..250).map(|n| document(&format!("page {n:03}"), &format!("text {n}")).with("source", "book"));
        many.chain([document("last", last).with("source", "book")]).collect::<Vec<_>>()
    };
    let synced = index.sync(pages("one")).await.unwrap();
    assert_eq!((synced.added, synced.changed, synced.removed, synced.unchanged), (251, 0, 0, 0));
    index.add([document("other", "of another source").with("source", "web")]).await.unwrap();
    let book = Filter::new().equals("source", "book");
    let synced = index.sync_in(&book, pages("two").split_off(50), &Context::new()).await.unwrap();
    assert_eq!((synced.added, synced.changed, synced.removed, synced.unchanged), (0, 1, 50, 200));
    assert_eq!(index.len().await.unwrap(), 202, "the other source stays");
    let synced = index.sync([document("last", "two").with("source", "book").with("page", 1)]).await.unwrap();
    assert_eq!((synced.changed, synced.removed), (1, 201), "a change of the metadata is a change");
    assert_eq!(index.ids().await.unwrap(), ["last"]);
}

async fn documents_are_replaced_and_removed(store: impl VectorStore + Clone) {
    let index = VectorIndex::new(Literal::default(), store.clone());
    let twice = [document("a", "1 0"), document("b", "0 1"), document("a", "1 1")];
    index.add(twice).await.unwrap();
    index.add([document("a", "0 1")]).await.unwrap();
    index.add([Document::new("1 0"), Document::new("1 0")]).await.unwrap();
    // Another handle sees the same.
    let other = VectorIndex::new(Literal::default(), store);
    assert_eq!((other.len().await.unwrap(), other.ids().await.unwrap()), (4, vec!["a".to_owned(), "b".to_owned()]));
    let found = Retrieve::new(&other).top(2).invoke("0 1").await.unwrap();
    assert!(found.iter().all(|document| document.content() == "0 1" && document.score() > Some(0.99)), "{found:?}");
    assert_eq!(other.remove(["b", "b", "c"]).await.unwrap(), 1);
    assert_eq!((index.ids().await.unwrap(), index.len().await.unwrap()), (vec!["a".to_owned()], 3));
}

async fn odd_texts_come_back_as_they_were(store: impl VectorStore) {
    let index = VectorIndex::new(HashingEmbedder::new(8), store);
    let odd = ["'; DROP TABLE catena_vectors; --", "日本語/🦀\n\t", "{\"a\": \"\\u0000\"}", "../..?x=1#y", "\u{1}"];
    for text in odd {
        let document =
            document(text, text).with(text, json!({ text: [text, null, 1.25, -7, u64::MAX] })).with("all", "x");
        index.add([document.clone()]).await.unwrap();
        let found = Retrieve::new(&index).filter(Filter::new().equals(text, document.metadata()[text].clone()));
        let found = found.invoke("text").await.unwrap();
        assert_eq!((found.len(), found[0].id(), found[0].content()), (1, Some(text), text));
        assert_eq!(found[0].metadata(), document.metadata());
        assert_eq!(index.remove([text]).await.unwrap(), 1);
    }
    assert!(index.is_empty().await.unwrap());
}

async fn vectors_of_another_space_are_refused(store: impl VectorStore + Clone) {
    let index = VectorIndex::new(Literal::default(), store.clone());
    index.add([document("a", "1 0 0")]).await.unwrap();
    let short = index.add([document("b", "1 0")]).await.unwrap_err();
    let other = VectorIndex::new(HashingEmbedder::new(3), store);
    let added = other.add([document("c", "words")]).await.unwrap_err();
    let searched = Retrieve::new(&other).invoke("words").await.unwrap_err();
    for error in [&short, &added, &searched] {
        assert_eq!(error.kind(), &ErrorKind::BadInput, "{error}");
        assert!(error.message().contains("they do not compare"), "{error}");
    }
    assert!(short.message().contains("of 3 numbers") && short.message().contains("of 2"), "{short}");
    assert!(added.message().contains("literal") && added.message().contains("hashed-words"), "{added}");
    assert_eq!(index.len().await.unwrap(), 1);
}

#[tokio::test]
async fn sqlite_is_such_a_store() {
    holds(|_| async { SqliteVectors::in_memory().unwrap() }).await;
}
