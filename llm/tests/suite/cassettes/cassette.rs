use catena::{ErrorKind, Result, RunnableExt};
use catena_llm::{
    Chat, Message, MessageAssembler, MessageChunk, Options, Usage,
    testing::{Cassette, CassetteMode, Reply, Scripted},
};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

fn on(model: &Scripted, mode: CassetteMode, path: &Path) -> Result<Chat<Cassette<Scripted>>> {
    model.chat().on_cassette_in(mode, path)
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

async fn stream(chat: &Chat<Cassette<Scripted>>, prompt: &str) -> Vec<MessageChunk> {
    chat.stream(prompt).map(|chunk| chunk.unwrap()).collect().await
}

#[tokio::test]
async fn what_was_recorded_is_replayed_and_the_model_is_not_asked() {
    let folder = folder();
    let path = folder.path().join("in/a/new/folder.json");
    let real = Scripted::new()
        .named("gpt")
        .answer(Reply::chunks(["Zwölf ", "🦀"]).and_tool_call("f", json!({"a": 1})).usage(Usage::new(5, 6)))
        .answer(Message::assistant("Paris").with_id("id-1").with_usage(Usage::new(1, 2)));
    let recording = on(&real, CassetteMode::Record, &path).unwrap();
    let streamed = stream(&recording, "crabs?").await;
    let called = recording.invoke("capital?").await.unwrap();

    let unasked = Scripted::new().named("gpt");
    let replaying = on(&unasked, CassetteMode::Replay, &path).unwrap();
    assert_eq!(replaying.invoke("capital?").await.unwrap(), called);
    assert_eq!(stream(&replaying, "crabs?").await, streamed);
    // And each the other way.
    let whole = replaying.stream("capital?").assemble(MessageAssembler::default()).await.unwrap();
    assert_eq!(whole, called);
    assert_eq!(replaying.invoke("crabs?").await.unwrap().text(), "Zwölf 🦀");
    assert!(unasked.requests().is_empty());
}

#[tokio::test]
async fn equal_requests_are_answered_in_order_and_the_last_answer_stays() {
    let folder = folder();
    let path = folder.path().join("tape.json");
    let recording = on(&Scripted::answers(["one", "two"]), CassetteMode::Record, &path).unwrap();
    for _ in 0..2 {
        recording.invoke("?").await.unwrap();
    }
    let replaying = on(&Scripted::new(), CassetteMode::Replay, &path).unwrap();
    for wanted in ["one", "two", "two"] {
        assert_eq!(replaying.invoke("?").await.unwrap().text(), wanted);
    }
}

#[tokio::test]
async fn a_request_that_is_not_on_the_tape_is_an_error_that_shows_the_nearest() {
    let folder = folder();
    let path = folder.path().join("tape.json");
    let recording = on(&Scripted::answers(["1", "2"]), CassetteMode::Record, &path).unwrap();
    recording.invoke([Message::system("Be brief."), Message::user("The capital of France?")]).await.unwrap();
    recording.invoke("Something else entirely").await.unwrap();

    let replaying = on(&Scripted::answers(["never"]), CassetteMode::Replay, &path).unwrap();
    let asked = [Message::system("Be brief."), Message::user("The capital of Spain?")];
    let error = replaying.invoke(asked.clone()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    for told in ["tape.json", "/messages/1/content", "capital of France?\" recorded", "CATENA_CASSETTE=auto"] {
        assert!(error.message().contains(told), "{told}: {error:?}");
    }
    // Options count, and so does the model.
    let cold = replaying.clone().with_options(Options::new().temperature(0.0));
    let error = cold.invoke("Something else entirely").await.unwrap_err();
    assert!(error.message().contains("/options/temperature: nothing recorded, 0.0 asked"), "{error:?}");
    let other = on(&Scripted::new().named("other"), CassetteMode::Replay, &path).unwrap();
    let error = other.invoke("Something else entirely").await.unwrap_err();
    assert!(error.message().contains("/model"), "{error:?}");

    // In the mode for it, what is missing is added; what is there is not asked.
    let model = Scripted::answers(["Madrid"]);
    let auto = on(&model, CassetteMode::Auto, &path).unwrap();
    assert_eq!(auto.invoke(asked.clone()).await.unwrap().text(), "Madrid");
    assert_eq!(auto.invoke("Something else entirely").await.unwrap().text(), "2");
    let replaying = on(&Scripted::new(), CassetteMode::Replay, &path).unwrap();
    assert_eq!(replaying.invoke(asked).await.unwrap().text(), "Madrid");
}

#[tokio::test]
async fn failures_and_broken_streams_are_not_recorded() {
    let folder = folder();
    let path = folder.path().join("tape.json");
    let model = Scripted::new()
        .answer(catena::Error::msg("down"))
        .answer(Reply::from("one two").then_fail(catena::Error::msg("cut")))
        .answer("whole");
    let recording = on(&model, CassetteMode::Record, &path).unwrap();
    recording.invoke("?").await.unwrap_err();
    recording.stream("?").assemble(MessageAssembler::default()).await.unwrap_err();
    assert!(!path.exists());
    recording.invoke("?").await.unwrap();
    let tape: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(tape["exchanges"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn keys_in_messages_are_not_on_the_tape_and_the_rest_still_fits() {
    let folder = folder();
    let path = folder.path().join("tape.json");
    let asked = "My key is sk-proj-abcdefghijklmnop and my name is Rumpelstilzchen";
    let answer = || Reply::chunks(["Your key is sk-proj-abc", "defghijklmnop, ", "Rumpel", "stilzchen"]);
    let redacting = |chat: Chat<Cassette<Scripted>>| chat.map_model(|model| model.redacting(["Rumpelstilzchen"]));
    let recording = redacting(on(&Scripted::answers([answer()]), CassetteMode::Record, &path).unwrap());
    let said = recording.stream(asked).assemble(MessageAssembler::default()).await.unwrap();
    assert!(said.text().contains("sk-proj-abcdefghijklmnop"));

    let tape = std::fs::read_to_string(&path).unwrap();
    for secret in ["abcdefg", "hijklmnop", "Rumpel", "stilzchen"] {
        assert!(!tape.contains(secret), "{secret}: {tape}");
    }
    let replaying = redacting(on(&Scripted::new(), CassetteMode::Replay, &path).unwrap());
    assert_eq!(replaying.invoke(asked).await.unwrap().text(), "Your key is [redacted], [redacted]");
}

#[test]
fn a_tape_that_is_missing_or_none_is_said_at_once() {
    let folder = folder();
    let path = folder.path().join("tape.json");
    let error = on(&Scripted::new(), CassetteMode::Replay, &path).unwrap_err();
    assert!(error.message().contains("there is no cassette") && error.message().contains("CATENA_CASSETTE=record"));
    for (content, told) in [("not JSON", "cannot be read"), (r#"{"version": 9, "exchanges": []}"#, "version 9")] {
        std::fs::write(&path, content).unwrap();
        for mode in [CassetteMode::Replay, CassetteMode::Auto] {
            let error = on(&Scripted::new(), mode, &path).unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::BadInput);
            assert!(error.message().contains(told), "{error}");
        }
    }
    let error = "rewind".parse::<CassetteMode>().unwrap_err();
    assert!(error.message().contains("replay, record or auto"), "{error}");
    assert_eq!(" Auto".parse::<CassetteMode>().unwrap(), CassetteMode::Auto);
}

#[tokio::test]
async fn a_tape_that_cannot_be_written_fails_the_call() {
    let folder = folder();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let recording = on(&Scripted::answers(["yes"]), CassetteMode::Record, &file.join("tape.json")).unwrap();
    let error = recording.invoke("?").await.unwrap_err();
    assert!(error.message().contains("cannot be written"), "{error}");
}
