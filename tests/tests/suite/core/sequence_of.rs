//! A chain from a list that is known only at run time: as a sequence in every respect, whatever its length.

use catena::{
    BoxRunnable, Chunks, Config, ConfigKey, ErrorKind, Event, Listeners, SequenceOf, generator, lazy, prelude::*,
    sequence, sequence_of,
};
use catena_tests::{Scripted, ms, secs};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::Relaxed},
};

type Text = BoxRunnable<String, String>;

#[runnable]
fn trim(text: String) -> String {
    text.trim().to_owned()
}

#[runnable]
fn upper(text: String) -> String {
    text.to_uppercase()
}

#[runnable]
fn refuse(text: &str) -> catena::Result<String> {
    if text.is_empty() { Err(catena::Error::msg("nothing there")) } else { Ok(text.to_owned()) }
}

#[runnable]
fn empty(_text: &str) -> String {
    String::new()
}

/// Each chunk in capitals, as it comes.
fn capitals() -> impl Runnable<String, Output = String, Chunk = String> {
    generator(|texts: Chunks<'_, String>| Chunks::new(texts.map_ok(|text| text.to_uppercase())))
}

fn mark(mark: &'static str) -> impl Runnable<String, Output = String, Chunk = String> {
    chain!(String => move |text| text + mark)
}

#[tokio::test]
async fn a_list_is_one_step() -> catena::Result<()> {
    let steps: Vec<Text> =
        vec![trim.boxed(), mark("!").boxed(), chain!(String => upper | |text| text.repeat(2)).boxed()];
    let all = sequence_of(steps);
    assert_eq!(all.invoke(" so ".to_owned()).await?, "SO!SO!");
    assert_eq!(chain!(String => all.clone() | |text| text.len()).invoke(" so ".to_owned()).await?, 6);
    assert_eq!(all.clone().map().invoke(vec!["a".into(), "b".into()]).await?, ["A!A!", "B!B!"]);
    let collected: SequenceOf<String> = ["a", "b", "c"].into_iter().map(|each| mark(each).boxed()).collect();
    assert_eq!(collected.retry(2).invoke(String::new()).await?, "abc");
    Ok(())
}

#[tokio::test]
async fn an_empty_list_passes_its_input_on() -> catena::Result<()> {
    #[derive(Debug, PartialEq)]
    struct NoClone(u8);

    let none = sequence_of::<NoClone>(vec![]);
    assert_eq!(none.invoke(NoClone(7)).await?, NoClone(7));
    let chunks: Vec<NoClone> = none.stream(NoClone(7)).try_collect().await?;
    assert_eq!(chunks, [NoClone(7)]);
    let none = || sequence_of::<String>(vec![]);
    let around = chain!(String => trim | none() | upper);
    assert_eq!(around.invoke(" a ".to_owned()).await?, "A");
    assert_eq!(around.stream(" a ".to_owned()).try_collect::<String>().await?, "A");
    let streamed = chain!(String => Scripted::says(["a", "b"]) | none());
    assert_eq!(streamed.stream(String::new()).try_collect::<String>().await?, "ab");
    let failing = chain!(String => empty | refuse | none());
    for error in [
        failing.invoke(String::new()).await.unwrap_err(),
        failing.stream(String::new()).try_collect::<String>().await.unwrap_err(),
    ] {
        assert_eq!(error.path(), "refuse");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn chunks_go_through_as_they_come() {
    let said = || Scripted::says(["a", "b", "c"]).every(secs(1));
    let row = || sequence_of(vec![capitals().boxed_stream(), capitals().boxed_stream()]);
    let nested = || sequence_of(vec![row().boxed_stream(), capitals().boxed_stream()]);
    let first = || sequence_of(vec![said().boxed_stream(), capitals().boxed_stream()]);
    for (what, chain) in [
        ("after a step of a chain", chain!(String => said() | row()).boxed_stream()),
        ("from its own first step", chain!(String => first()).boxed_stream()),
        ("in a list in a list", chain!(String => said() | nested()).boxed_stream()),
        ("before a step of a chain", chain!(String => first() | capitals()).boxed_stream()),
        (
            "through a list of one",
            chain!(String => said() | sequence_of(vec![capitals().boxed_stream()])).boxed_stream(),
        ),
    ] {
        for config in [Config::new(), Config::new().listen(Listeners::new().on_start(|_| {}))] {
            let begin = tokio::time::Instant::now();
            let mut chunks = chain.stream_with(String::new(), config);
            for (at, expected) in ["A", "B", "C"].into_iter().enumerate() {
                assert_eq!(chunks.next().await.unwrap().unwrap(), expected, "{what}");
                let waited = begin.elapsed();
                assert!(waited < secs(at as u64) + ms(500), "{what}: {expected} after {waited:?}");
            }
            assert!(chunks.next().await.is_none(), "{what}");
        }
        assert_eq!(chain.invoke(String::new()).await.unwrap(), "ABC", "{what}");
    }
    // A box without a stream gives one chunk.
    let whole = chain!(String => said() | sequence_of(vec![capitals().boxed_stream(), capitals().boxed()]));
    assert_eq!(whole.stream(String::new()).try_collect::<Vec<_>>().await.unwrap(), ["ABC"]);
}

#[tokio::test]
async fn errors_name_the_step_and_its_number() {
    let list =
        sequence_of(vec![refuse.boxed(), refuse.boxed_stream(), empty.boxed(), refuse.boxed_stream(), upper.boxed()]);
    let tuple = sequence((refuse, refuse, empty, refuse, upper));
    let chains: [(Text, &str); 4] = [
        (chain!(String => list.clone()).boxed_stream(), "list.refuse#3"),
        (chain!(String => tuple).boxed_stream(), "tuple.refuse#3"),
        (chain!(String => trim | list).boxed_stream(), "list.refuse#3"),
        (
            sequence_of(vec![chain!(String => empty | refuse).named("check").boxed()]).named("rules").boxed(),
            "rules.check.refuse",
        ),
    ];
    for (chain, path) in chains {
        for config in [Config::new(), Config::new().listen(Listeners::new().on_start(|_| {}))] {
            let called = chain.invoke_with("a".to_owned(), config.clone()).await.unwrap_err();
            assert_eq!((called.path(), called.message()), (path.to_owned(), "nothing there"));
            let streamed = chain.stream_with("a".to_owned(), config).try_collect::<String>().await.unwrap_err();
            assert_eq!((streamed.path(), streamed.message()), (path.to_owned(), "nothing there"), "streamed");
        }
    }
}

/// What an event says of its place: `on_chain_start trim<sequence seq:step:1 "in" -> "out"`.
fn line(event: &Event) -> String {
    let parent = event.run.parent().map(|run| format!("<{}", run.name())).unwrap_or_default();
    let tags: Vec<_> = event.run.tags().collect();
    let json = |value: Option<&serde_json::Value>| value.map_or("-".to_owned(), ToString::to_string);
    let (input, output) = (json(event.input()), json(event.output()));
    format!("{} {}{parent} {tags:?} {input} {output}", event.event(), event.name())
}

#[tokio::test]
async fn events_are_those_of_a_sequence() {
    async fn events<R: Runnable<String>>(chain: R) -> Vec<String> {
        let streamed: Vec<Event> = chain.events(" a ".to_owned()).try_collect().await.unwrap();
        let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
        let (start, end) = (Arc::clone(&seen), Arc::clone(&seen));
        let listeners = Listeners::new()
            .on_start(move |event| start.lock().unwrap().push(line(event)))
            .on_end(move |event| end.lock().unwrap().push(line(event)));
        chain.invoke_with(" a ".to_owned(), Config::new().listen(listeners)).await.unwrap();
        let called = seen.lock().unwrap().clone();
        streamed.iter().map(line).chain(called).collect()
    }

    let of_three = || sequence_of(vec![trim.boxed_stream(), mark("!").boxed_stream(), trim.boxed_stream()]);
    let tuple = || sequence((trim, chain!(String => move |text| text + "!"), trim));
    let expected: Vec<String> = events(tuple()).await.into_iter().map(|line| line.replace("|text|", "mark")).collect();
    let is: Vec<String> = events(of_three()).await.into_iter().map(|line| line.replace("|text|", "mark")).collect();
    assert_eq!(is, expected);
    assert!(is[0].starts_with(r#"on_chain_start sequence [] " a ""#), "{is:#?}");
    assert!(is.iter().any(|line| line.contains(r#"trim<sequence ["seq:step:3"] "a!" "a!""#)), "{is:#?}");

    // A list of one is that step, as a sequence of one is.
    assert_eq!(events(sequence_of(vec![trim.boxed_stream()])).await, events(chain!(String => trim)).await);
    let of_none = events(sequence_of::<String>(vec![])).await;
    assert_eq!(of_none[2], r#"on_chain_end sequence [] " a " " a ""#);
}

#[tokio::test]
async fn it_is_drawn_as_a_sequence() {
    let list = sequence_of(vec![trim.boxed(), upper.retry(3).boxed(), chain!(String => trim | upper).boxed()]);
    let tuple = sequence((trim, upper.retry(3), sequence((trim, upper))));
    let text = list.graph().text();
    assert_eq!(text, tuple.graph().text());
    assert_eq!(
        chain!(String => Scripted::says(["a"]) | sequence_of(vec![capitals().boxed_stream(), capitals().boxed()]))
            .graph()
            .text(),
        "                              ╭ sequence_of ─────────────────────╮\n\
         String ─▶ scripted ┄ String ┄┄┤ generator ┄ String ┄┃▶ generator ├─▶ String\n\
         \x20                             ╰──────────────────────────────────╯\n"
    );
    assert_eq!(list.manifest().difference(&tuple.manifest()).to_string(), "");
    assert_eq!(sequence_of(vec![trim.boxed()]).graph().text(), "String ─▶ trim ─▶ String\n");
    assert_eq!(sequence_of::<String>(vec![]).graph().text(), "String ─▶ String\n");
    // In a chain it is a sequence under its own word, even of no steps.
    let json = chain!(String => trim | sequence_of::<String>(vec![])).graph().json();
    assert_eq!(json["nodes"][1]["data"]["name"], "trim");
    assert_eq!(list.manifest().json()["id"][3], json!("RunnableSequence"));
}

#[tokio::test]
async fn settings_reach_its_steps() -> catena::Result<()> {
    static SIGN: ConfigKey<String> = ConfigKey::new("sign", String::new());

    #[runnable]
    fn sign(text: String, cx: &Context) -> String {
        text + cx.value(&SIGN).as_str()
    }
    let list = sequence_of(vec![sign.boxed(), trim.boxed(), sign.boxed_stream()]);
    assert_eq!(list.invoke_with("a".to_owned(), Config::new().set(&SIGN, "?".to_owned())).await?, "a??");
    Ok(())
}

/// Steps of a list are after each other, however many there are.
#[tokio::test]
async fn a_long_list_is_no_recursion() -> catena::Result<()> {
    let inc = chain!(u32 => |n| n + 1).boxed();
    let each = |_| chain!(u32 => |n| n + 1).boxed();
    let built = (0..100)
        .fold(chain!(u32 => |n| n).boxed(), |all: BoxRunnable<u32, u32>, _| chain!(u32 => all | |n| n + 1).boxed());
    for (what, all) in [
        ("a hundred boxes", sequence_of((0..100).map(each).collect()).boxed()),
        ("one box a hundred times", sequence_of(vec![inc.clone(); 100]).boxed()),
        ("a chain built in a loop", built),
        (
            "lists in lists",
            sequence_of((0..10).map(|_| sequence_of((0..10).map(each).collect()).boxed()).collect()).boxed(),
        ),
        (
            "lists around lists",
            (0..100).fold(sequence_of(vec![]), |all, at| sequence_of(vec![all.boxed(), each(at)])).boxed(),
        ),
    ] {
        let settings = [
            Config::new(),
            Config::new().recursion_limit(1),
            Config::new().listen(Listeners::new().on_start(|_| {})),
            Config::new().recursion_limit(1).max_concurrency(2).listen(Listeners::new().on_start(|_| {})),
        ];
        for config in settings {
            assert_eq!(all.invoke_with(0, config.clone()).await?, 100, "{what}");
            let chunks: Vec<u32> = all.stream_with(0, config).try_collect().await?;
            assert_eq!(chunks, [100], "{what}");
        }
        assert_eq!(all.invoke(0).await?, 100, "{what}");
    }
    Ok(())
}

/// A step that reads a list from a file builds it in each call.
#[tokio::test]
async fn a_long_list_made_on_the_way_is_no_recursion() -> catena::Result<()> {
    #[runnable]
    async fn makes(n: u32, cx: &Context) -> catena::Result<u32> {
        let each = |_| chain!(u32 => |n| n + 1).boxed();
        let list = sequence_of((0..100).map(each).collect()).call(n, cx).await?;
        let built = (0..100).fold(each(0), |all, _| chain!(u32 => all | |n| n + 1).boxed());
        built.call(list, cx).await
    }
    let twice = sequence_of(vec![makes.boxed(), makes.boxed()]).boxed();
    for config in [Config::new(), Config::new().listen(Listeners::new().on_start(|_| {}))] {
        assert_eq!(twice.invoke_with(0, config).await?, 402);
    }
    Ok(())
}

#[tokio::test]
async fn a_list_inside_itself_is_recursion() {
    static TURNS: AtomicU32 = AtomicU32::new(0);

    fn endless() -> BoxRunnable<u32, u32> {
        let count = chain!(u32 => |n| { TURNS.fetch_add(1, Relaxed); n }).boxed();
        sequence_of(vec![count, chain!(u32 => lazy(endless)).boxed(), chain!(u32 => |n| n + 1).boxed()]).boxed()
    }
    for (limit, streams) in [(25, false), (3, false), (25, true), (3, true)] {
        TURNS.store(0, Relaxed);
        let config = Config::new().recursion_limit(limit);
        let all = endless();
        let outcome = if streams {
            all.stream_with(0, config).try_collect::<Vec<_>>().await.map(drop)
        } else {
            all.invoke_with(0, config).await.map(drop)
        };
        assert_eq!(outcome.unwrap_err().kind(), &ErrorKind::Recursion { limit }, "{streams}");
        assert!((limit..=limit + 1).contains(&TURNS.load(Relaxed)), "{limit}: {TURNS:?}");
    }
}
