//! Vectors in Postgres: a real server with pgvector, of a cluster of its own.
//!
//! If it is not installed (`.ci/install-pgvector`), the tests say so and pass; `CATENA_REQUIRE_PGVECTOR=1` makes that a
//! failure.

#[path = "../../../../postgres/tests/suite/certificates.rs"]
mod certificates;
#[path = "../../../../postgres/tests/suite/cluster.rs"]
mod cluster;
mod server;

use super::{contract, document, ids, vectors::Literal};
use catena::{ErrorKind, RunnableExt, StepExt};
use catena_llm::retrieval::{Filter, HashingEmbedder, PgVectors, Retrieve, VectorIndex};
use certificates::{Authority, roots, with_tls};
use cluster::Cluster;
use server::Server;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn it_is_such_a_store() {
    let Some(server) = Server::start() else { return };
    contract::holds(|table| {
        let settings = server.settings();
        async move { PgVectors::builder().table(table).connect(&settings).await.unwrap() }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_is_a_clear_error_and_is_used_again_when_it_is_back() {
    let Some(server) = Server::start() else { return };
    let store = PgVectors::connect(&server.settings()).await.unwrap();
    let index = VectorIndex::new(Literal::default(), store.clone());
    index.add([document("east", "1 0"), document("north", "0 1")]).await.unwrap();
    server.stop();
    let search = Retrieve::new(index).top(1);
    for error in
        [search.invoke("1 0").await.unwrap_err(), search.retriever().add([document("c", "1 1")]).await.unwrap_err()]
    {
        assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None }, "{error}");
        assert!(error.is_retryable() && error.message().contains("the Postgres server of the vectors"), "{error}");
    }
    let error = PgVectors::connect(&server.settings()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None });
    server.run();
    assert_eq!(ids(&search.retry(3).invoke("1 0").await.unwrap()), ["east"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_write_and_make_the_table_at_the_same_moment() {
    let Some(server) = Server::start() else { return };
    let writers = (0..8).map(|writer| {
        let settings = server.settings();
        tokio::spawn(async move {
            let index = VectorIndex::new(HashingEmbedder::new(16), PgVectors::connect(&settings).await?);
            for n in 0..10 {
                let id = format!("{}", (writer + n) % 12);
                index.add([document(&id, &format!("text {n} of {writer}"))]).await?;
            }
            index.len().await
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        assert!(writer.await.unwrap().unwrap() <= 12);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_finds_the_nearest_and_filters_stay_exact() {
    let Some(server) = Server::start() else { return };
    let store = PgVectors::builder().table("indexed").connect(&server.settings()).await.unwrap();
    let empty = store.create_hnsw_index().await.unwrap_err();
    assert_eq!(empty.kind(), &ErrorKind::BadInput);
    let index = VectorIndex::new(HashingEmbedder::new(64), store);
    let text = |n: usize| format!("word{} word{} word{}", n % 7, n % 31, n % 101);
    index.add((0..2000).map(|n| document(&n.to_string(), &text(n)).with("rare", n % 500 == 3))).await.unwrap();
    let exact = Retrieve::new(&index).top(1).invoke(text(77)).await.unwrap();
    index.store().create_hnsw_index().await.unwrap();
    index.store().create_hnsw_index().await.unwrap();
    let found = Retrieve::new(&index).top(1).invoke(text(77)).await.unwrap();
    assert_eq!((ids(&found), found[0].score()), (ids(&exact), exact[0].score()));
    let rare = Retrieve::new(&index).top(10).filter(Filter::new().equals("rare", true)).invoke(text(77)).await.unwrap();
    assert_eq!(rare.len(), 4, "an index alone would find fewer");
    assert_eq!(Retrieve::new(&index).top(300).invoke(text(77)).await.unwrap().len(), 300);
    // Postgres uses it.
    let plan = server.sql("SET enable_seqscan = off; EXPLAIN SELECT id FROM indexed ORDER BY (vector <#> (SELECT vector FROM indexed WHERE id = '77')) LIMIT 3").await;
    assert!(plan.contains("indexed_hnsw"), "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_tables_and_texts_that_cannot_be_are_explained() {
    let Some(server) = Server::start() else { return };
    let settings = server.settings();
    for (settings, kind, words) in [
        (
            "port=many password=hunter2hunter2",
            ErrorKind::BadInput,
            "the settings of the vectors in Postgres cannot be read",
        ),
        (&settings.replace("dbname=postgres", "dbname=nothing"), ErrorKind::BadInput, "\"nothing\" does not exist"),
        (&settings.replace("user=catena", "user=stranger"), ErrorKind::Auth, "refused the user"),
    ] {
        let error = PgVectors::connect(settings).await.unwrap_err();
        assert_eq!(error.kind(), &kind, "{error}");
        assert!(error.message().contains(words) && !format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    for table in ["", "a; b", "a\"b", "日本", &"x".repeat(51)] {
        let error = PgVectors::builder().table(table).connect(&settings).await.unwrap_err();
        assert!(error.message().contains("cannot be a table"), "{error}");
    }
    let index = VectorIndex::new(HashingEmbedder::new(8), PgVectors::connect(&settings).await.unwrap());
    for (n, odd) in [
        document("a", "b\0"),
        document("a\0", "b"),
        document("a", "b").with("k", "\0"),
        document("a", "b").with("\0", 1),
    ]
    .into_iter()
    .enumerate()
    {
        let error = index.add([document("fine", "text"), odd]).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput, "{n}: {error}");
        assert!(error.message().contains("U+0000"), "{error}");
    }
    assert_eq!(index.len().await.unwrap(), 0, "all or none");
    // A user who may not create the extension reads how it comes to be.
    server.sql("CREATE USER guest; CREATE DATABASE bare; REVOKE CREATE ON DATABASE bare FROM PUBLIC").await;
    let guest = settings.replace("user=catena", "user=guest").replace("dbname=postgres", "dbname=bare");
    let error = PgVectors::connect(&guest).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(error.message().contains("let an administrator run `CREATE EXTENSION vector`"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_a_newer_version_are_left_alone() {
    let Some(server) = Server::start() else { return };
    let _store = PgVectors::connect(&server.settings()).await.unwrap();
    server.sql("UPDATE catena_versions SET version = 2 WHERE part = 'vectors'").await;
    let error = PgVectors::connect(&server.settings()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(error.message().contains("are of version 2, and this program knows 1"), "{error}");
}

/// The Postgres of this machine, which has TLS and no pgvector: the connection is secure when it is that which is missed.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_encrypted_as_sslmode_says() {
    let Some(mut server) = Cluster::start("vectors in Postgres with TLS") else { return };
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let folder = tempfile::tempdir().unwrap();
    let right = roots(folder.path(), "right.pem", &ours.certificate);
    let wrong = roots(folder.path(), "wrong.pem", &other.certificate);
    let port = with_tls(&mut server, &ours.sign(&["127.0.0.1"], |_| {}));
    let mut plain = Cluster::start("vectors in Postgres with TLS").unwrap();
    let plain_port = plain.listen("");
    let at = |port: u16, more: &str| format!("host=127.0.0.1 port={port} user=catena dbname=postgres {more}");
    for (settings, words) in [
        (at(port, &format!("sslmode=verify-full sslrootcert={}", right.display())), "has no extension pgvector"),
        (at(port, "sslmode=require"), "has no extension pgvector"),
        (at(port, &format!("sslmode=verify-full sslrootcert={}", wrong.display())), "by `sslrootcert=FILE`"),
        (at(plain_port, "sslmode=require"), "it has no TLS, which `sslmode=require` requires: set `ssl = on`"),
        (at(plain_port, "sslmode=prefer"), "has no extension pgvector"),
    ] {
        let error = PgVectors::connect(&settings).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput, "{error}");
        assert!(error.message().contains(words), "{settings}: {error}");
    }
}

/// No server is needed.
#[tokio::test]
async fn a_server_that_is_not_there_is_a_clear_error() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = PgVectors::connect(&format!("host=127.0.0.1 port={port} user=catena")).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None });
    assert!(error.message().contains("the Postgres server of the vectors cannot be reached"), "{error}");
    // One that accepts and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = format!("host=127.0.0.1 port={} user=catena", silent.local_addr().unwrap().port());
    let error = PgVectors::builder().timeout(Duration::from_millis(50)).connect(&settings).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None });
    assert!(error.message().contains("does not answer within 50ms"), "{error}");
}
