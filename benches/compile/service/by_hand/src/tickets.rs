//! A customer's letter, read as a ticket, and handled by its topic.

use crate::{
    app::App,
    failure::Failure,
    models::{Models, ask},
};
use axum::{Json, extract::State};
use catena::{Error, ErrorKind};
use catena_llm::{ChatRequest, Message, Options, ResponseFormat};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// What a letter is about.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Ticket {
    topic: Topic,
    /// The number of the order, if the letter has one.
    order: Option<u32>,
    /// What the customer wants, in one sentence.
    wish: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Topic {
    Delivery,
    Refund,
    Product,
    Other,
}

#[derive(Serialize)]
pub(crate) struct Handled {
    ticket: Ticket,
    answer: String,
}

#[derive(Deserialize)]
pub(crate) struct Letter {
    text: String,
}

async fn handle(models: &Models, letter: String) -> catena::Result<Handled> {
    let ticket = tokio::time::timeout(Duration::from_mins(1), read(models, letter)).await.unwrap_or_else(|_| {
        Err(Error::new(ErrorKind::Timeout { after: Duration::from_mins(1) }, "the letter was not read in time"))
    })?;
    let answer = match &ticket {
        Ticket { topic: Topic::Delivery, order: Some(order), .. } => delivery(*order),
        Ticket { topic: Topic::Refund, wish, .. } => {
            let request = ChatRequest::new(format!("Refuse this politely, and offer a voucher: {wish}"));
            models.careful(request).await?.text().to_owned()
        }
        Ticket { topic: Topic::Product, wish, .. } => {
            let system = Message::system("You know all products of the shop.");
            models.careful(ChatRequest::new([system, Message::user(wish)])).await?.text().to_owned()
        }
        _ => "A colleague will answer you tomorrow.".to_owned(),
    };
    Ok(Handled { ticket, answer })
}

/// Reads the letter; an answer that is no ticket is corrected once.
async fn read(models: &Models, letter: String) -> catena::Result<Ticket> {
    let format = ResponseFormat::of::<Ticket>();
    let instructions = format.instructions();
    let request = ChatRequest::new([Message::system("Read this letter to a shop."), Message::user(letter)])
        .with_options(Options::new().response_format(format));
    let answer = ask(&models.gpt, request, Duration::from_mins(1)).await?;
    let error = match parse(answer.text()) {
        Ok(ticket) => return Ok(ticket),
        Err(error) => error,
    };
    let task = "You correct the form of answers that a program could not read, and leave their content as it is.";
    let request = ChatRequest::new([
        Message::system(format!("{task}\n\n{instructions}")),
        Message::user(format!("This answer could not be read ({error}). Give the corrected one:\n\n{answer}")),
    ]);
    parse(ask(&models.claude, request, Duration::from_secs(20)).await?.text())
}

/// Reads the JSON in an answer, which may have a fence or some words around it.
fn parse(answer: &str) -> catena::Result<Ticket> {
    let json = answer.find('{').zip(answer.rfind('}')).and_then(|(from, to)| answer.get(from..=to)).unwrap_or(answer);
    serde_json::from_str(json).map_err(|error| Error::from_source(ErrorKind::Parse { raw: answer.to_owned() }, error))
}

fn delivery(order: u32) -> String {
    format!("Order {order} will be with you in {} days.", 1 + order % 3)
}

pub(crate) async fn post(
    State(app): State<Arc<App>>,
    Json(Letter { text }): Json<Letter>,
) -> Result<Json<Handled>, Failure> {
    Ok(Json(app.run("ticket", handle(&app.models, text)).await?))
}
