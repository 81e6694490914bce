use super::*;
use catena_llm::testing::{Reply, Scripted};
use serde_json::json;

/// A service on a free port, whose models are these.
async fn open<M: catena_llm::ChatModel + Clone + 'static>(
    model: catena_llm::Chat<M>,
    folder: &std::path::Path,
) -> String {
    let history = SqliteHistory::open(folder.join("history.db")).await.unwrap();
    let db = db::Db::open(folder.join("shop.db")).unwrap();
    let chain = support_desk(model, Scripted::answers(["Sorry, later."]).chat(), db, history.clone()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes(chain, history)).await });
    url
}

#[tokio::test]
async fn an_agent_looks_orders_up_and_remembers_the_conversation() {
    let folder = tempfile::tempdir().unwrap();
    let (model, _, _simulator) = simulated::models(true).await.unwrap();
    let url = open(model, folder.path()).await;
    let events = reqwest::get(format!("{url}/events/a?customer=1&text=Where%20is%20order%201001?")).await.unwrap();
    let events = events.text().await.unwrap();
    let at = |what: &str| events.find(what).unwrap_or_else(|| panic!("{what} is not in {events}"));
    assert!(
        at("event: on_tool_start") < at("\"data\":\"Your\"") && at("\"data\":\"Your\"") < at("\"data\":\" order:\"")
    );
    assert!(events.trim().ends_with('}') && events.contains("Your order: shipped on Monday."));

    let client = reqwest::Client::new();
    let ask = client.post(format!("{url}/ask/a")).json(&json!({ "customer": 1, "text": "Thank you" }));
    assert_eq!(ask.send().await.unwrap().text().await.unwrap(), "This is message 2 here.");
    let said: serde_json::Value = reqwest::get(format!("{url}/history/a")).await.unwrap().json().await.unwrap();
    assert_eq!(said.as_array().unwrap().len(), 6, "with the call of the tool and its result: {said}");
}

#[tokio::test(start_paused = true)]
async fn a_critical_message_goes_to_a_person_and_a_model_that_is_down_to_its_backup() {
    let folder = tempfile::tempdir().unwrap();
    let history = SqliteHistory::open(folder.path().join("history.db")).await.unwrap();
    let model = Scripted::new()
        .when("fire", json!({ "urgency": "Critical", "topic": "a burning lamp" }).to_string())
        .respond(|_| Some(catena::Error::new(ErrorKind::Unavailable { retry_after: None }, "down").into()));
    let db = db::Db::open(folder.path().join("shop.db")).unwrap();
    let desk = support_desk(model.chat(), Scripted::answers([Reply::text("Later.")]).chat(), db, history).unwrap();
    let ask =
        async |customer, text: &str| desk.invoke_with(Ask { customer, text: text.into() }, settings("b".into())).await;
    assert_eq!(ask(2, "fire!").await.unwrap(), "Ben, a person will call you within minutes about: a burning lamp.");
    assert_eq!(ask(1, "hello").await.unwrap(), "Later.");
    assert_eq!(model.requests().len(), 1 + 2 + 3, "two attempts to sort it, three to answer it");
    let error = ask(7, "fire!").await.unwrap_err();
    assert_eq!((error.path().as_str(), error.message()), ("support_desk.<name>.|ask|", "there is no customer 7"));
}

#[tokio::test]
async fn the_readme_has_the_chain_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (model, backup, _simulator) = simulated::models(true).await.unwrap();
    let history = SqliteHistory::open(folder.path().join("history.db")).await.unwrap();
    let chain = support_desk(model, backup, db::Db::open(folder.path().join("shop.db")).unwrap(), history).unwrap();
    let drawn = chain.graph().text();
    assert!(include_str!("README.md").contains(&drawn), "{drawn}");
}
