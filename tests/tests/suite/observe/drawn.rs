//! Runs as they are drawn: on a clock that stands still but for what the steps wait, so that every time is exact.
//!
//! The pictures are in `drawn/goldens`; `UPDATE_DRAWINGS=1` writes them anew.

use catena::{BoxRunnable, CancellationToken, Config, Context, Drawing, Error, ErrorKind, Retry, Router, prelude::*};
use catena_graph::{Arm, Diagram, Field, Kind, Status, Track};
use catena_tests::{ms, secs};
use futures_util::StreamExt;
use serde::Serialize;
use std::{
    path::Path,
    sync::atomic::{AtomicU32, Ordering::SeqCst},
};

#[runnable]
async fn slow(n: u32) -> u32 {
    tokio::time::sleep(ms(u64::from(n) * 100)).await;
    n
}

#[runnable]
async fn quick(n: u32) -> u32 {
    tokio::time::sleep(ms(20)).await;
    n
}

#[runnable]
async fn refuse(_n: u32) -> catena::Result<u32> {
    tokio::time::sleep(ms(5)).await;
    Err(Error::msg("no <numbers> today"))
}

/// Refuses multiples of a hundred.
#[runnable]
async fn fussy(n: u32) -> catena::Result<u32> {
    tokio::time::sleep(ms(u64::from(n % 7) + 1)).await;
    if n.is_multiple_of(100) { Err(Error::msg(format!("not {n}"))) } else { Ok(n) }
}

#[runnable]
fn total(a: u32, b: u32) -> u32 {
    a + b
}

#[runnable]
async fn burst(n: u32) -> u32 {
    tokio::time::sleep(ms(1)).await;
    panic!("burst at {n}")
}

/// Fails so often before it succeeds.
struct Flaky(AtomicU32);

#[runnable]
impl Runnable<u32> for Flaky {
    type Output = u32;
    async fn call(&self, input: u32, _cx: &Context) -> catena::Result<u32> {
        tokio::time::sleep(ms(10)).await;
        let left = self.0.load(SeqCst);
        self.0.store(left.saturating_sub(1), SeqCst);
        if left > 0 { Err(Error::msg("busy").with_retryable(true)) } else { Ok(input) }
    }
}

fn flaky(failures: u32) -> Flaky {
    Flaky(failures.into())
}

fn attempts(attempts: u32) -> Retry {
    Retry::attempts(attempts).jitter(false)
}

#[derive(Serialize)]
struct Usage {
    input_tokens: u64,
    output_tokens: u64,
}

#[derive(Serialize)]
struct Answer {
    content: String,
    model: String,
    usage: Usage,
}

/// Answers as chat models do.
#[runnable(kind = model)]
async fn gpt(question: String) -> Answer {
    tokio::time::sleep(ms(700)).await;
    let usage = Usage { input_tokens: question.len() as u64, output_tokens: 1_200 };
    Answer { content: "yes".to_owned(), model: "gpt-4o".to_owned(), usage }
}

async fn drawn<In: Send, R: Runnable<In>>(chain: R, input: In) -> Drawing {
    let drawing = Drawing::new("run");
    let _ = chain.invoke_with(input, Config::new().observe(drawing.clone())).await;
    drawing
}

/// As it is kept, as text and as SVG.
#[track_caller]
fn golden(name: &str, drawing: &Drawing) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/observe/drawn/goldens");
    for (format, is) in [("txt", drawing.text(110)), ("svg", drawing.svg() + "\n")] {
        let path = folder.join(format!("{name}.{format}"));
        if std::env::var_os("UPDATE_DRAWINGS").is_some() {
            std::fs::write(&path, &is).unwrap();
        }
        let was = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(is, was, "{name}.{format} changed: look at it, then set UPDATE_DRAWINGS=1");
    }
}

