//! Events: g01 to g12, g40.

use super::recorded_events::{conforms, observed, recorded};
use catena::{Config, Error, Event, Result, RunId, RunKind, prelude::*};
use catena_tests::{Cases, ms, recording};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

pub(crate) async fn events<In: Send, R: Runnable<In>>(
    chain: &R,
    input: In,
    config: Config,
) -> (Vec<Event>, Option<String>) {
    let mut events = chain.events(input).with(config);
    let (mut all, mut error) = (Vec::new(), None);
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => all.push(event),
            Err(failed) => error = Some(failed.message().to_owned()),
        }
    }
    (all, error)
}

async fn check<In: Send, R: Runnable<In>>(recorded: &Value, chain: &R, input: In) {
    let (events, error) = events(chain, input, Config::new()).await;
    conforms(&recorded["events"], &events);
    assert_eq!(recorded["error"]["msg"].as_str(), error.as_deref());
}

type Text = Result<String>;

#[runnable(kind = prompt, name = "ChatPromptTemplate")]
fn prompt(input: Value) -> String {
    format!("Tell me about {input}")
}

fn says(
    pieces: &'static [&'static str],
    text: impl Stream<Item = Result<String>> + Send,
) -> impl Stream<Item = Result<String>> + Send {
    text.map_ok(move |_| stream::iter(pieces.iter().map(|piece| Ok((*piece).to_owned())))).try_flatten()
}

