//! The opinions of three models.

use crate::{
    app::App,
    failure::Failure,
    models::{Models, ask},
};
use axum::{Json, extract::State};
use catena_llm::{ChatRequest, Message};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

#[derive(Deserialize)]
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

async fn compare(models: &Models, Question { question }: Question) -> catena::Result<Comparison> {
    let limit = Duration::from_secs(20);
    let request = ChatRequest::new([Message::system("Answer with yes or no."), Message::user(question)]);
    let (gpt, claude, gemini) = tokio::try_join!(
        models.retried(&models.gpt, &request, limit),
        models.retried(&models.claude, &request, limit),
        async { Ok(ask(&models.gemini, request.clone(), limit).await.ok()) },
    )?;
    let [gpt, claude] = [&gpt, &claude].map(said);
    let gemini = gemini.as_ref().map(said);
    let agreed = gpt == claude && gemini.as_ref().is_none_or(|gemini| *gemini == gpt);
    Ok(Comparison { gpt, claude, gemini, agreed })
}

fn said(message: &Message) -> String {
    message.text().trim().trim_end_matches('.').to_lowercase()
}

pub(crate) async fn post(
    State(app): State<Arc<App>>,
    Json(question): Json<Question>,
) -> Result<Json<Comparison>, Failure> {
    Ok(Json(app.run("compare", compare(&app.models, question)).await?))
}
