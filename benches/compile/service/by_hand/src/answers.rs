//! A question, and an answer in the language of the customer.

use crate::{app::App, failure::Failure, models::Models};
use axum::{Json, extract::State};
use catena_llm::{ChatRequest, Message};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Deserialize)]
pub(crate) struct Question {
    question: String,
    language: String,
}

#[derive(Serialize)]
pub(crate) struct Answer {
    answer: String,
    model: Option<String>,
}

async fn answer(models: &Models, Question { question, language }: Question) -> catena::Result<Answer> {
    let system = format!("You work at the help desk of a shop. Answer in {language}, in one sentence.");
    let request = ChatRequest::new([Message::system(system), Message::user(question)]);
    let message = models.careful(request).await?;
    Ok(Answer { answer: message.text().trim().to_owned(), model: message.model().map(str::to_owned) })
}

pub(crate) async fn post(State(app): State<Arc<App>>, Json(question): Json<Question>) -> Result<Json<Answer>, Failure> {
    Ok(Json(app.run("answer", answer(&app.models, question)).await?))
}
