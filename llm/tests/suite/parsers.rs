//! What a model said, as values: whole and on streams, alone and behind models over real HTTP.

#[cfg(all(feature = "providers", feature = "simulator"))]
mod over_http;

use catena::{Assemble, Chunks, Concat, Context, ErrorKind, Result, generator, prelude::*};
use catena_llm::{
    Chat, ChatModel, ChatRequest, Message, MessageChunk, Messages, Options, ResponseFormat,
    parser::{self, OutputParser, ParseError, Parser, Partial},
};
use futures_util::{StreamExt, stream};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
struct Recipe {
    title: String,
    /// In minutes.
    time: u32,
    steps: Vec<String>,
    note: Option<String>,
}

const RECIPE: &str = r#"{"title": "Tea \"green\" \ud83c\udf75", "time": 12, "steps": ["Boil {water}", "Wait, [2]"]}"#;

fn tea() -> Recipe {
    let steps = ["Boil {water}", "Wait, [2]"].map(str::to_owned).to_vec();
    Recipe { title: "Tea \"green\" 🍵".into(), time: 12, steps, note: None }
}

/// A text in pieces of so many letters.
fn pieces(text: &str, size: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(size).map(|letters| letters.iter().collect()).collect()
}

/// What a parser gives for a text that comes in these pieces, and what it makes in the end.
async fn streamed<P: OutputParser>(
    parser: &Parser<P>,
    pieces: Vec<String>,
) -> (Vec<<Parser<P> as Runnable<String>>::Chunk>, Option<catena::Error>) {
    let cx = Context::default();
    let chunks = Chunks::new(stream::iter(pieces.into_iter().map(Ok)));
    let mut read = Runnable::<String>::transform(parser, chunks, Concat::default(), &cx);
    let (mut given, mut failed) = (Vec::new(), None);
    while let Some(chunk) = read.next().await {
        match chunk {
            Ok(chunk) => given.push(chunk),
            Err(error) => failed = Some(error),
        }
    }
    (given, failed)
}

/// In pieces of every size it is what it is in one.
async fn same<P: OutputParser>(parser: Parser<P>, text: &str)
where
    P::Output: PartialEq + std::fmt::Debug,
{
    let whole = parser.invoke(text).await;
    for size in [1, 2, 3, 7, 1000] {
        let (given, failed) = streamed(&parser, pieces(text, size)).await;
        match (&whole, failed) {
            (Ok(whole), None) => {
                let mut assembler = Runnable::<String>::assembler(&parser);
                for chunk in given {
                    assembler.push(chunk);
                }
                assert_eq!(&assembler.finish().unwrap(), whole, "{text:?} by {size}");
            }
            (Err(whole), Some(failed)) => {
                assert_eq!(whole.downcast_ref::<ParseError>(), failed.downcast_ref(), "{text:?} by {size}");
            }
            (whole, failed) => panic!("{text:?} by {size}: {whole:?}, and on a stream {failed:?}"),
        }
    }
}

fn reason(error: &catena::Error) -> String {
    error.downcast_ref::<ParseError>().unwrap_or_else(|| panic!("{error:?}")).reason().to_owned()
}

#[tokio::test]
async fn a_stream_ends_with_what_invoke_gives() {
    let texts = [
        RECIPE.to_owned(),
        format!("Here it is:\n```json\n{RECIPE}\n```\nEnjoy!"),
        format!("As in [1], {RECIPE} and so on {{}}"),
        RECIPE[..RECIPE.len() - 4].to_owned(),
        "[1, 2]".to_owned(),
        "{\"title\": 3}".to_owned(),
        "  42 ".to_owned(),
        "no JSON".to_owned(),
        "{not} [JSON]".to_owned(),
        String::new(),
        "1. one\r\n2) two\n   and more\n\n3. \n- a\n* b\n1.5 is no item".to_owned(),
        "a, \"b, c\" ,\"d \"\"e\"\"\",, f\ng,".to_owned(),
        "a, \"b".to_owned(),
        "text\n```rust\nfn main() {\n\n    `x`\n}\n```\nmore\n```\nother\n```".to_owned(),
        "```\r\na\r\n\r\nb\r\n```".to_owned(),
        "~~~\n```\n~~~".to_owned(),
        "```rust\nfn".to_owned(),
        "Good!".to_owned(),
        "é😀ü".repeat(30),
    ];
    for text in &texts {
        same(parser::text(), text).await;
        same(parser::json(), text).await;
        same(parser::typed::<Recipe>(), text).await;
        same(parser::choice_of(["good", "bad"]), text).await;
        same(parser::comma_list(), text).await;
        same(parser::numbered_list(), text).await;
        same(parser::bulleted_list(), text).await;
        same(parser::code_block(), text).await;
        same(parser::code_block_in("Rust"), text).await;
    }
}

