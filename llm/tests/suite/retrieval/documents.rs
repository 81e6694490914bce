//! Documents, and what is observed of steps that find them.

use super::document;
use catena::{Config, prelude::*};
use catena_llm::{
    Message, prompt,
    retrieval::{Bm25, Document, FormatDocuments, Retrieve},
};
use futures_util::StreamExt;
use serde_json::{Value, json};

#[test]
fn documents_go_through_json() {
    let whole = Document::new("text").with_id("a").with("source", "a.txt").with("page", 3).with_score(0.5);
    let json = serde_json::to_value(&whole).unwrap();
    assert_eq!(
        json,
        json!({ "id": "a", "page_content": "text", "metadata": { "source": "a.txt", "page": 3 }, "score": 0.5 })
    );
    assert_eq!(serde_json::from_value::<Document>(json).unwrap(), whole);
    let least: Document = serde_json::from_value(json!({ "content": "text" })).unwrap();
    assert_eq!(least, Document::new("text"));
    assert_eq!(serde_json::to_value(&least).unwrap(), json!({ "page_content": "text", "metadata": {} }));
}

#[tokio::test]
async fn retrievers_are_observed_with_the_query_and_the_documents() {
    let index = Bm25::in_memory().unwrap();
    index.add([document("b", "Backups run at two.")]).await.unwrap();
    let chain = chain!(String => Retrieve::new(index).named("library") | FormatDocuments);
    let events: Vec<Value> = chain
        .events("backups".to_owned())
        .map(|event| serde_json::to_value(event.unwrap()).unwrap())
        .collect::<Vec<_>>()
        .await;
    let named = |name: &str| events.iter().find(|event| event["event"] == name).cloned().unwrap_or_default();
    let (start, end) = (named("on_retriever_start"), named("on_retriever_end"));
    assert_eq!((&start["name"], &start["data"]["input"]), (&json!("library"), &json!("backups")));
    assert_eq!(end["data"]["output"][0]["page_content"], "Backups run at two.");
    assert_eq!(end["data"]["output"][0]["id"], "b");
}

#[tokio::test]
async fn a_failing_retriever_says_what_it_was_doing_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let index = Bm25::open(&path).await.unwrap();
    rusqlite::Connection::open(&path).unwrap().execute_batch("DROP TABLE catena_bm25").unwrap();
    let chain = chain!(String => <found: Retrieve::new(index)> | .found);
    let error = chain.invoke_with("x".to_owned(), Config::new()).await.unwrap_err();
    assert!(error.to_string().contains("searching bm25") && error.path().contains("<found>"), "{error}");
}

#[tokio::test]
async fn documents_go_into_a_prompt_and_messages_may_be_searched_for() {
    let index = Bm25::in_memory().unwrap();
    index.add([document("b", "Backups run {at} two.").with("source", "b.txt")]).await.unwrap();
    let chain = chain!(Message =>
        <context: Retrieve::new(index) | FormatDocuments, question: |message| message.text().to_owned()>
        | prompt!("{context}\n\n{question}")
    );
    let text = chain.invoke(Message::user("When do backups run?")).await.unwrap();
    assert_eq!(text, "[1] (b.txt)\nBackups run {at} two.\n\nWhen do backups run?");
}