#[runnable(kind = model, name = "GenericFakeChatModel")]
fn generic(text: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send {
    says(&["hello", " ", "goodbye"], text)
}

#[runnable(kind = model, name = "FakeListChatModel")]
fn letters(text: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send {
    says(&["a", "b", "c"], text)
}

#[runnable(kind = parser, name = "StrOutputParser")]
fn parser(text: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send {
    text
}

#[tokio::test]
async fn g01_g02_prompt_model_parser() {
    let g01 = recording("g01_events_prompt_genericmodel_parser");
    let chain = chain!(Value => prompt | generic | parser);
    check(&g01, &chain, json!({ "topic": "cats" })).await;
    let chunks: Vec<String> = chain.stream(json!({ "topic": "cats" })).try_collect().await.unwrap();
    assert_eq!(json!(chunks), g01["stream"]);
    assert_eq!(json!(chain.invoke(json!({ "topic": "cats" })).await.unwrap()), g01["invoke"]);
    let g02 = recording("g02_events_prompt_listmodel_parser");
    check(&g02, &chain!(Value => prompt | letters | parser), json!({ "x": "hi" })).await;
}

#[runnable]
async fn slow(x: i64) -> i64 {
    tokio::time::sleep(ms(200)).await;
    x * 10
}

#[runnable]
async fn fast(x: i64) -> i64 {
    tokio::time::sleep(ms(50)).await;
    x + 1
}

#[tokio::test(start_paused = true)]
async fn g03_parallel() {
    let g03 = recording("g03_events_parallel_two");
    let chain = chain!(i64 => <slow: slow, fast: fast>);
    check(&g03, &chain, 3).await;
    assert_eq!(serde_json::to_value(chain.invoke(3).await.unwrap()).unwrap(), g03["invoke"]);
}

#[runnable]
async fn ok1(x: i64) -> i64 {
    x
}

#[runnable]
async fn bad(_x: i64) -> Result<i64> {
    tokio::time::sleep(ms(50)).await;
    Err(Error::msg("bad step"))
}

#[runnable]
async fn slowok(x: i64) -> i64 {
    tokio::time::sleep(ms(200)).await;
    x
}

#[tokio::test(start_paused = true)]
async fn g09_errors() {
    let mut g09 = Cases::of("g09_events_error", "");
    check(&g09.take("sequence"), &chain!(i64 => ok1 | bad | ok1), 1).await;
    check(&g09.take("parallel"), &chain!(i64 => <a: slowok, b: bad>), 1).await;
}

#[tokio::test]
async fn g10_tags_metadata_and_names() {
    let mut g10 = Cases::of("g10_events_tags_metadata_runname", "");
    g10.tested_by("config", "config_conformance::g10_tags_unite_and_the_calls_metadata_counts");
    let theirs = g10.take("events");
    assert!(g10.take("error").is_null());
    #[runnable]
    fn first(x: i64) -> i64 {
        x
    }
    #[runnable]
    fn look(_x: i64, cx: &Context) -> Value {
        let mut tags = cx.tags().to_vec();
        tags.sort();
        json!({ "tags": tags, "k": cx.metadata("k"), "own": cx.metadata("own"), "s": cx.metadata("s"), "c": cx.metadata("c") })
    }
    let own = Config::new().tag("own").metadata("k", "own").metadata("own", 1).run_name("Look");
    let chain = chain!(i64 => first | look.with_config(own)).with_config(Config::new().tag("seqtag").metadata("s", 1));
    let call = || Config::new().tag("call").metadata("k", "call").metadata("c", 1).run_name("ROOT");
    let (events, _) = events(&chain, 0, call()).await;
    let outline = |runs: Vec<super::recorded_events::Run>| -> Vec<_> {
        runs.into_iter().map(|run| (run.name, run.parent, run.tags, run.events)).collect()
    };
    assert_eq!(outline(recorded(&theirs)), outline(observed(&events)));
    for (theirs, ours) in theirs
        .as_array()
        .unwrap()
        .iter()
        .filter(|e| e["event"] == "on_chain_end")
        .zip(events.iter().filter(|event| event.event() == "on_chain_end"))
    {
        assert_eq!(theirs["metadata"], json!(ours.run.metadata()), "{}", ours.name());
    }
    let seen = g10.take("config_seen_by_second_step");
    let ours = chain.invoke_with(0, call()).await.unwrap();
    assert_eq!(
        (&ours["tags"], &ours["k"], &ours["own"]),
        (&seen["tags"], &seen["metadata"]["k"], &seen["metadata"]["own"])
    );
}

#[tokio::test]
async fn g07_filters() {
    let mut g07 = Cases::of("g07_events_filters", "/cases");
    #[runnable(kind = model, name = "M1", tags("tm"))]
    fn model(text: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send {
        says(&["a", " ", "b"], text)
    }
    let chain = chain!(Value => prompt | model | parser);
    let names = |value: &Value| -> Vec<String> {
        value.as_array().map(|all| all.iter().map(|one| one.as_str().unwrap().to_owned()).collect()).unwrap_or_default()
    };
    let kinds = |value: &Value| -> Vec<RunKind> {
        let kind = |name: &String| match name.as_str() {
            "parser" => RunKind::Parser,
            "chat_model" => RunKind::ChatModel,
            "prompt" => RunKind::Prompt,
            other => panic!("{other}"),
        };
        names(value).iter().map(kind).collect()
    };
    g07.told("the first event when the root is filtered out");
    for name in g07.names() {
        let case = g07.take(&name);
        let filters = &case["filters"];
        let mut events = chain.events(json!("q"));
        if filters.get("include_names").is_some() {
            events = events.include_names(names(&filters["include_names"]));
        }
        if filters.get("include_types").is_some() {
            events = events.include_kinds(kinds(&filters["include_types"]));
        }
        if filters.get("include_tags").is_some() {
            events = events.include_tags(names(&filters["include_tags"]));
        }
        events = events.exclude_names(names(&filters["exclude_names"]));
        events = events.exclude_kinds(kinds(&filters["exclude_types"]));
        events = events.exclude_tags(names(&filters["exclude_tags"]));
        if let Some(tag) = case["config"]["tags"][0].as_str() {
            events = events.with(Config::new().tag(tag));
        }
        let ours: Vec<Event> = events.try_collect().await.unwrap();
        if let Some(first) = ours.first().filter(|first| first.run.parent().is_some()) {
            assert_ne!(first.input(), Some(&json!("q")), "{name}: that is the input of the root");
        }
        // `on_chat_model_start M1 r1<r0>` without the numbers, in any order: how runs interleave differs.
        let mut theirs: Vec<String> =
            names(&case["short"]).iter().map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect();
        let mut ours: Vec<String> = ours
            .iter()
            .map(|event| format!("{} {}", event.event(), event.name().replace("sequence", "RunnableSequence")))
            .collect();
        theirs.sort();
        ours.sort();
        assert_eq!(theirs, ours, "{name}");
    }
}

#[tokio::test]
async fn g04_attempts() {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    };
    struct Fails(Arc<AtomicU32>);
    let mut g04 = Cases::of("g04_events_retry", "");
    g04.take("input");
    g04.take("cases");
    let mut g04 = Cases::of("g04_events_retry", "/cases");
    #[runnable]
    fn flaky(x: i64, cx: &Context) -> Result<i64> {
        let left = &cx.get::<Fails>().unwrap().0;
        if left.load(SeqCst) > 0 {
            left.fetch_sub(1, SeqCst);
            return Err(Error::msg("boom"));
        }
        Ok(x * 2)
    }
    for name in g04.names() {
        let case = g04.take(&name);
        let attempts = u32::try_from(case["stop_after_attempt"].as_u64().unwrap()).unwrap();
        let fails = u32::try_from(case["fails"].as_u64().unwrap()).unwrap();
        if case["via"] != "ainvoke_from_lambda" {
            let retried = || flaky.retry(Retry::attempts(attempts).base(ms(0)).jitter(false));
            let config = || Config::new().with(Fails(Arc::new(AtomicU32::new(fails))));
            let (ours, error) = match case["via"].as_str().unwrap() {
                "stream" => events(&retried(), 1, config()).await,
                _ => events(&chain!(i64 => |x| x + 1 | retried()), 1, config()).await,
            };
            let begun = ours.iter().filter(|e| e.event() == "on_chain_start" && e.name() == "flaky").count();
            assert_eq!((begun, error), (4, None), "{name}: the retry and its attempts");
            g04.told("retry in a stream");
            continue;
        }
        #[runnable]
        async fn outer(x: i64, cx: &Context) -> Result<i64> {
            let attempts = *cx.get::<u32>().unwrap();
            let policy = Retry::attempts(attempts).base(ms(0)).jitter(false);
            flaky.retry(policy).call(x, cx).await
        }
        let config = Config::new().with(Fails(Arc::new(AtomicU32::new(fails)))).with(attempts);
        let (events, error) = events(&outer, 1, config).await;
        conforms(&case["events"], &events);
        assert_eq!(case["error"].is_null(), error.is_none(), "{name}");
    }
}

#[tokio::test]
async fn g05_fallback() {
    let mut g05 = Cases::of("g05_events_fallback", "");
    #[runnable]
    fn primary(_x: &String) -> Result<String> {
        Err(Error::msg("primary down"))
    }
    #[runnable]
    fn backup(x: &String) -> String {
        format!("backup:{x}")
    }
    check(&g05.take("lambda_fallback"), &primary.fallback(backup), "q".to_owned()).await;
    #[runnable(kind = model, name = "FakeListChatModel")]
    fn silent(_text: String) -> impl Stream<Item = Result<String>> {
        stream::iter([Err(Error::msg(""))])
    }
    #[runnable(kind = model, name = "FakeListChatModel")]
    fn broken(_text: String) -> impl Stream<Item = Result<String>> {
        stream::iter([Ok("z".to_owned()), Err(Error::msg(""))])
    }
    #[runnable(kind = model, name = "Backup")]
    fn other(_text: String) -> impl Stream<Item = Result<String>> {
        stream::iter(["o", "k"].map(|piece| Ok(piece.to_owned())))
    }
    let before = events(&chain!(String => silent.fallback(other) | parser), "q".to_owned(), Config::new()).await;
    let after = events(&chain!(String => broken.fallback(other) | parser), "q".to_owned(), Config::new()).await;
    for (case, (mut ours, error)) in
        [("model_fails_before_first_chunk", before), ("model_fails_after_first_chunk", after)]
    {
        let case = g05.take(case);
        // Upstream tells of the pieces of a fallback only where it is the whole chain.
        let all = ours.len();
        ours.retain(|event| (event.name(), event.event()) != ("fallback", "on_chain_stream"));
        assert!(ours.len() < all);
        g05.told("pieces of a fallback in events");
        conforms(&case["events"], &ours);
        assert_eq!(case["error"]["msg"].as_str(), error.as_deref());
    }
}

#[tokio::test]
async fn g12_generators_tools_retrievers() {
    let mut g12 = Cases::of("g12_events_generator_tool_retriever", "/cases");
    #[runnable]
    fn words(text: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send {
        text.map_ok(|piece| {
            let words: Vec<Text> = piece.split_whitespace().map(|word| Ok(word.to_owned())).collect();
            stream::iter(words)
        })
        .try_flatten()
    }
    #[runnable]
    fn up(text: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send {
        text.map_ok(|piece| piece.to_uppercase())
    }
    #[runnable(kind = tool)]
    fn mult(a: i64, b: i64) -> i64 {
        a * b
    }
    #[runnable(kind = tool)]
    fn boom(_a: Value) -> Result<i64> {
        Err(Error::msg("tool failed"))
    }
    #[runnable(kind = retriever, name = "R")]
    fn retriever(query: String) -> Vec<String> {
        vec![format!("doc for {query}")]
    }
    check(&g12.take("generator"), &chain!(String => words | up), "ab cd".into()).await;
    check(&g12.take("tool"), &mult, record! { a: 2, b: 3 }).await;
    check(&g12.take("tool_error"), &boom, json!({ "a": 1 })).await;
    check(&g12.take("retriever"), &retriever, "q".to_owned()).await;
}

#[tokio::test]
async fn g40_what_is_called_inside_a_step() {
    let mut g40 = Cases::of("g40_events_break_cancel_nested_config", "/cases");
    #[runnable]
    fn inner(x: i64) -> i64 {
        x + 1
    }
    #[runnable]
    async fn withconf(x: i64, cx: &Context) -> Result<i64> {
        inner.with_config(Config::new().tag("explicit")).call(x, cx).await
    }
    #[runnable]
    async fn noconf(x: i64, cx: &Context) -> Result<i64> {
        inner.call(x, cx).await
    }
    let root = || Config::new().tag("root");
    for (case, (ours, _)) in [
        ("nested ainvoke without config (contextvar propagation, py>=3.11)", events(&noconf, 1, root()).await),
        ("nested ainvoke with explicit partial config (merged with context)", events(&withconf, 1, root()).await),
    ] {
        let line = |event: &Event| {
            format!("{} {} tags={}", event.event(), event.name(), event.run.tags().collect::<Vec<_>>().join(","))
        };
        // `on_chain_start inner r1<r0> tags=root` without the number.
        let recorded = g40.take(case)["short"].as_array().unwrap().clone();
        let parts = |line: &Value| line.as_str().unwrap().split(' ').map(str::to_owned).collect::<Vec<_>>();
        let theirs: Vec<String> =
            recorded.iter().map(parts).map(|parts| format!("{} {} {}", parts[0], parts[1], parts[3])).collect();
        assert_eq!(theirs, ours.iter().map(line).collect::<Vec<_>>(), "{case}");
    }
    let case = "break out of astream_events cancels the underlying run";
    g40.tested_by(case, "events::who_stops_reading_stops_the_run");
    let id = RunId::from_u128(5);
    let (ours, _) = events(&inner, 1, Config::new().run_id(id)).await;
    assert_eq!(json!(ours.len()), g40.take("explicit run_id")["n"]);
    assert!(ours.iter().all(|event| event.run.id() == id));
}
