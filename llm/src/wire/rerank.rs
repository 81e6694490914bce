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
    #[serde(alias = "relevanceScore")]
    relevance_score: Option<Value>,
    score: Option<Value>,
}

/// Returns a score, which may be a text.
fn score(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|score: &f64| score.is_finite())
}

/// Reads the ranking.
pub(crate) fn read(body: &str) -> Result<Vec<Ranked>, Fault> {
    let fault = |error: serde_json::Error| match lenient::parse(body) {
        Ok(value) => Fault::NotAnAnswer(value),
        Err(_) => Fault::not_json(body, &error),
    };
    // A list alone is that of text-embeddings-inference.
    let answer = if body.trim_start().starts_with('[') {
        lenient::parse(body).map(|list| Answer { results: Some(list), ..Answer::default() })
    } else {
        lenient::parse(body)
    };
    let Answer { results, data, error } = answer.map_err(fault)?;
    let whole = || lenient::parse(body).unwrap_or_default();
    if error.as_ref().is_some_and(lenient::says_something) {
        return Err(Fault::Reported(whole()));
    }
    let Some(results) = results.or(data) else { return Err(Fault::NotAnAnswer(whole())) };
    let ranked = results.0.into_iter().map(|entry| {
        let Entry { index, relevance_score, score } = entry.read()?;
        let score = [relevance_score, score].iter().flatten().find_map(self::score)?;
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
            r#"[{"index":3,"score":0.9}]"#,
            r#"{"results":[{"index":"3","relevance_score":"0.9","document":null}]}"#,
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