#[tokio::test]
async fn json_is_found_where_it_is() {
    let json = |text: &'static str| async move { parser::json().invoke(text).await.map_err(|error| reason(&error)) };
    assert_eq!(json("{\"a\": 1}").await, Ok(json!({ "a": 1 })));
    assert_eq!(json("```\n[1]\n```").await, Ok(json!([1])));
    assert_eq!(json("```json\n{\"a\": \"```\"}\n```").await, Ok(json!({ "a": "```" })));
    assert_eq!(json("Like [this] or [1]: {\"a\": [2]}.").await, Ok(json!({ "a": [2] })));
    assert_eq!(json("See [note]: [1, 2]").await, Ok(json!([1, 2])));
    assert_eq!(json("Use { to open: {\"a\": 1}").await, Ok(json!({ "a": 1 })));
    assert_eq!(json("null").await, Ok(Value::Null));
    // What is cut off is not taken for its parts.
    let cut = json("{\"a\": [1, 2], \"b\": ").await.unwrap_err();
    assert!(cut.starts_with("it ends too early"), "{cut}");
    assert!(json("{a: [1]}").await.is_err());
    assert_eq!(json("Sorry.").await, Err("there is no JSON in it".into()));
}

#[tokio::test]
async fn typed_answers_say_what_is_missing() {
    assert_eq!(parser::typed::<Recipe>().invoke(RECIPE).await.unwrap(), tea());
    // The first value that fits.
    let text = format!("Not {{\"a\": 1}} but {RECIPE}");
    assert_eq!(parser::typed::<Recipe>().invoke(Message::assistant(text)).await.unwrap(), tea());
    let error = parser::typed::<Recipe>().invoke("Well: {\"title\": \"Tea\", \"time\": -1}").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Parse { raw: "Well: {\"title\": \"Tea\", \"time\": -1}".into() });
    assert!(error.is_retryable());
    let parse = error.downcast_ref::<ParseError>().unwrap();
    assert_eq!(parse.expected(), "the JSON of `Recipe`");
    assert!(parse.reason().contains("integer `-1`, expected u32"), "{parse}");
    assert!(error.to_string().contains("the answer is not the JSON of `Recipe`"), "{error}");
    // A list at the top, a map, text in quotes.
    assert_eq!(parser::typed::<Vec<u8>>().invoke("So: [1, 2]").await.unwrap(), [1, 2]);
    assert_eq!(parser::typed::<String>().invoke("\"a\"").await.unwrap(), "a");
    let error = parser::typed::<String>().invoke("12").await.unwrap_err();
    assert!(reason(&error).contains("integer `12`, expected a string"), "{error}");
}

