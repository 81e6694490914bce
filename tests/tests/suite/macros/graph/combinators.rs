//! Each combinator's drawing, as goldens.

use super::models::{GPT, Model, Routed, SONNET};
use catena::{
    BoxRunnable, Config, ConfigKey, Context, Retry, Router, assert_graph, lazy, parallel, prelude::*, sequence,
};
use std::{sync::Arc, time::Duration};

#[runnable]
pub(crate) fn words(text: String) -> usize {
    text.into_bytes().split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count()
}

#[runnable]
pub(crate) fn shout(mut text: String) -> String {
    text.make_ascii_uppercase();
    text
}

#[runnable(retry = 4, timeout = "2s")]
async fn careful(text: String) -> String {
    text
}

#[runnable]
fn merge(gpt: String, claude: catena::Result<String>) -> String {
    format!("{gpt} {}", claude.is_ok())
}

#[runnable]
fn pick_one(_text: String) -> BoxRunnable<String, String> {
    shout.boxed()
}

#[runnable(kind = tool, name = "look_up", tags("slow", "paid"))]
fn tool(text: String) -> String {
    text
}

#[derive(Clone, Record)]
struct Answers {
    loud: String,
    size: usize,
}

static TONE: ConfigKey<String> = ConfigKey::with("tone", || "kind".to_owned());
static API_KEY: ConfigKey<String> = ConfigKey::with("api_key", || "hunter2".to_owned());
static LOUD: ConfigKey<bool> = ConfigKey::new("loud", false);

const SECOND: Duration = Duration::from_secs(1);

macro_rules! golden {
    ($name:literal, $chain:expr) => {
        assert_graph!($chain, concat!("tests/suite/macros/graph/goldens/", $name))
    };
}

#[test]
fn a_step() {
    golden!("step.txt", shout);
    golden!("tool.txt", tool);
    golden!("careful.txt", careful);
}

#[test]
fn a_sequence() {
    golden!("sequence.txt", chain!(String => shout | words | |n| n * 2));
    golden!("sequence_by_hand.txt", sequence((shout, words)));
    golden!(
        "sequence_of_thirteen.txt",
        chain!(String =>
            shout | shout | shout | shout | shout | shout | shout | shout | shout | shout | shout | shout | words
        )
    );
    let inner = chain!(String => shout | shout);
    golden!("chain_in_chain.txt", chain!(String => inner | words));
}

#[test]
fn a_map() {
    golden!("map.txt", chain!(String => <gpt: GPT.retry(3), claude?: SONNET.timeout(20 * SECOND)> | merge));
    golden!("map.svg", chain!(String => <gpt: GPT.retry(3), claude?: SONNET.timeout(20 * SECOND)> | merge));
    golden!("map.mmd", chain!(String => <gpt: GPT.retry(3), claude?: SONNET.timeout(20 * SECOND)> | merge));
    golden!("map.dot", chain!(String => <gpt: GPT.retry(3), claude?: SONNET.timeout(20 * SECOND)> | merge));
    golden!("map.json", chain!(String => <gpt: GPT.retry(3), claude?: SONNET.timeout(20 * SECOND)> | merge));
    golden!("map_by_hand.txt", parallel((shout, words)));
    golden!("map_as_struct.txt", chain!(String => <size: words, loud: shout> as Answers | .loud));
    golden!("map_of_one.txt", chain!(String => <text: _>));
    golden!("picks.txt", chain!(String => <a: shout, b: words, c: _> | .{ a, b } | .a));
}

#[test]
fn a_map_of_more_than_twelve_is_one_map() {
    let chain = chain!(String => <
        a: _, b: _, c: _, d: _, e: _, f: _, g: _, h: _, i: _, j: _, k: _, l: _, m: words, n?: shout,
    >);
    golden!("map_of_fourteen.txt", chain);
}

#[test]
fn a_branch() {
    let chain = chain!(usize => match {
        0 => |_| String::new(),
        n if n > 9 => |n| n.to_string() | shout,
        _ => |n| format!("{n}"),
    });
    golden!("branch.txt", chain);
    golden!("branch_by_key.txt", chain!(String => match config(LOUD) { true => shout, false => _ } | words));
    let chain = chain!(u8 => match {
        1 => |_| 1, 2 => |_| 1, 3 => |_| 1, 4 => |_| 1, 5 => |_| 1, 6 => |_| 1, 7 => |_| 1,
        8 => |_| 1, 9 => |_| 1, 10 => |_| 1, 11 => |_| 1, 12 => |_| 1, 13 => |_| 1, _ => |_| 0,
    });
    golden!("branch_of_fourteen.txt", chain);
}

