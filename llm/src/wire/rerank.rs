//! Rankings of documents, in Cohere's protocol.

use super::{
    Fault,
    lenient::{self, Every, Struct},
};
use crate::retrieval::Ranked;
use serde::Deserialize;
use serde_json::Value;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    results: Option<Every<Struct<Entry>>>,
    /// The name that some servers have for it.
    data: Option<Every<Struct<Entry>>>,
    error: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    #[serde(deserialize_with = "lenient::count")]
    index: Option<u64>,
    relevance_score: Option<f64>,
    score: Option<f64>,
}

/// Reads the ranking.
pub(crate) fn read(body: &str) -> Result<Vec<Ranked>, Fault> {
    let fault = |error: serde_json::Error| match lenient::parse(body) {
        Ok(value) => Fault::NotAnAnswer(value),
        Err(_) => Fault::not_json(body, &error),
    };
    let Answer { results, data, error } = lenient::parse(body).map_err(fault)?;
    let whole = || lenient::parse(body).unwrap_or_default();
    if error.is_some_and(|error| error.is_object() || error.as_str().is_some_and(|text| !text.is_empty())) {
        return Err(Fault::Reported(whole()));
    }
    let Some(results) = results.or(data) else { return Err(Fault::NotAnAnswer(whole())) };
    let ranked = results.0.into_iter().map(|entry| {
        let Entry { index, relevance_score, score } = entry.read()?;
        let score = relevance_score.or(score).filter(|score| score.is_finite())?;
        Some(Ranked { index: usize::try_from(index?).ok()?, score })
    });
    ranked.collect::<Option<Vec<_>>>().ok_or_else(|| Fault::NotAnAnswer(whole()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ranking_is_read_or_a_fault() {
        let first = Ranked { index: 3, score: 0.9 };
        for body in [
            r#"{"results":[{"index":3,"relevance_score":0.9}],"id":"1","meta":{"billed_units":{"search_units":1}}}"#,
            r#"{"model":"jina-reranker-v2","usage":{"total_tokens":9},"results":[{"index":3.0,"relevance_score":0.9,"document":{"text":"a"}}]}"#,
            r#"{"data":[{"index":3,"score":0.9}],"error":null}"#,
        ] {
            assert_eq!(read(body), Ok(vec![first]), "{body}");
        }
        assert_eq!(read(r#"{"results":[]}"#), Ok(vec![]));
        for body in ["{}", r#"{"results":[{"index":-1,"relevance_score":1}]}"#, r#"{"results":[{"index":0}]}"#] {
            assert!(matches!(read(body), Err(Fault::NotAnAnswer(_))), "{body}: {:?}", read(body));
        }
        assert!(matches!(read(r#"{"error":{"message":"no"}}"#), Err(Fault::Reported(_))));
        assert!(matches!(read("<html>"), Err(Fault::NotJson { .. })));
    }
}