#[tokio::test]
async fn an_oversized_answer_is_kept_whole_and_shown_cut() {
    let raw = "x".repeat(10 << 20);
    let error = parser::json().invoke(raw.as_str()).await.unwrap_err();
    assert_eq!(error.raw_output().map(str::len), Some(raw.len()));
    assert_eq!(error.downcast_ref::<ParseError>().unwrap().raw().len(), raw.len());
    assert!(error.message().len() < 500 && error.message().contains("10485760 bytes"), "{}", error.message());
    // Neither do brackets without an end, or ever deeper ones, take long or much of the stack.
    for text in ["{".repeat(1 << 16), "[".repeat(1 << 16), "{\"a\":".repeat(1 << 13), "[x]".repeat(1 << 14)] {
        assert!(parser::json().invoke(text.as_str()).await.is_err());
        let (given, failed) = streamed(&parser::json(), pieces(&text, 1 << 12)).await;
        assert!(given.len() < 1000 && failed.is_some());
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Draft {
    title: Option<String>,
    steps: Vec<String>,
}

#[tokio::test]
async fn partial_values_are_typed() {
    let (partials, failed) = streamed(&parser::typed::<Recipe>(), pieces(RECIPE, 4)).await;
    assert!(failed.is_none());
    let titles: Vec<&str> = partials.iter().filter_map(|partial| partial.json()["title"].as_str()).collect();
    assert!(titles.len() > 3 && titles.windows(2).all(|two| two[1].starts_with(two[0])), "{titles:?}");
    // All that it needs is there before the end.
    let first = partials.iter().position(|partial| partial.get().is_some()).unwrap();
    assert!(!partials[first].is_complete() && first < partials.len() - 2);
    assert_eq!(partials[first].get().unwrap().title, tea().title);

    let drafts: Vec<Draft> = partials.iter().filter_map(Partial::read).collect();
    assert_eq!(drafts.len(), partials.len());
    assert!(drafts[0].title.is_none() && drafts.iter().any(|draft| draft.steps.len() == 1));
    let last = partials.into_iter().next_back().unwrap();
    assert!(last.is_complete());
    assert_eq!(last.into_complete(), Some(tea()));
}

#[tokio::test]
async fn long_answers_are_looked_at_less_often() {
    let items: Vec<String> = (0..20_000).map(|n| format!("item {n}")).collect();
    let text = json!({ "items": items }).to_string();
    let (values, failed) = streamed(&parser::json(), pieces(&text, 8)).await;
    assert!(failed.is_none() && values.len() > 100 && values.len() < 2000, "{}", values.len());
    assert_eq!(values.last(), Some(&json!({ "items": items })));
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Mood {
    /// All is well.
    Good,
    SoSo,
}

#[tokio::test]
async fn a_choice_is_the_word_alone() {
    let mood = parser::choice::<Mood>();
    for said in ["good", "Good.", " **GOOD**\n", "\"good\""] {
        assert_eq!(mood.invoke(said).await.unwrap(), Mood::Good, "{said}");
    }
    assert_eq!(mood.invoke("so_so").await.unwrap(), Mood::SoSo);
    let error = mood.invoke("not good").await.unwrap_err();
    assert!(error.message().contains("one of so_so, good"), "{error}");
    assert_eq!(parser::choice_of(["C", "C++", "c#"]).invoke("`C++`").await.unwrap(), "C++");
    assert_eq!(parser::choice_of(["a", "A"]).invoke("A").await.unwrap(), "A");
    let error = parser::choice_of(["on", "ON"]).invoke("On").await.unwrap_err();
    assert!(error.message().contains("differ only in case"), "{error}");
    // A type that is no choice is not the answer's fault.
    let error = parser::choice::<Recipe>().invoke("good").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(error.message().contains("Recipe"), "{error}");
}

#[tokio::test]
async fn lists_come_item_by_item() {
    let (items, _) = streamed(&parser::comma_list(), pieces("red, green, blue", 5)).await;
    assert_eq!(items, [["red"], ["green"], ["blue"]]);
    let text = "Sure:\n1. Boil water\n   in a pot.\n2. Add tea.\nEnjoy!";
    assert_eq!(parser::numbered_list().invoke(text).await.unwrap(), ["Boil water in a pot.", "Add tea."]);
    assert_eq!(parser::bulleted_list().invoke("- a\n  - b\n* c\n").await.unwrap(), ["a", "b", "c"]);
    assert_eq!(parser::comma_list().invoke("").await.unwrap(), Vec::<String>::new());
    let error = parser::numbered_list().invoke("- a\n- b").await.unwrap_err();
    assert_eq!(reason(&error), "no line begins with a number");
    let error = parser::comma_list().invoke("a, \"b, c").await.unwrap_err();
    assert!(reason(&error).contains("not closed"), "{error}");
}

#[tokio::test]
async fn code_comes_as_it_is_written() {
    let text = "Look:\n```text\nno\n```\n```Rust ignore\nfn main() {\n\n    ``;\n}\n```\nDone.";
    let rust = parser::code_block_in("rust");
    assert_eq!(rust.invoke(text).await.unwrap(), "fn main() {\n\n    ``;\n}");
    assert_eq!(parser::code_block().invoke(text).await.unwrap(), "no");
    let (given, _) = streamed(&rust, vec!["```rust\nlet ".into(), "x = 1;".into(), "\n``".into(), "`".into()]).await;
    assert_eq!(given, ["let ", "x = 1;"]);
    let missing = rust.invoke("```text\nno\n```").await.unwrap_err();
    assert_eq!(reason(&missing), "there is no fence with `rust` behind it");
    assert_eq!(reason(&rust.invoke("```rust\nfn").await.unwrap_err()), "the block is not closed");
}

/// Says these, one after the other, and keeps what it was asked.
#[derive(Clone)]
struct Says {
    answers: Arc<Mutex<Vec<String>>>,
    asked: Arc<Mutex<Vec<ChatRequest>>>,
}

impl Says {
    fn new<const N: usize>(answers: [&str; N]) -> Self {
        let answers = answers.map(str::to_owned).into_iter().rev().collect();
        Says { answers: Arc::new(Mutex::new(answers)), asked: Arc::default() }
    }

    fn asked(&self) -> Vec<ChatRequest> {
        self.asked.lock().unwrap().clone()
    }
}

impl ChatModel for Says {
    fn name(&self) -> &'static str {
        "says"
    }

    async fn complete(&self, request: ChatRequest, _cx: &Context) -> Result<Message> {
        self.asked.lock().unwrap().push(request);
        let answer = self.answers.lock().unwrap().pop();
        answer.map(Message::assistant).ok_or_else(|| catena::Error::msg("nothing left to say"))
    }

    fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk> {
        Chunks::open(async move {
            let answer = self.complete(request, cx).await?;
            Ok(Chunks::new(stream::iter(pieces(answer.text(), 3).into_iter().map(|text| Ok(MessageChunk::text(text))))))
        })
    }
}

#[tokio::test]
async fn behind_a_model_a_parser_streams() {
    let chain = chain!(String => Chat::new(Says::new(["one, two, three", "one, two, three"])) | parser::text());
    let texts: Vec<String> = chain.stream("?".to_owned()).map(|text| text.unwrap()).collect().await;
    assert_eq!(texts, ["one", ", t", "wo,", " th", "ree"]);
    assert_eq!(chain.invoke("?".to_owned()).await.unwrap(), "one, two, three");
    let chain = chain!(String => Chat::new(Says::new(["one, two, three"])) | parser::text() | parser::comma_list());
    let items: Vec<Vec<String>> = chain.stream("?".to_owned()).map(|item| item.unwrap()).collect().await;
    assert_eq!(items, [["one"], ["two"], ["three"]]);
    catena::assert_streams!(chain);
    // A field of a map, too, and what is boxed.
    let chain = chain!(String => <answer: Chat::new(Says::new(["{\"a\": 12}"]))> | .answer | parser::json());
    let values: Vec<Value> = chain.stream("?".to_owned()).map(|value| value.unwrap()).collect().await;
    assert_eq!(values, [json!({}), json!({ "a": 12 })]);
    let model = Chat::new(Says::new(["abcd"]));
    let chain = chain!(String => model.boxed_stream() | parser::text());
    let texts: Vec<String> = chain.stream("?".to_owned()).map(|text| text.unwrap()).collect().await;
    assert_eq!(texts, ["abc", "d"]);
}

#[tokio::test]
async fn events_are_those_of_a_parser() {
    let chain = chain!(String => Chat::new(Says::new(["{\"a\": 12}"])) | parser::json());
    let mut seen = Vec::new();
    let mut events = chain.events("?".to_owned());
    while let Some(event) = events.next().await {
        let event = serde_json::to_value(event.unwrap()).unwrap();
        if event["event"].as_str().unwrap().starts_with("on_parser") {
            seen.push((event["event"].clone(), event["name"].clone(), event["data"].clone()));
        }
    }
    let names: Vec<&str> = seen.iter().map(|(name, ..)| name.as_str().unwrap()).collect();
    assert_eq!(names, ["on_parser_start", "on_parser_stream", "on_parser_stream", "on_parser_end"]);
    assert_eq!(seen[0].1, "json");
    assert_eq!(seen[1].2["chunk"], json!({}));
    assert_eq!(seen[3].2["output"], json!({ "a": 12 }));
}

#[tokio::test]
async fn a_broken_stream_is_the_error_of_who_broke_it() {
    let broken = generator(|input: Chunks<'_, String>| {
        drop(input);
        let broke = catena::Error::new(ErrorKind::Unavailable { retry_after: None }, "the line was cut");
        Chunks::new(stream::iter([Ok("{\"a\": 1".to_owned()), Err(broke)]))
    });
    let chain = chain!(String => broken | parser::json());
    let mut values = chain.stream("?".to_owned());
    assert_eq!(values.next().await.unwrap().unwrap(), json!({ "a": 1 }));
    assert_eq!(values.next().await.unwrap().unwrap_err().message(), "the line was cut");
    assert!(values.next().await.is_none());
}

#[tokio::test]
async fn a_model_fixes_what_could_not_be_read() {
    let fixer = Says::new(["{\"title\": ", RECIPE]);
    let parser = parser::typed::<Recipe>().fix_with(Chat::new(fixer.clone())).attempts(2);
    assert_eq!(parser.invoke("Title: Tea").await.unwrap(), tea());
    let asked = fixer.asked();
    assert_eq!(asked.len(), 2);
    let (system, user) = (asked[0].messages[0].text(), asked[0].messages[1].text());
    assert!(
        system.contains("\"steps\"") && user.contains("Title: Tea") && user.contains("there is no JSON in it"),
        "{user}"
    );
    assert!(asked[1].messages[1].text().contains("{\"title\": "), "the second attempt is about the second answer");
    // What can be read is shown to nobody.
    assert_eq!(parser.invoke(RECIPE).await.unwrap(), tea());
    assert_eq!(fixer.asked().len(), 2);
}

#[tokio::test]
async fn what_cannot_be_fixed_is_told_with_all_attempts() {
    let fixer = Says::new(["second", "third", "fourth"]);
    let parser = parser::json().fix_with(Chat::new(fixer.clone())).attempts(2);
    let error = parser.invoke("first").await.unwrap_err();
    assert_eq!((error.raw_output(), error.attempts()), (Some("third"), 3));
    let before: Vec<_> = error.others().iter().map(catena::Error::raw_output).collect();
    assert_eq!(before, [Some("first"), Some("second")]);
    assert_eq!(fixer.asked().len(), 2);
    // A model that fails.
    let parser = parser::json().fix_with(Chat::new(Says::new([])));
    let error = parser.invoke("first").await.unwrap_err();
    assert!(error.message().contains("nothing left to say"));
    assert_eq!(error.others()[0].raw_output(), Some("first"));
    // Not asked at all.
    let error = parser::json().fix_with(Chat::new(Says::new(["{}"]))).attempts(0).invoke("first").await.unwrap_err();
    assert_eq!((error.raw_output(), error.others().len()), (Some("first"), 0));
    // What is wrong with the parser is nothing to fix.
    let fixer = Says::new(["good"]);
    let error = parser::choice::<Recipe>().fix_with(Chat::new(fixer.clone())).invoke("x").await.unwrap_err();
    assert_eq!((error.kind(), fixer.asked().len()), (&ErrorKind::BadInput, 0));
}

#[tokio::test]
async fn what_is_fixed_comes_last_on_a_stream() {
    let chain = |answer: &'static str| {
        let fixer = Chat::new(Says::new(["{\"a\": 2}"]));
        chain!(String => Chat::new(Says::new([answer])) | parser::json().fix_with(fixer))
    };
    let wrong = chain("{\"a\": 1, \"b\"");
    let values: Vec<Value> = wrong.stream("?".to_owned()).map(|value| value.unwrap()).collect().await;
    assert_eq!(values, [json!({}), json!({ "a": 1 }), json!({ "a": 2 })]);
    let wrong = chain("{\"a\": 1, \"b\"");
    let mut events = wrong.events("?".to_owned());
    let mut names = Vec::new();
    while let Some(event) = events.next().await {
        let event = serde_json::to_value(event.unwrap()).unwrap();
        let name = event["event"].as_str().unwrap().to_owned();
        if !name.ends_with("_stream") && !name.starts_with("on_chain") {
            names.push(name);
        }
    }
    let answer = ["on_chat_model_start", "on_parser_start", "on_chat_model_end", "on_parser_error"];
    let repair = ["on_chat_model_start", "on_chat_model_end", "on_parser_start", "on_parser_end"];
    assert_eq!(names, [answer, repair].concat());
    // Items that were given could not be taken back: nothing is given before all is read.
    let fixer = Chat::new(Says::new(["1. a\n2. b"]));
    let chain = chain!(String => Chat::new(Says::new(["a, b"])) | parser::numbered_list().fix_with(fixer));
    let items: Vec<Vec<String>> = chain.stream("?".to_owned()).map(|items| items.unwrap()).collect().await;
    assert_eq!(items.concat(), ["a", "b"]);
}

