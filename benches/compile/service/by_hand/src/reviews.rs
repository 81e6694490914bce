//! Many reviews at once: their mood, and what they say in short.

use crate::{app::App, models::Models};
use axum::{Json, extract::State};
use catena::{Error, ErrorKind, Result};
use catena_llm::ChatRequest;
use futures_util::{StreamExt, stream};
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

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
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

async fn review(models: &Models, text: String) -> Result<Review> {
    // The models are spared what has no answer.
    if text.trim().is_empty() {
        return Err(Error::new(ErrorKind::BadInput, "the review is empty"));
    }
    let (mood, summary) = tokio::try_join!(mood(models, &text), summary(models, &text))?;
    Ok(Review { mood, summary, words: text.split_whitespace().count() })
}

async fn mood(models: &Models, text: &str) -> Result<Mood> {
    let request = ChatRequest::new(format!("The mood of this review, in one word (positive, negative, mixed): {text}"));
    let answer = models.retried(&models.gpt, &request, Duration::from_secs(20)).await?;
    let word = answer.text().trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    serde_json::from_value(word.into())
        .map_err(|error| Error::from_source(ErrorKind::Parse { raw: answer.text().to_owned() }, error))
}

async fn summary(models: &Models, text: &str) -> Result<String> {
    let request = ChatRequest::new(format!("This review in five words: {text}"));
    Ok(models.retried(&models.gpt, &request, Duration::from_secs(20)).await?.text().to_owned())
}

pub(crate) async fn post(State(app): State<Arc<App>>, Json(Reviews { texts }): Json<Reviews>) -> Json<Vec<Outcome>> {
    let reviews = texts.into_iter().enumerate().map(|(place, text)| {
        let app = &app;
        async move { (place, app.run("review", review(&app.models, text)).await) }
    });
    let mut results: Vec<_> = stream::iter(reviews).buffer_unordered(AT_ONCE).collect().await;
    results.sort_by_key(|(place, _)| *place);
    let outcome = |(_, result): (usize, Result<Review>)| match result {
        Ok(review) => Outcome::Read(review),
        Err(error) => Outcome::Failed { error: error.message().to_owned() },
    };
    Json(results.into_iter().map(outcome).collect())
}
