use super::*;
use catena_llm::{memory::InMemoryHistory, testing::Scripted};
use serde_json::{Value, json};

#[tokio::test]
async fn an_agent_looks_orders_up_and_remembers_the_conversation() {
    let (model, backup, _simulator) = simulated::models(true).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let history = SqliteHistory::open(folder.path().join("history.db")).await.unwrap();
    let desk = support_desk(model, backup, Db::open(":memory:").unwrap(), history.clone()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, routes(desk, history), async { _ = ended.await }));

    let events = reqwest::get(format!("{url}/events/a?customer=1&text=Where%20is%20order%201001?")).await.unwrap();
    let events = events.text().await.unwrap();
    let at = |what: &str| events.find(what).unwrap_or_else(|| panic!("{what} is not in {events}"));
    assert!(at("event: on_tool_start") < at(r#""data":"Your""#) && at(r#""data":"Your""#) < at(r#""data":" order:""#));
    assert!(events.trim().rsplit("data: ").next().unwrap().contains("Your order: shipped on Monday."));

    let ask = reqwest::Client::new().post(format!("{url}/ask/a")).json(&json!({ "customer": 1, "text": "Thank you" }));
    assert_eq!(ask.send().await.unwrap().text().await.unwrap(), "I have read 5 messages.");
    let said: Value = reqwest::get(format!("{url}/history/a")).await.unwrap().json().await.unwrap();
    assert_eq!(said.as_array().unwrap().len(), 6, "with the call of the tool and its result: {said}");

    let mut last = reqwest::get(format!("{url}/events/b?customer=2&text=Where%20is%20order%201001?")).await.unwrap();
    let begun = last.chunk().await.unwrap().unwrap();
    end.send(()).unwrap();
    let whole = [&begun[..], &last.bytes().await.unwrap()[..]].concat();
    assert!(
        String::from_utf8_lossy(&whole)
            .trim()
            .rsplit("data: ")
            .next()
            .unwrap()
            .contains("Your order: shipped on Monday.")
    );
    serving.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_critical_message_goes_to_a_person_and_a_model_that_is_down_to_its_backup() {
    let verdict = json!({ "urgency": "Critical", "topic": "a burning lamp" }).to_string();
    let down = Error::new(ErrorKind::Unavailable { retry_after: None }, "down");
    let model = Scripted::new().when("fire", verdict).respond(move |_| Some(down.clone().into()));
    let backup = Scripted::answers(["Sorry, later."]).chat();
    let desk = support_desk(model.chat(), backup, Db::open(":memory:").unwrap(), InMemoryHistory::new()).unwrap();
    let ask =
        async |customer, text: &str| desk.invoke_with(Ask { customer, text: text.into() }, settings("b".into())).await;
    assert_eq!(ask(2, "fire!").await.unwrap(), "Ben, a person will call you within minutes about: a burning lamp.");
    assert_eq!(ask(1, "hello").await.unwrap(), "Sorry, later.");
    assert_eq!(model.requests().len(), 1 + 2 + 3, "two attempts to sort it, three to answer it");
    let error = ask(7, "fire!").await.unwrap_err();
    assert_eq!((error.path().as_str(), error.message()), ("support_desk.<name>.|ask|", "there is no customer 7"));
}

#[tokio::test]
async fn the_readme_has_the_chain_as_it_is() {
    let (model, backup, _simulator) = simulated::models(true).await.unwrap();
    let desk = support_desk(model, backup, Db::open(":memory:").unwrap(), InMemoryHistory::new()).unwrap();
    let drawn = desk.graph().text();
    assert!(include_str!("README.md").contains(&drawn), "{drawn}");
}