#[tokio::test]
async fn a_model_without_structured_output_is_told_in_the_prompt() {
    let model = Says::new([RECIPE, RECIPE, RECIPE]);
    let structured = Chat::new(model.clone()).structured::<Recipe>();
    assert_eq!(structured.invoke("Tea?").await.unwrap(), tea());
    let prompt: Messages = [Message::system("You cook.").with_name("chef"), Message::user("Tea?")].into();
    assert_eq!(structured.invoke(prompt.clone()).await.unwrap(), tea());
    let partials: Vec<Partial<Recipe>> = structured.stream(prompt).map(|partial| partial.unwrap()).collect().await;
    assert!(partials.len() > 5 && partials.last().unwrap().is_complete());
    let asked = model.asked();
    assert!(asked.iter().all(|request| request.options.response_format.is_none()));
    assert!(asked[0].messages[0].text().contains("In minutes."));
    assert_eq!((asked[0].messages.len(), asked[1].messages.len()), (2, 2));
    let system = &asked[1].messages[0];
    assert!(system.text().starts_with("You cook.\n\n") && system.name() == Some("chef"), "{system}");
}

#[tokio::test]
async fn a_structured_answer_is_fixed_too() {
    let (model, fixer) = (Says::new(["Tea, 12 minutes"]), Says::new(["?", RECIPE]));
    let chain = Chat::new(model).structured::<Recipe>().fix_with(Chat::new(fixer)).attempts(2);
    assert_eq!(chain.invoke("Tea?").await.unwrap(), tea());
}

