//! A model that always plans in the same way, and reads what the tools say.

use catena::Result;
use catena_llm::simulator::{Answer, Request, Role, Simulator};
use serde_json::json;

pub(crate) async fn start() -> Result<Simulator> {
    Ok(Simulator::builder().respond(answer).start().await?)
}

fn answer(request: &Request) -> Answer {
    let told: Vec<&str> = request.turns.iter().filter(|turn| turn.role == Role::Tool).map(|turn| &*turn.text).collect();
    match told[..] {
        [] => Answer::new("Let me look at the weather.")
            .tool_call("weather", json!({ "city": "Zurich" }))
            .tool_call("weather", json!({ "city": "Lugano" }))
            .tool_call("weather", json!({ "city": "Atlantis" })),
        [zurich, lugano, _] => {
            let city = if lugano.contains("sunny") || !zurich.contains("sunny") { "Lugano" } else { "Zurich" };
            Answer::new(format!("{city} it is. How do you get there?"))
                .tool_call("trains", json!({ "from": "Zurich", "to": city }))
                .tool_call("buy_ticket", json!({ "train": "the first one" }))
        }
        [_, lugano, _, trains, ..] => {
            let trains: Vec<String> = serde_json::from_str(trains).unwrap_or_default();
            let plan = json!({ "city": "Lugano", "train": trains.last(), "reason": format!("there it has {lugano}") });
            Answer::default().tool_call("final_answer", plan)
        }
        _ => Answer::new("I do not know."),
    }
}
