//! Compaction: what the model sees stays valid for its provider.

use super::{Scripted, calls, contents, models};
use catena::{Error, ErrorKind, RunnableExt};
use catena_llm::{
    Agent, AgentAssembler, AgentError, Chat, Message, Messages, Role, Usage,
    hooks::Summarize,
    simulator::{Answer, Provider, Simulator},
    testing::{self, Reply},
    tool, tools,
};
use serde_json::json;

/// A long text about a thing.
#[tool]
fn look_up(thing: &str) -> String {
    format!("{thing}: {}", "a word or two. ".repeat(100))
}

fn long() -> Messages {
    let old = "We have talked for long. ".repeat(100);
    [Message::system("Be brief."), Message::user(old.as_str()), Message::assistant("Yes."), Message::user("And now?")]
        .into()
}

#[tokio::test]
async fn a_conversation_is_cut_over_each_protocol_between_calls_and_results() {
    let sim = Simulator::start().await.unwrap();
    for target in Provider::ALL {
        for _ in 0..2 {
            let script = sim.script(target);
            let ask = |number: usize| {
                let answer = Answer::new("I look.").thoughts("Hm.");
                answer
                    .tool_call("look_up", json!({ "thing": format!("a{number}") }))
                    .tool_call("look_up", json!({ "thing": format!("b{number}") }))
            };
            let script = (0..4).fold(script, |script, number| script.answer(ask(number)));
            let _script = script.answer("Found.");
        }
    }
    for (provider, model) in models(&sim) {
        for streamed in [false, true] {
            let summary =
                testing::Scripted::answers(std::iter::repeat_with(|| Reply::text("They looked for things.")).take(9))
                    .chat();
            let agent = Agent::new(model.clone()).tools(tools![look_up].unwrap()).hook(Summarize::new(summary, 2000));
            let said = if streamed {
                agent.stream("Find all.").assemble(AgentAssembler::default()).await
            } else {
                agent.invoke("Find all.").await
            };
            // The simulator refuses a call without its result, a result without its call, and a lost signature.
            let said = said.unwrap_or_else(|error| panic!("{provider:?}: {error:?}"));
            assert_eq!(said.answer.text(), "Found.", "{provider:?}");
            assert_eq!(said.messages.len(), 1 + 4 * 3 + 1);
            let seen = said.model_messages();
            assert!(seen.len() < said.messages.len(), "{provider:?}");
            let first = seen[0].text();
            assert!(first.starts_with("Summary of the conversation so far:\nThey looked for things."), "{first}");
            // The question is in the old part, and goes on to be answered.
            assert!(first.ends_with("The message that is being answered:\nFind all."), "{first}");
            assert_eq!(seen[1].role(), &Role::Assistant);
        }
    }
}

#[tokio::test]
async fn the_same_part_is_summarised_once_and_its_cost_counts() {
    let summary = testing::Scripted::answers([Reply::text("They talked.").usage(Usage::new(500, 5))]);
    let model = Scripted::new([Message::assistant("One."), Message::assistant("Two.")]);
    let agent = model.agent().hook(Summarize::new(summary.clone().chat(), 200));
    let first = agent.invoke(long()).await.unwrap();
    assert_eq!(first.usage, Usage::new(600, 15));
    assert_eq!(
        contents(&model.asked(0).messages),
        ["Be brief.", "Summary of the conversation so far:\nThey talked.", "Yes.", "And now?"]
    );
    let second = agent.invoke(first.reply("And then?")).await.unwrap();
    assert_eq!(second.usage, Usage::new(100, 10), "the summary is known");
    assert_eq!(model.asked(1).messages[1].text(), "Summary of the conversation so far:\nThey talked.");
}

#[tokio::test]
async fn a_summary_that_fails_is_an_error_unless_the_old_part_may_go() {
    let fails: [(Reply, &str); 3] = [
        (Error::new(ErrorKind::Unavailable { retry_after: None }, "overloaded").into(), "overloaded"),
        (Reply::text(" "), "the summary is empty"),
        (Reply::text("x".repeat(9999)), "the summary is not shorter than what it stands for"),
    ];
    for (reply, wanted) in fails {
        let summary = || testing::Scripted::answers([reply.clone()]).chat();
        let model = Scripted::new([Message::assistant("Well.")]);
        let error = model.agent().hook(Summarize::new(summary(), 200)).invoke(long()).await.unwrap_err();
        assert_eq!(error.message(), wanted);
        assert!(error.to_string().contains("while running the hook `summarize`"), "{error}");
        assert!(error.to_string().contains("summarising the conversation"), "{error}");
        assert_eq!(error.downcast_ref::<AgentError>().unwrap().messages, long(), "nothing is lost");

        model.agent().hook(Summarize::new(summary(), 200).or_cut()).invoke(long()).await.unwrap();
        let seen = model.asked(0).messages;
        assert_eq!(
            contents(&seen),
            ["Be brief.", "The beginning of the conversation was left out.", "Yes.", "And now?"]
        );
    }
}

#[tokio::test]
async fn what_cannot_be_cut_is_left_as_it_is() {
    let model = Scripted::new([calls([("nothing", "{}")]), Message::assistant("Well.")]);
    let never = testing::Scripted::answers([""; 0]).chat();
    let agent = Agent::new(Chat::new(model.clone())).hook(Summarize::new(never, 200));
    let asked = "long ".repeat(1000);
    let error = agent.invoke(asked.as_str()).await.unwrap_err();
    // The first turn had nothing to cut; the second one could summarise the question, which fails.
    assert_eq!(contents(&model.asked(0).messages), [asked.as_str()]);
    assert!(error.to_string().contains("summarising the conversation"), "{error}");
}
