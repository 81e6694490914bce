//! The model: OpenAI's if there is a key, else a simulated one.

use catena_llm::{
    Model, openai,
    simulator::{Answer, Request, Role, Simulator},
};
use serde_json::json;
use std::time::Duration;

/// The model, its backup, and the simulator, which runs as long as it is kept.
pub(crate) async fn models(simulate: bool) -> anyhow::Result<(Model, Model, Option<Simulator>)> {
    let (gpt, mini) = (openai("gpt-4o"), openai("gpt-4o-mini"));
    if !simulate && std::env::var("OPENAI_API_KEY").is_ok() {
        return Ok((gpt.build()?, mini.build()?, None));
    }
    let simulator = Simulator::builder().chunk_delay(Duration::from_millis(20)).respond(answer).start().await?;
    let url = simulator.openai_url();
    let [gpt, mini] = [gpt, mini].map(|model| model.base_url(&url).api_key("simulated").build());
    Ok((gpt?, mini?, Some(simulator)))
}

/// Sorts messages, and has orders looked up.
fn answer(request: &Request) -> Answer {
    let said = request.last_user();
    if said.starts_with("Sort") {
        let urgency = if said.contains("fire") { "Critical" } else { "Normal" };
        return Answer::new(json!({ "urgency": urgency, "topic": "a customer's question" }).to_string());
    }
    let last = request.turns.last().map(|turn| (&turn.role, turn.text.as_str()));
    let order: Option<i64> = said.split(|c: char| !c.is_ascii_digit()).find_map(|word| word.parse().ok());
    match (last, order) {
        (Some((Role::Tool, status)), _) => Answer::new(format!("Your order: {status}.")),
        (_, Some(order)) => Answer::default().tool_call("order_status", json!({ "order": order })),
        _ => Answer::new(format!(
            "This is message {} here.",
            request.turns.iter().filter(|t| t.role == Role::User).count()
        )),
    }
}
