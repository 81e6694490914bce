//! What of a history goes into the next turn.

use catena_llm::{Message, Messages, Part, ProviderState, Reasoning, Role, ToolCall, memory::Trim};
use proptest::prelude::*;
use std::collections::HashSet;

/// A turn with a call of a tool in it.
fn with_tool(n: usize) -> Vec<Message> {
    let id = format!("call_{n}");
    vec![
        Message::user(format!("weather {n}?")),
        Message::assistant("").with_tool_call(ToolCall::new(id.clone(), "weather", "{}")),
        Message::tool(id, "rain"),
        Message::assistant("It rains."),
    ]
}

#[test]
fn a_turn_with_a_tool_goes_or_stays_as_a_whole() {
    let said: Messages = [with_tool(1), with_tool(2)].concat().into();
    assert_eq!(Trim::messages(8).trim(said.clone()), said);
    for limit in 4..8 {
        assert_eq!(Trim::messages(limit).trim(said.clone()), with_tool(2).into(), "{limit}");
    }
    // The newest turn is never forgotten.
    for limit in 0..4 {
        assert_eq!(Trim::messages(limit).trim(said.clone()), with_tool(2).into(), "{limit}");
    }
}

#[test]
fn calls_are_counted_by_place_because_ids_come_again() {
    let turn = |n: usize| {
        let call = ToolCall::new("call_0", "weather", "{}");
        [
            Message::user(format!("weather {n}?")),
            Message::assistant("").with_tool_call(call.clone()).with_tool_call(call),
            Message::tool("call_0", "rain"),
            Message::tool("call_0", "snow"),
        ]
    };
    let said: Messages = [turn(1), turn(2), turn(3)].concat().into();
    assert_eq!(Trim::messages(11).trim(said.clone()), [turn(2), turn(3)].concat().into());
    assert_eq!(Trim::messages(4).trim(said.clone()), turn(3).to_vec().into());
    // A call without a result takes none from a later one.
    let mut lost = turn(1).to_vec();
    lost.truncate(2);
    let said: Messages = [lost, turn(2).to_vec()].concat().into();
    assert_eq!(Trim::messages(4).trim(said), turn(2).to_vec().into());
}

#[test]
fn a_history_without_the_user_is_not_forgotten() {
    let said: Messages = [
        Message::assistant("1"),
        Message::assistant("2").with_tool_call(ToolCall::new("c", "f", "{}")),
        Message::tool("c", "3"),
    ]
    .into();
    assert_eq!(Trim::messages(2).trim(said.clone()), said[1..].into());
    assert_eq!(Trim::messages(0).trim(said.clone()), said[1..].into());
}

#[test]
fn states_stay_with_their_messages_and_are_counted() {
    let state = ProviderState::new("x", serde_json::json!({"signature": "s".repeat(400)}));
    let thought = Part::Reasoning(Reasoning::new("Hm.").with_state(state.clone()));
    let answer = Message::new(Role::Assistant)
        .with_part(thought)
        .with_part(Part::Text("2".into()))
        .with_part(Part::Opaque(state));
    let said: Messages = [Message::user("1?"), Message::assistant("1"), Message::user("2?"), answer].into();
    assert_eq!(Trim::tokens(100).trim(said.clone()), said[2..].into());
    assert_eq!(Trim::tokens(300).trim(said.clone()), said);
}

#[test]
fn a_call_is_not_cut_from_a_result_that_comes_after_another_question() {
    let call = ToolCall::new("c", "buy", "{}");
    let said: Messages = [
        Message::user("Buy it."),
        Message::assistant("Sure?").with_tool_call(call),
        Message::user("Yes."),
        Message::tool("c", "bought"),
        Message::assistant("Done."),
    ]
    .into();
    assert_eq!(Trim::messages(3).trim(said.clone()), said);
}

#[test]
fn tokens_are_counted_by_rule_of_thumb_or_by_a_tokenizer_of_your_own() {
    let said: Messages = (0..10).map(|n| Message::user(format!("{n}{}", "x".repeat(39)))).collect();
    // 40 bytes are 10 tokens, and 4 for the message; all are one turn, for nobody answered.
    assert_eq!(Trim::tokens(140).trim(said.clone()).len(), 10);
    assert_eq!(Trim::tokens(139).trim(said.clone()).len(), 10);
    let words = Trim::tokens_by(1, |message| message.text().split_whitespace().count());
    let said: Messages = [Message::user("a b"), Message::assistant("c"), Message::user("d")].into();
    assert_eq!(words.trim(said), Messages::from(Message::user("d")));
}

fn message() -> impl Strategy<Value = Message> {
    let id = || (0..4u8).prop_map(|n| format!("call_{n}"));
    prop_oneof![
        Just(Message::system("rule")),
        Just(Message::user("question")),
        Just(Message::assistant("answer")),
        id().prop_map(|id| Message::assistant("").with_tool_call(ToolCall::new(id, "tool", "{}"))),
        id().prop_map(|id| Message::tool(id, "result")),
    ]
}

/// Each call with another id, each result to the last call of its.
fn numbered(said: Vec<Message>) -> Vec<Message> {
    let mut open = std::collections::HashMap::new();
    let mut count = 0;
    said.into_iter()
        .filter_map(|message| match (message.tool_calls(), message.parts()) {
            ([call], _) => {
                count += 1;
                let id = format!("{}#{count}", call.id);
                open.insert(call.id.clone(), id.clone());
                Some(Message::assistant("").with_tool_call(ToolCall::new(id, "tool", "{}")))
            }
            (_, [Part::ToolResult { call_id, .. }]) => open.remove(call_id).map(|id| Message::tool(id, "result")),
            _ => Some(message),
        })
        .collect()
}

proptest! {
    #[test]
    fn whatever_was_said(said in prop::collection::vec(message(), 0..24), limit in 0..24usize) {
        let said: Messages = numbered(said).into();
        let kept = Trim::messages(limit).trim(said.clone());
        let is_system = |message: &&Message| *message.role() == Role::System;
        // All rules stay, and the newest turn.
        prop_assert_eq!(kept.iter().filter(is_system).count(), said.iter().filter(is_system).count());
        let has_more = said.iter().any(|message| !is_system(&message));
        prop_assert_eq!(kept.iter().any(|message| !is_system(&message)), has_more);
        // The rest is the end of what was said.
        let rest = |all: &Messages| all.iter().filter(|m| !is_system(m)).cloned().collect::<Vec<_>>();
        prop_assert!(rest(&said).ends_with(&rest(&kept)));
        // No result without its call, and no call without its result if it has one.
        let calls = |all: &Messages| all.iter().flat_map(Message::tool_calls).map(|c| c.id.clone()).collect::<HashSet<_>>();
        let results = |all: &Messages| all.iter().flat_map(Message::parts).filter_map(|part| match part {
            Part::ToolResult { call_id, .. } => Some(call_id.clone()),
            _ => None,
        }).collect::<HashSet<_>>();
        prop_assert!(results(&kept).is_subset(&calls(&kept)));
        prop_assert!(calls(&kept).is_disjoint(&(&results(&said) - &results(&kept))));
        // It begins with the user, or with the model where no message of the user is a place to cut at.
        if kept != said {
            prop_assert!(rest(&kept).first().is_none_or(|first| *first.role() != Role::Tool));
        }
    }
}
