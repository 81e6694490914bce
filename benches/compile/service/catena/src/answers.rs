//! A question, and an answer in the language of the customer.

use crate::{app::App, failure::Failure, models::Models};
use axum::{Json, extract::State};
use catena::prelude::*;
use catena_llm::{Message, prompt};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Clone, Deserialize, Record)]
pub(crate) struct Question {
    question: String,
    language: String,
}

#[derive(Serialize)]
pub(crate) struct Answer {
    answer: String,
    model: Option<String>,
}

pub(crate) fn chain(models: &Models) -> impl Runnable<Question, Output = Answer> + use<> {
    chain!(Question =>
        prompt!(system: "You work at the help desk of a shop. Answer in {language}, in one sentence.", user: "{question}")
        | models.careful()
        | answer
    )
}

#[runnable]
fn answer(message: &Message) -> Answer {
    Answer { answer: message.text().trim().to_owned(), model: message.model().map(str::to_owned) }
}

pub(crate) async fn post(State(app): State<Arc<App>>, Json(question): Json<Question>) -> Result<Json<Answer>, Failure> {
    Ok(Json(app.answer.invoke_with(question, app.run("answer")).await?))
}