#[tokio::test]
async fn a_wrong_response_format_is_not_sent() {
    let format = ResponseFormat::JsonSchema { name: "a name".into(), schema: json!({}) };
    let error = Options::new().response_format(format).check().unwrap_err();
    assert!(error.message().contains("\"a name\""), "{error}");
    let format = ResponseFormat::of::<BTreeMap<String, Vec<Recipe>>>();
    Options::new().response_format(format.clone()).check().unwrap();
    let options = serde_json::to_value(Options::new().response_format(format.clone())).unwrap();
    assert_eq!(serde_json::from_value::<Options>(options).unwrap().response_format, Some(format));
}

/// What langchain-core's parser of JSON gives for the same pieces, as it was recorded, and when.
#[tokio::test]
async fn partial_json_is_what_langchain_gives() {
    let recording =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/tests/suite/conformance/recordings/g16_stream_blocking.json");
    let recording: Value = serde_json::from_str(&std::fs::read_to_string(recording).unwrap()).unwrap();
    let case = &recording["cases"]["JsonOutputParser (streams partial objects)"];
    let recorded: Vec<(String, Value)> = case["log"].as_array().unwrap().iter().map(logged).collect();
    let given = recorded.iter().filter(|(side, _)| side == "src").map(|(_, piece)| piece.as_str().unwrap().to_owned());
    let log: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
    let source = {
        let (log, given) = (Arc::clone(&log), given.collect::<Vec<_>>());
        generator(move |input: Chunks<'_, String>| {
            let (log, given) = (Arc::clone(&log), given.clone());
            drop(input);
            Chunks::new(stream::iter(given).map(move |piece| {
                log.lock().unwrap().push(("src".to_owned(), json!(piece)));
                Ok(piece)
            }))
        })
    };
    let chain = chain!(String => source | parser::json());
    let mut values = chain.stream("abc".to_owned());
    while let Some(value) = values.next().await {
        log.lock().unwrap().push(("out".to_owned(), value.unwrap()));
    }
    assert_eq!(*log.lock().unwrap(), recorded);
}

