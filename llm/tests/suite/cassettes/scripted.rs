use catena::{Assemble, ErrorKind, RunnableExt, StepExt};
use catena_llm::{
    FinishReason, Message, MessageAssembler, MessageChunk, Usage,
    testing::{Reply, Scripted},
};
use futures_util::StreamExt;
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

async fn chunks(reply: impl Into<Reply>) -> Vec<MessageChunk> {
    let chat = Scripted::answers([reply.into()]).chat();
    chat.stream("?").map(|chunk| chunk.unwrap()).collect().await
}

fn texts(chunks: &[MessageChunk]) -> Vec<&str> {
    chunks.iter().map(|chunk| chunk.text.as_str()).filter(|text| !text.is_empty()).collect()
}

#[tokio::test]
async fn answers_are_streamed_in_pieces_and_come_out_whole() {
    assert_eq!(texts(&chunks("one  two\nthree ").await), ["one", "  two", "\nthree", " "]);
    assert_eq!(texts(&chunks(Reply::from("Zwölf").chunk_size(2)).await), ["Zw", "öl", "f"]);
    assert_eq!(texts(&chunks(Reply::chunks(["a b", "c"])).await), ["a b", "c"]);

    let reply = Reply::from("Let me look.").and_tool_call("weather", json!({"city": "Oslo"})).usage(Usage::new(1, 2));
    let chat = Scripted::answers([reply.clone(), reply]).named("gpt").chat();
    let whole = chat.invoke("?").await.unwrap();
    let streamed = chat.stream("?").assemble(MessageAssembler::default()).await.unwrap();
    assert_eq!(whole, streamed);
    assert_eq!((whole.model(), whole.finish_reason()), (Some("gpt"), Some(&FinishReason::ToolCalls)));
    assert_eq!(whole.tool_calls()[0].arguments::<serde_json::Value>().unwrap(), json!({"city": "Oslo"}));

    // The arguments come in pieces, the name with the first.
    let calls: Vec<_> = chunks(Reply::tool_call("f", json!({"a": 1}))).await;
    let pieces: Vec<_> = calls.iter().flat_map(|chunk| &chunk.tool_calls).collect();
    assert!(pieces.len() > 2 && pieces[0].name.as_deref() == Some("f") && pieces[1].name.is_none(), "{pieces:?}");
}

#[tokio::test(start_paused = true)]
async fn delays_are_on_tokios_clock() {
    let reply = || Reply::from("one two").delay(Duration::from_mins(1)).chunk_delay(Duration::from_secs(1));
    let chat = Scripted::answers([reply(), reply()]).chat();
    let start = Instant::now();
    let mut stream = chat.stream("?");
    let mut times = Vec::new();
    while let Some(chunk) = stream.next().await {
        chunk.unwrap();
        times.push(start.elapsed().as_secs());
    }
    assert_eq!(times, [61, 62, 63]);
    let start = Instant::now();
    chat.invoke("?").await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 63);
    let late = Scripted::answers([reply()]).chat().timeout(Duration::from_secs(5)).invoke("?").await.unwrap_err();
    assert!(matches!(late.kind(), ErrorKind::Timeout { .. }));
}

#[tokio::test]
async fn failures_come_where_they_are_written() {
    let limited = || catena::Error::new(ErrorKind::RateLimited { retry_after: None }, "slow down");
    let model = Scripted::new().answer(limited()).answer("ok");
    assert_eq!(model.chat().invoke("?").await.unwrap_err().kind(), &ErrorKind::RateLimited { retry_after: None });
    assert_eq!(model.chat().invoke("?").await.unwrap().text(), "ok");

    let chat = Scripted::answers([Reply::from("one two").then_fail(limited())]).chat();
    let mut stream = chat.stream("?");
    let mut whole = MessageAssembler::default();
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(chunk) => whole.push(chunk),
            Err(error) => break error,
        }
    };
    let said: Message = whole.finish().unwrap();
    assert_eq!((said.text(), said.finish_reason()), ("one two", None));
    assert!(error.message().contains("slow down"));
}

#[tokio::test]
async fn the_end_of_the_script_is_a_clear_error_that_is_not_retried() {
    let model = Scripted::answers(["one"]);
    let chat = model.chat().retry(5);
    chat.invoke("first").await.unwrap();
    let error = chat.invoke("second").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert_eq!(
        error.message(),
        "the script has no answer left: it had 1, and this is request 2, which ends with `second`"
    );
    let streamed = chat.stream("third").next().await.unwrap().unwrap_err();
    assert!(streamed.message().contains("request 3"), "{streamed}");
    assert_eq!((model.requests().len(), model.unused()), (3, 0));
}

#[tokio::test]
async fn rules_go_before_the_script_and_may_look_at_the_model() {
    let model = Scripted::new().when("weather", "sunny").answer("hello").when("weather today", "never reached");
    let looking = model.clone();
    let model = model.respond(move |_| (looking.requests().len() > 2).then(|| "that is enough".into()));
    let chat = model.chat();
    let mut said = Vec::new();
    for prompt in ["the weather today?", "hi", "bye", "the weather?"] {
        said.push(chat.invoke(prompt).await.unwrap().to_string());
    }
    assert_eq!(said, ["sunny", "hello", "that is enough", "sunny"]);
}
