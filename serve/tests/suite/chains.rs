//! The chains that the tests serve.

use catena::{Chunks, Error, ErrorKind, Result, generator, prelude::*};
use catena_llm::{
    Message, Messages, Usage, parser,
    testing::{Reply, Scripted},
};
use catena_serve::Server;
use futures_util::{StreamExt, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Clone, Debug, Deserialize, JsonSchema, Record)]
pub(crate) struct Question {
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) strict: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Count {
    words: usize,
    text: String,
}

#[runnable]
pub(crate) fn shout(text: &str) -> String {
    text.to_uppercase()
}

#[runnable]
fn count(question: Question) -> Count {
    Count { words: question.text.split_whitespace().count(), text: question.text }
}

/// Fails as its input says.
#[runnable(name = "fail")]
fn fail(kind: String) -> Result<String> {
    const SECRET: &str = "sk-very-secret in /etc/passwd";
    let kind = match &*kind {
        "bad_input" => ErrorKind::BadInput,
        "auth" => ErrorKind::Auth,
        "rate" => ErrorKind::RateLimited { retry_after: Some(Duration::from_millis(2500)) },
        "unavailable" => ErrorKind::Unavailable { retry_after: None },
        "parse" => ErrorKind::Parse { raw: SECRET.to_owned() },
        "timeout" => ErrorKind::Timeout { after: Duration::from_secs(1) },
        "deadline" => ErrorKind::Deadline,
        "cancelled" => ErrorKind::Cancelled,
        "step" => ErrorKind::Step,
        "panic" => panic!("{SECRET}"),
        fine => return Ok(fine.to_owned()),
    };
    Err(Error::new(kind, SECRET).with_source(std::io::Error::other(SECRET)))
}

/// A model that answers "Hello there!" in chunks, and calls a tool if it is asked for the weather.
pub(crate) fn scripted() -> Scripted {
    let usage = Usage::new(7, 5);
    Scripted::new()
        .named("scripted-1")
        .when("weather", Reply::tool_call("weather", serde_json::json!({ "city": "Oslo" })).usage(usage))
        .when(
            "cut",
            Reply::chunks(["Hel", "lo"]).then_fail(Error::new(
                ErrorKind::RateLimited { retry_after: None },
                "sk-very-secret is over its quota",
            )),
        )
        .respond(move |_| Some(Reply::chunks(["Hel", "lo ", "there!"]).usage(usage)))
}

pub(crate) fn chat() -> impl Runnable<Messages, Output = Message> {
    scripted().chat()
}

#[runnable]
fn prompted(question: Question) -> Messages {
    [Message::system("Be brief."), Message::user(question.text)].into()
}

pub(crate) fn server() -> Server {
    let words = generator(|text: Chunks<'_, String>| {
        Chunks::new(text.flat_map(|text| {
            let words: Vec<_> = text.unwrap_or_default().split_inclusive(' ').map(|word| Ok(word.to_owned())).collect();
            stream::iter(words)
        }))
    });
    Server::new()
        .chain("shout", shout)
        .chain("count", chain!(Question => count))
        .chain("fail", fail)
        .chain("words", chain!(String => words))
        .chain("chat", chat())
        .chain("answer", chain!(Question => prompted | scripted().chat() | parser::text()))
        .chain(
            "both",
            chain!(Question => prompted | <gpt: scripted().chat(), size: |messages: Messages| messages.len()>),
        )
}