/// `src:"a"` as a pair.
fn logged(line: &Value) -> (String, Value) {
    let (side, value) = line.as_str().unwrap().split_once(':').unwrap();
    (side.to_owned(), serde_json::from_str(value).unwrap())
}

#[tokio::test]
async fn what_a_model_thought_is_no_answer() {
    #[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
    struct City {
        name: String,
        people: u64,
    }
    let rome = City { name: "Rome".into(), people: 2_750_000 };
    let thought = r#"Say {"name":"Paris","people":1}? Or [1]? No."#;
    let answer = r#"{"name":"Rome","people":2750000}"#;
    for text in [
        format!("<think>{thought}</think>\n{answer}"),
        format!("\n<thinking>\n{thought}\n</thinking>\n\n```json\n{answer}\n```"),
        format!("<think>{thought}</think><think></think>Here: {answer}"),
        // The opening tag is part of some models' prompts.
        format!("{thought}\n</think>\n{answer}"),
    ] {
        assert_eq!(parser::typed::<City>().invoke(text.as_str()).await.unwrap(), rome, "{text}");
        assert_eq!(parser::json().invoke(text.as_str()).await.unwrap()["name"], "Rome", "{text}");
        for size in [1, 3, 1000] {
            let (mut partials, failed) = streamed(&parser::typed::<City>(), pieces(&text, size)).await;
            assert!(failed.is_none(), "{text}: {failed:?}");
            if text.trim_start().starts_with('<') {
                assert!(partials.iter().all(|partial| partial.json()["name"] != "Paris"), "{text}: {partials:?}");
            }
            assert_eq!(partials.pop().unwrap().into_complete().unwrap(), rome, "{text}");
        }
    }
    // A tag in the answer is part of it.
    let tag = r#"Look: {"tag": "</think>"}"#;
    assert_eq!(parser::json().invoke(tag).await.unwrap()["tag"], "</think>");
    assert_eq!(parser::choice_of(["yes", "no"]).invoke("<think>yes?</think>no").await.unwrap(), "no");
    assert_eq!(parser::comma_list().invoke("<think>a, b</think>c, d").await.unwrap(), ["c", "d"]);
    assert_eq!(parser::text().invoke("<think>a</think>b").await.unwrap(), "<think>a</think>b");
    // What was thought is no answer where there is none.
    let error = parser::typed::<City>().invoke(format!("<think>{thought}</think>I do not know.")).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Parse { .. }), "{error}");
    let error = parser::json().invoke(format!("{thought}</think>I do not know.")).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Parse { .. }), "{error}");
}
