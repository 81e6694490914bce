//! The opinions of three models.

use crate::{app::App, failure::Failure, models::Models};
use axum::{Json, extract::State};
use catena::prelude::*;
use catena_llm::{Message, prompt};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

#[derive(Clone, Deserialize, Record)]
pub(crate) struct Question {
    question: String,
}

#[derive(Serialize)]
pub(crate) struct Comparison {
    gpt: String,
    claude: String,
    gemini: Option<String>,
    agreed: bool,
}

pub(crate) fn chain(models: &Models) -> impl Runnable<Question, Output = Comparison> + use<> {
    let Models { gpt, claude, gemini, retry_after } = models;
    let (limit, retry) = (Duration::from_secs(20), Retry::attempts(3).base(*retry_after));
    chain!(Question =>
        prompt!(system: "Answer with yes or no.", user: "{question}")
        | <
            gpt: gpt.clone().timeout(limit).retry(retry.clone()),
            claude: claude.clone().timeout(limit).retry(retry),
            gemini?: gemini.clone().timeout(limit),
        >
        | comparison
    )
}

#[runnable]
fn comparison(gpt: &Message, claude: &Message, gemini: &catena::Result<Message>) -> Comparison {
    let [gpt, claude] = [gpt, claude].map(said);
    let gemini = gemini.as_ref().ok().map(said);
    let agreed = gpt == claude && gemini.as_ref().is_none_or(|gemini| *gemini == gpt);
    Comparison { gpt, claude, gemini, agreed }
}

fn said(message: &Message) -> String {
    message.text().trim().trim_end_matches('.').to_lowercase()
}

pub(crate) async fn post(
    State(app): State<Arc<App>>,
    Json(question): Json<Question>,
) -> Result<Json<Comparison>, Failure> {
    Ok(Json(app.compare.invoke_with(question, app.run("compare")).await?))
}
