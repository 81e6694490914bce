use super::*;
use std::io::Write;

async fn run_with(notes: Option<&Notes>, buy: bool) -> (AgentAnswer<Plan>, String) {
    let simulator = simulated::start().await.unwrap();
    let model = openai("gpt-4o-mini").base_url(simulator.openai_url()).api_key("simulated").build().unwrap();
    let mut shown = String::new();
    let agent = planner(model, notes).unwrap();
    let answer = plan(&agent, "Where can I swim?", |_| buy, |text| shown.push_str(&text)).await.unwrap();
    (answer, shown)
}

#[tokio::test]
async fn a_plan_is_made_from_what_the_tools_say() {
    let (answer, shown) = run_with(None, false).await;
    assert_eq!((answer.answer.city.as_str(), answer.answer.train.as_str()), ("Lugano", "Zurich 8:05 - Lugano 10:02"));
    assert_eq!(answer.steps, 3);
    assert!(shown.contains("<- weather: 27 degrees, sunny"), "{shown}");
    assert!(shown.contains("<- weather: Error: no forecast for Atlantis"), "{shown}");
    assert!(shown.contains(".. the agent waits for a decision on `buy_ticket`"), "{shown}");
    assert!(shown.contains("<- buy_ticket: Refused: the user does not want that"), "{shown}");
}

#[tokio::test]
async fn a_ticket_is_bought_if_that_is_decided() {
    let (_, shown) = run_with(None, true).await;
    assert!(shown.contains("<- buy_ticket: bought: the first one"), "{shown}");
}

#[tokio::test]
async fn a_server_that_others_wrote_reads_the_notes_and_may_die() {
    for kill in [false, true] {
        let Some(notes) = Notes::installed(kill).unwrap() else {
            assert!(std::env::var_os("CATENA_REQUIRE_MCP").is_none(), "{}", notes::ABSENT);
            writeln!(std::io::stderr().lock(), "SKIPPED: {}", notes::ABSENT).unwrap();
            return;
        };
        let (answer, shown) = run_with(Some(&notes), false).await;
        assert_eq!(answer.answer.reason, "there it has 27 degrees, sunny, and the lido opens at nine", "{shown}");
        assert!(shown.contains("<- notes_list_directory: [FILE] server.pid"), "{shown}");
        // The notes are long: the model saw a summary in their place.
        assert!(answer.model_messages().len() < answer.messages.len(), "{shown}");
        assert!(answer.model_messages()[0].text().contains("the lido opens at nine"), "{shown}");
    }
}
