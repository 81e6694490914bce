//! Agents on models that think, against the simulator, which wants to see the thoughts and signatures again.

use catena::RunnableExt;
use catena_llm::simulator::{Answer, Provider, Simulator};
use catena_llm::{
    Agent, AgentAssembler, Message, Messages, Model, Options, ReasoningEffort, anthropic, gemini, gemini_openai,
    openai, openai_responses, tool, tools,
};
use serde_json::json;

/// The sum of two numbers.
#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// The product of two numbers.
#[tool]
fn multiply(a: i64, b: i64) -> i64 {
    a * b
}

/// The time.
#[tool]
fn now() -> &'static str {
    "noon"
}

fn models(sim: &Simulator) -> Vec<(Provider, Model)> {
    let effort = Options::new().reasoning_effort(ReasoningEffort::Low);
    let claude = |name: &str| anthropic(name).base_url(sim.anthropic_url()).api_key("k").options(effort.clone());
    let google = |name: &str| gemini(name).base_url(sim.gemini_url()).api_key("k").options(effort.clone());
    vec![
        (Provider::Anthropic, claude("claude-sonnet-4-5").build().unwrap()),
        (Provider::Anthropic, claude("claude-opus-4-7").build().unwrap()),
        (Provider::Gemini, google("gemini-3-pro-preview").build().unwrap()),
        (Provider::Gemini, google("gemini-2.5-flash").build().unwrap()),
        (
            Provider::OpenAiResponses,
            openai_responses("gpt-5").base_url(sim.openai_url()).api_key("k").options(effort.clone()).build().unwrap(),
        ),
        (Provider::OpenAi, openai("deepseek-v4-pro").base_url(sim.openai_url()).api_key("k").build().unwrap()),
        (
            Provider::GeminiOpenAi,
            gemini_openai("gemini-3-flash").base_url(sim.gemini_openai_url()).api_key("k").build().unwrap(),
        ),
    ]
}

#[tokio::test]
async fn an_agent_thinks_and_calls_three_tools_over_ten_turns() {
    let sim = Simulator::start().await.unwrap();
    for (provider, model) in models(&sim) {
        let agent = Agent::new(model).tools(tools![add, multiply, now].unwrap()).instructions("Reckon.");
        let mut conversation = Messages::default();
        for turn in 0..10 {
            sim.script(provider)
                .answer(
                    Answer::new("")
                        .thoughts(format!("What is wanted in turn {turn}?"))
                        .tool_call("add", json!({"a": turn, "b": 1}))
                        .tool_call("multiply", json!({"a": turn, "b": 2})),
                )
                .answer(Answer::new("Now the time.").thoughts("One more.").tool_call("now", json!({})))
                .answer(Answer::new(format!("Turn {turn} is done.")).thoughts("That is all."));
            let asked: Messages =
                conversation.iter().cloned().chain([Message::user(format!("Turn {turn}?"))]).collect();
            let said = if turn % 2 == 0 {
                agent.invoke(asked).await
            } else {
                agent.stream(asked).assemble(AgentAssembler::default()).await
            };
            let said = said.unwrap_or_else(|error| panic!("{provider:?}, turn {turn}: {error:?}"));
            assert_eq!((said.answer.text(), said.steps), (&*format!("Turn {turn} is done."), 3), "{provider:?}");
            assert_eq!(said.answer.reasoning(), "That is all.", "{provider:?}");
            // Stored and read again, as a history is.
            let stored = serde_json::to_string(&said.messages).unwrap();
            conversation = serde_json::from_str(&stored).unwrap();
            if conversation.last().map(Message::text) != Some(said.answer.text()) {
                conversation = conversation.iter().cloned().chain([said.answer]).collect();
            }
        }
        let results = conversation.iter().filter(|message| message.role() == &catena_llm::Role::Tool).count();
        assert_eq!(results, 30, "{provider:?}");
        if provider == Provider::OpenAiResponses {
            // It accepts a conversation without reasoning, so whether it goes back is seen only here.
            let body = sim.requests_for(provider).pop().unwrap().request.body;
            let items = body["input"].as_array().unwrap();
            let thoughts = items.iter().filter(|item| item["type"] == "reasoning");
            assert_eq!(thoughts.filter(|item| item["encrypted_content"].is_string()).count(), 29, "{body:#}");
        }
    }
}
