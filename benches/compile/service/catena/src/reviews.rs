//! Many reviews at once: their mood, and what they say in short.

use crate::{app::App, models::Models};
use axum::{Json, extract::State};
use catena::{Error, ErrorKind, Result, prelude::*};
use catena_llm::{parser, prompt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// How many reviews are read at once.
const AT_ONCE: usize = 4;

#[derive(Deserialize)]
pub(crate) struct Reviews {
    texts: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct Review {
    mood: Mood,
    summary: String,
    words: usize,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Mood {
    Positive,
    Negative,
    Mixed,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Outcome {
    Read(Review),
    Failed { error: String },
}

pub(crate) fn chain(models: &Models) -> impl Runnable<String, Output = Review> + use<> {
    let gpt = models.gpt.clone().timeout(Duration::from_secs(20)).retry(Retry::attempts(3).base(models.retry_after));
    chain!(String =>
        not_empty
        | <
            mood: prompt!("The mood of this review, in one word (positive, negative, mixed): {}")
                | gpt.clone()
                | parser::choice::<Mood>(),
            summary: prompt!("This review in five words: {}") | gpt | parser::text(),
            words: |text| text.split_whitespace().count(),
        > as Review
    )
}

/// Spares the models what has no answer.
#[runnable]
fn not_empty(text: String) -> Result<String> {
    if text.trim().is_empty() {
        return Err(Error::new(ErrorKind::BadInput, "the review is empty"));
    }
    Ok(text)
}

pub(crate) async fn post(State(app): State<Arc<App>>, Json(Reviews { texts }): Json<Reviews>) -> Json<Vec<Outcome>> {
    let results = app.review.batch(texts).max_concurrency(AT_ONCE).config(app.run("review")).await;
    let outcome = |result: Result<Review>| match result {
        Ok(review) => Outcome::Read(review),
        Err(error) => Outcome::Failed { error: error.message().to_owned() },
    };
    Json(results.into_iter().map(outcome).collect())
}