#[test]
fn a_retry() {
    golden!("retry.txt", shout.retry(3));
    let retry = Retry::attempts(5).base(Duration::from_millis(50)).factor(3.0).total_delay(90 * SECOND);
    golden!("retry_otherwise.txt", shout.retry(retry.max_delay(5 * SECOND).when(|_| true)));
}

#[test]
fn what_is_around_a_step() {
    golden!("timeout.txt", shout.timeout(Duration::from_millis(1500)));
    golden!("fallback.txt", GPT.fallback(SONNET.retry(2)).fallback(shout));
    golden!("fallback_with_error.txt", shout.fallback_with_error(chain!(catena::Failed<String> => .input)));
    golden!("race.txt", GPT.race(SONNET).race(shout));
    golden!("for_each.txt", chain!(String => shout | words).map());
    golden!("for_each_limited.txt", shout.map().concurrency(4));
    golden!("spawned.txt", shout.spawned());
    golden!("named.txt", chain!(String => shout.named("loudly") | chain!(String => shout | words).named("count")));
    golden!("tap.txt", chain!(String => shout.tap(|_| ()) | words));
    golden!("then_run.txt", chain!(String => pick_one.then_run() | words));
    golden!("deep.txt", chain!(String => GPT.timeout(20 * SECOND).retry(3).fallback(SONNET).spawned() | words));
}

#[test]
fn settings() {
    let config = Config::new().tag("night").metadata("team", "search").metadata("token", "hunter2");
    let config = config.max_concurrency(2).deadline(30 * SECOND).set(&TONE, "rude".to_owned()).run_name("ask");
    golden!("with_config.txt", chain!(String => shout.with_config(config) | words));
    let configurable = shout.configurable(&TONE, |_, _| shout).configurable(&API_KEY, |step, _| step.clone());
    golden!("configurable.txt", chain!(String => configurable | words));
}

#[test]
fn a_box_shows_what_is_in_it() {
    golden!("boxed.txt", chain!(String => chain!(String => shout.retry(3) | GPT).boxed() | words));
    golden!("boxed_stream.txt", chain!(String => GPT | GPT.boxed_stream() | words));
    let router = Router::new([("loud", shout.boxed()), ("gpt", GPT.retry(2).boxed())]);
    golden!("router.txt", chain!(Routed => router | words));
}

#[test]
fn pointers_are_what_they_point_to() {
    let shared = Arc::new(GPT);
    assert_eq!(
        chain!(String => &GPT).graph().text(),
        chain!(String => Arc::clone(&shared)).graph().text().replace("Arc::clone", "GPT")
    );
    let boxed: Box<Model> = Box::new(SONNET);
    assert!(boxed.graph().text().contains("claude-sonnet-4-5"));
}

fn endless() -> BoxRunnable<String, String> {
    chain!(String => shout | match { text if text.len() > 99 => _, _ => lazy(endless) }).boxed()
}

/// A step that holds itself, by way of a box.
struct Loop(std::sync::OnceLock<BoxRunnable<String, String>>);

#[runnable]
impl Runnable<String> for Arc2 {
    type Output = String;
    async fn call(&self, input: String, _cx: &Context) -> catena::Result<String> {
        match self.0.0.get() {
            Some(again) if input.len() < 9 => again.invoke(input + "!").await,
            _ => Ok(input),
        }
    }
}

struct Arc2(Arc<Loop>);

#[test]
fn a_chain_over_itself_ends() {
    golden!("endless.txt", endless());
    let itself = Arc::new(Loop(std::sync::OnceLock::new()));
    let chain = chain!(String => Arc2(Arc::clone(&itself)) | shout).boxed();
    assert!(itself.0.set(chain.clone()).is_ok());
    assert_eq!(chain.graph().text(), "String ─▶ Arc2 ─ String ─▶ shout ─▶ String\n");
}

#[test]
fn the_same_chain_is_drawn_the_same() {
    let chain = || chain!(String => <gpt: GPT, claude?: SONNET> | merge);
    for format in catena::Format::ALL {
        assert_eq!(chain().graph().draw(format), chain().graph().draw(format));
    }
    assert_eq!(chain().graph().to_string(), chain().graph().text());
}

#[test]
fn a_chain_of_a_function_goes_by_its_name() {
    #[runnable]
    fn support() -> impl Runnable<String, Output = usize> {
        chain!(String => shout | words)
    }
    assert_eq!(support().graph().diagram().title, "support");
    golden!("titled.mmd", support());
    golden!("titled_within.txt", chain!(String => shout | support()));
}

#[test]
fn schemas_are_known() {
    let json = chain!(String => <loud: shout, size: words>).graph().json();
    assert_eq!(json["nodes"][0]["schema"]["type"], "string");
    let last = json["nodes"].as_array().unwrap().last().unwrap();
    assert_eq!(last["schema"]["properties"]["loud"]["type"], "string");
    assert_eq!(last["data"], "{ loud: String, size: usize }");
}
