//! A model that always plans in the same way, and reads what the tools say.

use catena::Result;
use catena_llm::simulator::{Answer, Request, Role, Simulator};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) async fn start() -> Result<Simulator> {
    let steps = AtomicUsize::new(0);
    let respond = move |request: &Request| {
        if request.system().starts_with("Summarise") {
            return summary(request);
        }
        answer(request, steps.fetch_add(1, Ordering::Relaxed))
    };
    Ok(Simulator::builder().respond(respond).start().await?)
}

/// Keeps the lines that matter for an excursion.
fn summary(request: &Request) -> Answer {
    let text: String = request.turns.iter().map(|turn| turn.text.as_str()).collect::<Vec<_>>().join("\n");
    let kept = text.lines().filter(|line| line.contains("degrees") || line.contains("lido"));
    Answer::new(kept.map(|line| line.chars().take(200).collect::<String>()).collect::<Vec<_>>().join("\n"))
}

fn answer(request: &Request, step: usize) -> Answer {
    let seen: String = request.turns.iter().map(|turn| turn.text.as_str()).collect::<Vec<_>>().join("\n");
    let system = request.system();
    let notes = system.split_once("The notes are in ").and_then(|(_, rest)| rest.strip_suffix('.'));
    let read = |notes: &str| json!({ "path": format!("{notes}/swimming.txt") });
    let sunny = seen.contains("27 degrees, sunny");
    match (step, notes) {
        (0, notes) => {
            let answer = Answer::new("Let me look at the weather.")
                .tool_call("weather", json!({ "city": "Zurich" }))
                .tool_call("weather", json!({ "city": "Lugano" }))
                .tool_call("weather", json!({ "city": "Atlantis" }));
            match notes {
                Some(notes) => answer.tool_call("notes_list_directory", json!({ "path": notes })),
                None => answer,
            }
        }
        (1, Some(notes)) => Answer::new("There are notes.").tool_call("notes_read_text_file", read(notes)),
        (2, Some(notes)) if !seen.contains("lido") => {
            // The server has died: once more.
            Answer::new("Let me try again.").tool_call("notes_read_text_file", read(notes))
        }
        _ if !seen.contains("7:05") => {
            let city = if sunny { "Lugano" } else { "Zurich" };
            Answer::new(format!("{city} it is. How do you get there?"))
                .tool_call("trains", json!({ "from": "Zurich", "to": city }))
                .tool_call("buy_ticket", json!({ "train": "the first one" }))
        }
        _ => {
            let trains = request.turns.iter().filter(|turn| turn.role == Role::Tool).map(|turn| &*turn.text);
            let trains = trains.filter_map(|text| serde_json::from_str::<Vec<String>>(text).ok()).next_back();
            let lido = if seen.contains("lido") { ", and the lido opens at nine" } else { "" };
            let reason = format!("there it has 27 degrees, sunny{lido}");
            let train = trains.unwrap_or_default().pop();
            Answer::default().tool_call("final_answer", json!({ "city": "Lugano", "train": train, "reason": reason }))
        }
    }
}