fn statuses(diagram: &Diagram) -> Vec<(String, Status)> {
    let tracks = diagram.tracks().into_iter();
    tracks.filter_map(|(id, track)| Some((id, track.outcome.as_ref()?.status))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_sequence_has_its_times() {
    golden("sequence", &drawn(chain!(u32 => slow | |n| n + 1 | quick), 3).await);
}

#[tokio::test(start_paused = true)]
async fn a_failed_field_stops_the_others_and_what_comes_after() {
    golden("map_failed", &drawn(chain!(u32 => <a: slow, b: refuse> | total), 3).await);
}

#[tokio::test(start_paused = true)]
async fn a_settled_field_fails_alone() {
    golden("map_settled", &drawn(chain!(u32 => <a: slow, b?: refuse> | |x| x.a), 3).await);
}

#[tokio::test(start_paused = true)]
async fn attempts_are_counted() {
    golden("retry_recovers", &drawn(chain!(u32 => quick | flaky(2).retry(attempts(5)) | slow), 3).await);
    golden("retry_gives_up", &drawn(chain!(u32 => quick | flaky(9).retry(attempts(2)) | slow), 3).await);
    golden("retry_unneeded", &drawn(chain!(u32 => quick | flaky(0).retry(attempts(2))), 3).await);
}

#[tokio::test(start_paused = true)]
async fn the_backup_that_took_over_is_told_from_those_not_needed() {
    golden("fallback", &drawn(chain!(u32 => refuse.fallback(slow).fallback(quick) | quick), 3).await);
    golden("fallback_all_fail", &drawn(chain!(u32 => refuse.fallback(refuse) | quick), 3).await);
}

#[tokio::test(start_paused = true)]
async fn the_arm_taken_is_told_from_the_others() {
    let chain = || chain!(u32 => match { n if n > 5 => slow, 1 => quick | quick, _ => |n| n + 1 });
    golden("branch_default", &drawn(chain(), 3).await);
    golden("branch_second", &drawn(chain(), 1).await);
}

#[tokio::test(start_paused = true)]
async fn the_winner_of_a_race_is_told() {
    golden("race", &drawn(chain!(u32 => slow.race(quick) | slow), 3).await);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_items_are_one_step_with_the_sums() {
    let drawing =
        drawn(chain!(Vec<u32> => fussy.fallback(quick).map().concurrency(50) | |all| all.len()), (1..=1000).collect())
            .await;
    golden("map_over_1000", &drawing);
    let rows = drawing.html().matches("<tr id=").count();
    assert!((200..300).contains(&rows), "{rows}: the first hundred by themselves, the others summed up");
}

#[tokio::test(start_paused = true)]
async fn a_timeout_stops_the_step() {
    golden("timeout", &drawn(chain!(u32 => slow.timeout(ms(50)) | quick), 3).await);
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_one_chain_with_the_sums() {
    let drawing = Drawing::new("batch");
    let chain = chain!(u32 => quick | fussy);
    let results = chain.batch(95..=105).config(Config::new().observe(drawing.clone())).await;
    assert_eq!(results.iter().filter(|result| result.is_err()).count(), 1);
    golden("batch", &drawing);
}

#[tokio::test(start_paused = true)]
async fn chunks_of_a_stream_are_counted() {
    let drawing = Drawing::new("stream");
    let chain = chain!(Vec<u32> => slow.map());
    let mut chunks = chain.stream_with(vec![3, 1, 2], Config::new().observe(drawing.clone()));
    while let Some(chunk) = chunks.next().await {
        chunk.unwrap();
    }
    drop(chunks);
    golden("stream", &drawing);
}

#[tokio::test(start_paused = true)]
async fn what_is_stopped_is_told() {
    let drawing = Drawing::new("stopped");
    let stop = CancellationToken::new();
    let config = Config::new().observe(drawing.clone()).cancel(stop.clone());
    let chain = chain!(u32 => quick | slow | quick);
    let (result, ()) = tokio::join!(chain.invoke_with(50, config), async {
        tokio::time::sleep(secs(1)).await;
        stop.cancel();
    });
    assert!(matches!(result.unwrap_err().kind(), ErrorKind::Cancelled));
    golden("cancelled", &drawing);
}

#[tokio::test(start_paused = true)]
async fn while_it_runs_the_times_go_on() {
    let drawing = Drawing::new("running");
    let chain = chain!(u32 => quick | <a: slow, b: refuse.fallback(slow)> | total);
    let run = chain.invoke_with(20, Config::new().observe(drawing.clone()));
    assert!(tokio::time::timeout(ms(1_500), run).await.is_err());
    assert!(drawing.text(110).contains("⊘"), "{}", drawing.text(110));

    let drawing = Drawing::new("running");
    let look = async {
        tokio::time::sleep(ms(1_500)).await;
        golden("running", &drawing);
    };
    let run = chain.invoke_with(20, Config::new().observe(drawing.clone()));
    let (result, ()) = tokio::join!(run, look);
    assert_eq!(result.unwrap(), 40);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_task_is_an_error_of_its_step() {
    let drawing = drawn(chain!(u32 => burst.spawned() | quick), 3).await;
    golden("panic", &drawing);
    assert!(drawing.text(110).contains("the step panicked"), "{}", drawing.text(110));
}

#[tokio::test(start_paused = true)]
async fn boxed_and_chosen_steps_are_drawn_as_they_ran() {
    let inner: BoxRunnable<u32, u32> = chain!(u32 => quick | quick).boxed();
    golden("boxed", &drawn(chain!(u32 => slow.boxed() | inner), 3).await);

    #[runnable]
    fn choose(n: u32) -> BoxRunnable<u32, u32> {
        if n > 2 { chain!(u32 => quick | slow).boxed() } else { slow.boxed() }
    }
    golden("chosen", &drawn(chain!(u32 => quick | choose.then_run()), 3).await);
}

/// Calls other steps by itself, as an agent does.
struct Agent {
    turns: u32,
}

#[runnable]
impl Runnable<u32> for Agent {
    type Output = u32;
    async fn call(&self, mut input: u32, cx: &Context) -> catena::Result<u32> {
        for _ in 0..self.turns {
            input = quick.call(input, cx).await?;
            input = slow.call(input, cx).await?;
        }
        Ok(input)
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_step_calls_is_drawn_beneath_it() {
    golden("nested", &drawn(chain!(u32 => quick | Agent { turns: 2 } | quick), 1).await);
    golden("nested_many", &drawn(chain!(u32 => quick | Agent { turns: 40 } | quick), 1).await);
}

#[tokio::test(start_paused = true)]
async fn routes_are_drawn_where_they_were_taken() {
    #[derive(Record)]
    struct Ask {
        key: &'static str,
        input: u32,
    }
    let router = Router::new([("fast", quick.boxed()), ("slow", slow.boxed())]);
    golden("router", &drawn(router, Ask { key: "slow", input: 3 }).await);
}

#[tokio::test(start_paused = true)]
async fn tokens_and_cost_are_told_and_values_are_not() {
    let drawing = Drawing::new("ask")
        .price(|model, usage| (model == "gpt-4o").then(|| usage["output_tokens"].as_f64().unwrap_or(0.0) * 10e-6));
    let chain = chain!(String => <one: gpt, two: gpt>);
    let config = Config::new().observe(drawing.clone());
    chain.invoke_with("what is the secret?".to_owned(), config).await.unwrap();
    golden("tokens", &drawing);
    assert_eq!((drawing.tokens().input, drawing.tokens().output), (38, 2_400));
    assert!((drawing.cost().unwrap() - 0.024).abs() < 1e-9);
    assert!(!drawing.html().contains("secret"), "inputs are not kept unless asked for");
}

#[tokio::test(start_paused = true)]
async fn names_that_mean_harm_are_drawn_as_names() {
    let evil = "</script><img src=x onerror=alert(1)>\u{1b}[31m\u{202e}";
    let drawing = Drawing::new(evil).values(true);
    let chain = chain!(String => |text| text | |text| text).named(evil);
    let config = Config::new().observe(drawing.clone()).tag(evil);
    let _ = chain.invoke_with(evil.to_owned(), config).await;
    golden("hostile", &drawing);
    let html = drawing.html();
    assert_eq!(html.matches("</script>").count(), 2, "those of the page itself");
    assert!(!html.contains("<img") && !html.contains('\u{1b}'), "{html}");
}

fn step(name: &str) -> Track {
    Track::step(name, Kind::Function)
}

#[tokio::test(start_paused = true)]
async fn a_given_picture_keeps_what_it_knows() {
    let diagram = || {
        let map = Track::parallel([
            Field::new("a", step("slow").timeout("9 s").gives("u32")),
            Field::new("b", Track::fallback([step("refuse").retry(3), step("slow"), step("quick")])),
        ]);
        let chain = Track::sequence([step("quick").gives("u32"), map, step("total")]);
        Diagram::new("sums", chain).input("u32").output("u32")
    };
    let chain = chain!(u32 =>
        quick | <a: slow.timeout(secs(9)), b: refuse.retry(attempts(3)).fallback(slow).fallback(quick)> | total);
    let drawing = Drawing::new("sums").onto(diagram());
    chain.invoke_with(3, Config::new().observe(drawing.clone())).await.unwrap();
    golden("onto", &drawing);
}

#[tokio::test(start_paused = true)]
async fn a_picture_of_something_else_is_corrected_and_says_so() {
    // A branch is drawn where a map is, two steps where there are three, and another name.
    let wrong =
        Track::sequence([step("quick"), Track::branch([Arm::new("x", step("slow")), Arm::new("_", step("nobody"))])]);
    let chain = chain!(u32 => slow | <a: quick, b: quick> | total);
    let drawing = Drawing::new("wrong").onto(Diagram::new("wrong", wrong));
    chain.invoke_with(3, Config::new().observe(drawing.clone())).await.unwrap();
    golden("onto_other", &drawing);
    let drawn = statuses(&drawing.diagram());
    assert!(drawn.iter().all(|(_, status)| *status == Status::Ok), "{drawn:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_seen_is_not_called_skipped() {
    // Observed is only the part in the middle.
    let drawing = Drawing::new("part");
    let chain = chain!(u32 => slow | quick.with_config(Config::new().observe(drawing.clone())) | quick);
    chain.invoke(1).await.unwrap();
    assert_eq!(statuses(&drawing.diagram()), [("0".to_owned(), Status::Ok)]);
}

#[tokio::test(start_paused = true)]
async fn nothing_yet_is_an_empty_picture() {
    let drawing = Drawing::new("nothing");
    assert_eq!(drawing.text(80), "○ ─▶ ◉\n");
    assert!(drawing.html().contains("<svg"));
}

#[tokio::test(start_paused = true)]
async fn memory_stays_bounded() {
    let drawing = Drawing::new("many");
    let chain = chain!(Vec<u32> => fussy.fallback(quick).map().concurrency(8));
    for _ in 0..20 {
        let config = Config::new().observe(drawing.clone());
        chain.invoke_with((0..2_000).collect(), config).await.unwrap();
    }
    let html = drawing.html();
    let rows = html.matches("<tr id=").count();
    assert!(rows < 11_000, "{rows} rows");
    let counted = html.split("<dt>runs</dt><dd>").nth(1).and_then(|rest| rest.split('<').next());
    assert_eq!(counted, Some("80,420"), "all are counted: twenty maps of 2,000 fallbacks, with 2,020 steps each");
}
