//! Agents whose tools are a server's.

use super::hostile::server;
use crate::agents::{Scripted, calls};
use catena::RunnableExt;
use catena_llm::{Agent, Chat, Message, mcp::McpServer, tool, tools};

/// The sum of two numbers.
#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

#[tokio::test]
async fn an_agent_is_given_the_list_as_it_is_in_each_turn() {
    let script = Scripted::new([
        calls([("grow", "{}")]),
        calls([("sprout", "{}"), ("add", r#"{"a": 1, "b": 2}"#)]),
        Message::assistant("Done."),
    ]);
    let tools = tools![add, server("changing")].unwrap();
    let said = Agent::new(Chat::new(script.clone())).tools(tools).invoke("Grow.").await.unwrap();
    let names = |at: usize| script.asked(at).tools.iter().map(|tool| tool.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(0), ["add", "grow"]);
    assert_eq!(names(1), ["add", "grow", "sprout"]);
    assert_eq!(said.messages[4].parts()[0].content(), "sprouted");
    assert_eq!(said.messages[5].parts()[0].content(), "3");
}

#[tokio::test]
async fn an_agent_survives_the_death_of_a_server() {
    let script = Scripted::new([calls([("die", "{}")]), calls([("pid", "{}")]), Message::assistant("Done.")]);
    let agent = Agent::new(Chat::new(script.clone())).tools(tools![server("dies")].unwrap());
    let said = agent.invoke("Go on.").await.unwrap();
    let died = said.messages[2].parts()[0].content();
    let wanted = "Error: the connection to the server was lost while the tool was called; it is not known if the call was \
                  carried out; it said: ";
    assert!(died.starts_with(wanted) && died.contains("out of memory"), "{died}");
    said.messages[4].parts()[0].content().parse::<u32>().unwrap();
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_an_error_unless_it_is_optional() {
    let absent = || McpServer::stdio("catena-no-such-program", ["--token", "secret"]);
    let script = Scripted::new([Message::assistant("Hello."), Message::assistant("Hello again.")]);
    let agent = Agent::new(Chat::new(script.clone()));
    let error = agent.clone().tools(tools![absent()].unwrap()).invoke("Hi").await.unwrap_err();
    let wanted = "the MCP server `catena-no-such-program` cannot be started: there is no such program in the `PATH`: is it installed?";
    assert_eq!(error.message(), wanted);
    let tools = tools![add, absent().optional()].unwrap();
    assert_eq!(agent.tools(tools).invoke("Hi").await.unwrap().answer.text(), "Hello.");
    assert_eq!(script.asked(0).tools.len(), 1);
}
