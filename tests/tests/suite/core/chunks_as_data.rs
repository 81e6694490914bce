//! The chunks of a map as values: sent as JSON, compared, hashed, read again.

use catena::prelude::*;
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

#[derive(Clone, Record)]
#[record(derive(Eq, Hash, serde::Deserialize))]
struct Answers {
    r#type: String,
    long_size: usize,
}

/// All derives are the user's own, and none of them twice.
#[derive(Record)]
#[record(chunk = Piece, derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize))]
struct Sizes {
    size: usize,
}

/// A type that is nothing but `Send`.
struct Opaque;

#[derive(Record)]
struct Holder {
    opaque: Opaque,
}

#[tokio::test]
async fn chunks_of_a_struct_are_its_fields_as_json() {
    let chain = chain!(String => <r#type: |t| t.to_uppercase(), long_size: |t| t.len()> as Answers);
    let chunks: Vec<_> = chain.stream("hey".to_owned()).try_collect().await.unwrap();
    assert_eq!(serde_json::to_string(&chunks).unwrap(), r#"[{"type":"HEY"},{"long_size":3}]"#);
    let read: Vec<AnswersChunk<String, usize>> = serde_json::from_str(r#"[{"type":"HEY"},{"long_size":3}]"#).unwrap();
    assert_eq!(read, chunks);
    let distinct: HashSet<_> = chunks.iter().chain(&read).collect();
    assert_eq!(distinct.len(), 2);
}

#[tokio::test]
async fn derives_of_the_user_replace_those_of_every_record() {
    let chain = chain!(String => <size: |t| t.len()> as Sizes);
    let chunks: Vec<_> = chain.stream("hey".to_owned()).try_collect().await.unwrap();
    let copied = chunks[0];
    assert_eq!(copied.max(Piece::Size(2)), Piece::Size(3));
    assert_eq!(serde_json::to_string(&chunks).unwrap(), r#"[{"size":3}]"#);
    assert_eq!(serde_json::from_str::<Piece<usize>>(r#"{"size":3}"#).unwrap(), copied);
}

#[tokio::test]
async fn chunks_of_a_map_without_a_name_are_its_fields_as_json() {
    let chain = chain!(String => <loud: |t| t.to_uppercase(), size?: |t| t.parse::<u32>()?> | .{ loud });
    let chunks: Vec<_> = chain.stream("hey".to_owned()).try_collect().await.unwrap();
    assert_eq!(serde_json::to_string(&chunks).unwrap(), r#"[{"loud":"HEY"}]"#);
    let chain = chain!(String => <loud: |t| t.to_uppercase(), size: |t| t.len()>);
    let chunks: Vec<_> = chain.stream("hey".to_owned()).try_collect().await.unwrap();
    assert_eq!(serde_json::to_string(&chunks).unwrap(), r#"[{"loud":"HEY"},{"size":3}]"#);
}

#[tokio::test]
async fn chunks_that_are_no_data_are_chunks_all_the_same() {
    let chain = chain!(String => <opaque: |_| Opaque> as Holder);
    let chunks: Vec<_> = chain.stream(String::new()).try_collect().await.unwrap();
    let HolderChunk::Opaque(Opaque) = &chunks[0];
    assert_eq!(chunks.len(), 1);
}
