//! The models: OpenAI's if there is a key, else simulated ones.

use catena_llm::{
    Model, openai,
    simulator::{Answer, Request, Role, Simulator},
};
use serde_json::json;
use std::time::Duration;

/// A model, its backup, and the simulator, which runs until it is dropped.
pub(crate) async fn models(simulate: bool) -> anyhow::Result<(Model, Model, Option<Simulator>)> {
    let (gpt, mini) = (openai("gpt-4o"), openai("gpt-4o-mini"));
    if !simulate && std::env::var("OPENAI_API_KEY").is_ok() {
        return Ok((gpt.build()?, mini.build()?, None));
    }
    let simulator = Simulator::builder().chunk_delay(Duration::from_millis(20)).respond(answer).start().await?;
    let [gpt, mini] = [gpt, mini].map(|model| model.base_url(simulator.openai_url()).api_key("simulated").build());
    Ok((gpt?, mini?, Some(simulator)))
}

fn answer(request: &Request) -> Answer {
    let said = request.last_user();
    if said.starts_with("Sort") {
        let urgency = if said.contains("fire") { "Critical" } else { "Normal" };
        return Answer::new(json!({ "urgency": urgency, "topic": "a question" }).to_string());
    }
    let order: Option<i64> = said.split(|c: char| !c.is_ascii_digit()).find_map(|word| word.parse().ok());
    match (request.turns.last(), order) {
        (Some(last), _) if last.role == Role::Tool => Answer::new(format!("Your order: {}.", last.text)),
        (_, Some(order)) => Answer::default().tool_call("order_status", json!({ "order": order })),
        _ => Answer::new(format!("I have read {} messages.", request.turns.len() - 1)),
    }
}
