//! An agent that looks up orders and prices.

use crate::{app::App, failure::Failure, models::Models};
use axum::{Json, extract::State};
use catena::{Error, ErrorKind};
use catena_llm::{ChatRequest, Message, Role, ToolCall, ToolDefinition};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

const MAX_STEPS: u32 = 5;
const TIME_LIMIT: Duration = Duration::from_mins(1);
const STATUS_LIMIT: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
pub(crate) struct Question {
    question: String,
}

#[derive(Serialize)]
pub(crate) struct Answer {
    answer: String,
    steps: u32,
    calls: usize,
}

#[derive(Serialize)]
struct Order {
    order: u32,
    status: &'static str,
}

/// Where an order is.
async fn order_status(order: u32) -> catena::Result<Order> {
    match order {
        0 => Err(Error::msg("there is no order 0")),
        order if order % 2 == 0 => Ok(Order { order, status: "shipped" }),
        order => Ok(Order { order, status: "packed" }),
    }
}

/// What it costs to send a parcel, in cents.
fn postage(country: &str, kilograms: Option<u32>) -> u32 {
    let base = if country == "Switzerland" { 700 } else { 1900 };
    base + 150 * kilograms.unwrap_or(1)
}

fn tools() -> [ToolDefinition; 2] {
    let order = json!({
        "type": "object",
        "properties": { "order": { "type": "integer", "minimum": 0, "description": "The number of the order." } },
        "required": ["order"],
    });
    let parcel = json!({
        "type": "object",
        "properties": {
            "country": { "type": "string", "description": "The country, by its English name." },
            "kilograms": {
                "type": ["integer", "null"],
                "minimum": 0,
                "description": "Its weight; one kilogram, if it is left out.",
            },
        },
        "required": ["country"],
    });
    [
        ToolDefinition::new("order_status", "Where an order is.", order),
        ToolDefinition::new("postage", "What it costs to send a parcel, in cents.", parcel),
    ]
}

/// What a tool says, or why it says nothing, as text for the model.
async fn call(call: &ToolCall) -> Message {
    let content = match tool(call).await {
        Ok(content) => content,
        Err(error) => format!("Error: {}", error.message()),
    };
    Message::tool(&call.id, content).with_name(&call.name)
}

async fn tool(call: &ToolCall) -> catena::Result<String> {
    #[derive(Deserialize)]
    struct OrderStatus {
        order: u32,
    }
    #[derive(Deserialize)]
    struct Postage {
        country: String,
        kilograms: Option<u32>,
    }
    match &*call.name {
        "order_status" => {
            let OrderStatus { order } = call.arguments()?;
            let late = |_| Error::new(ErrorKind::Timeout { after: STATUS_LIMIT }, "it took too long");
            let status = timeout(STATUS_LIMIT, order_status(order)).await.map_err(late)??;
            Ok(serde_json::to_string(&status)?)
        }
        "postage" => {
            let Postage { country, kilograms } = call.arguments()?;
            Ok(postage(&country, kilograms).to_string())
        }
        other => Err(Error::msg(format!("there is no tool `{other}`"))),
    }
}

async fn assist(models: &Models, question: String) -> catena::Result<Answer> {
    let instructions = "You work at the help desk of a shop. Look everything up before you answer.";
    let mut request = ChatRequest::new([Message::system(instructions), Message::user(question)]);
    request.tools = tools().into();
    for steps in 1..=MAX_STEPS {
        let said = models.careful(request.clone()).await?;
        if said.tool_calls().is_empty() {
            let calls = request.messages.iter().filter(|message| *message.role() == Role::Tool).count();
            return Ok(Answer { answer: said.text().to_owned(), steps, calls });
        }
        let results = join_all(said.tool_calls().iter().map(call)).await;
        request.messages.push(said);
        request.messages.extend(results);
    }
    Err(Error::msg(format!("the model was asked {MAX_STEPS} times and has no answer")))
}

pub(crate) async fn post(
    State(app): State<Arc<App>>,
    Json(Question { question }): Json<Question>,
) -> Result<Json<Answer>, Failure> {
    let work = async {
        timeout(TIME_LIMIT, assist(&app.models, question)).await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Timeout { after: TIME_LIMIT }, format!("no answer within {TIME_LIMIT:?}")))
        })
    };
    Ok(Json(app.run("assistant", work).await?))
}
