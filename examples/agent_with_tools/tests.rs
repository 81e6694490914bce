use super::*;

#[tokio::test]
async fn a_plan_is_made_from_what_the_tools_say() {
    let simulator = simulated::start().await.unwrap();
    let model = openai("gpt-4o-mini").base_url(simulator.openai_url()).api_key("simulated").build().unwrap();
    let mut shown = String::new();
    let answer = plan(model, "Where can I swim?", |text| shown.push_str(&text)).await.unwrap();
    assert_eq!((answer.answer.city.as_str(), answer.answer.train.as_str()), ("Lugano", "Zurich 8:05 - Lugano 10:02"));
    assert_eq!(answer.steps, 3);
    assert!(shown.contains("<- weather: 27 degrees, sunny"), "{shown}");
    assert!(shown.contains("<- weather: Error: no forecast for Atlantis"), "{shown}");
    assert!(shown.contains("<- buy_ticket: Refused: the user decides what is bought"), "{shown}");
    assert_eq!(simulator.requests().len(), 3);
}
