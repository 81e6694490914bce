//! What a script does to which request, and the pace of answers.

use std::time::Duration;

use catena_llm::simulator::{Answer, Fault, Provider, Simulator, Target};
use serde_json::Value;
use tokio::time::{Instant, timeout};

use super::{MODEL, ask, events, simulator};

async fn statuses<const N: usize>(sim: &Simulator, provider: Provider) -> [u16; N] {
    let mut statuses = [0; N];
    for status in &mut statuses {
        *status = ask(sim, provider, false).await.status().as_u16();
    }
    statuses
}

async fn said(sim: &Simulator, provider: Provider) -> String {
    let body: Value = ask(sim, provider, false).await.json().await.unwrap();
    body["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn steps_follow_one_another() {
    let sim = simulator().await;
    let script = sim.script(MODEL).fail(Fault::status(429)).times(2).pass().fail(Fault::status(500));
    script.answer("Paris").times(0).answer("Rome");
    assert_eq!(statuses(&sim, Provider::OpenAi).await, [429, 429, 200, 500]);
    assert_eq!(said(&sim, Provider::OpenAi).await, "Rome");
    assert_eq!(said(&sim, Provider::OpenAi).await, "You said: Hello there");
    // A later script for the same target goes on.
    sim.script(MODEL).fail(Fault::status(503)).always();
    assert_eq!(statuses(&sim, Provider::Anthropic).await, [503, 503, 503]);
}

#[tokio::test]
async fn the_most_precise_target_goes_first() {
    let sim = simulator().await;
    sim.script(Target::any()).fail(Fault::status(500)).always();
    sim.script(Provider::OpenAi).fail(Fault::status(501));
    sim.script(MODEL).fail(Fault::status(503));
    sim.script((Provider::OpenAi, MODEL)).fail(Fault::status(504));
    sim.script("another model").fail(Fault::status(400)).always();
    assert_eq!(statuses(&sim, Provider::OpenAi).await, [504, 503, 501, 500, 500]);
    assert_eq!(statuses(&sim, Provider::Gemini).await, [500]);
}

#[tokio::test]
async fn a_responder_sees_the_request_and_may_fail() {
    let respond = |request: &catena_llm::simulator::Request| match request.attempt {
        1 => Answer::from(Fault::status(500)),
        2 => panic!("as a test's closure may"),
        attempt => Answer::new(format!("{} {attempt}", request.model)),
    };
    let sim = Simulator::builder().respond(respond).start().await.unwrap();
    assert_eq!(statuses(&sim, Provider::OpenAi).await, [500, 500]);
    assert_eq!(said(&sim, Provider::OpenAi).await, "some-model 3");
    // Attempts are counted by protocol.
    assert_eq!(statuses(&sim, Provider::GeminiOpenAi).await, [500]);
}

#[tokio::test]
async fn the_pace_is_as_asked_for() {
    let [latency, delay] = [300, 20].map(Duration::from_millis);
    let sim = Simulator::builder().latency(latency).chunk_delay(delay).start().await.unwrap();
    for provider in Provider::ALL {
        let start = Instant::now();
        let response = ask(&sim, provider, true).await;
        assert!(start.elapsed() >= latency, "{provider}");
        let start = Instant::now();
        let _ = events(response).await;
        // Four words.
        assert!(start.elapsed() >= delay * 3, "{provider}: {:?}", start.elapsed());
    }
    // An answer's own pace counts before the simulator's. However slow the machine is, that of an hour would be noticed.
    let hour = Duration::from_hours(1);
    let sim = Simulator::builder().latency(hour).chunk_delay(hour).start().await.unwrap();
    sim.script(MODEL).answer(Answer::new("At once").latency(Duration::ZERO).chunk_delay(Duration::ZERO));
    let at_once = async { events(ask(&sim, Provider::OpenAi, true).await).await };
    assert!(timeout(Duration::from_mins(5), at_once).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn on_a_paused_clock_delays_take_no_time() {
    let hour = Duration::from_hours(1);
    let sim = Simulator::builder().latency(hour).chunk_delay(hour).start().await.unwrap();
    let start = std::time::Instant::now();
    let (events, complete) = events(ask(&sim, Provider::OpenAi, true).await).await;
    assert!(complete && events.len() > 4 && start.elapsed() < Duration::from_secs(30));
    let recorded = sim.requests().remove(0);
    assert!(recorded.finished.unwrap() >= recorded.arrived + hour * 5);
}
