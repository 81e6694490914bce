use catena::{Config, ErrorKind, RunnableExt, StepExt};
use catena_llm::{
    ChatRequest, MessageAssembler, Options, Usage,
    limit::RateLimit,
    testing::{Reply, Scripted},
};
use std::time::Duration;
use tokio::time::Instant;

fn model(usage: Option<Usage>) -> Scripted {
    Scripted::new().respond(move |_| {
        let reply = Reply::from("yes");
        Some(match usage {
            Some(usage) => reply.usage(usage),
            None => reply,
        })
    })
}

/// The whole seconds that have passed.
fn seconds(since: Instant) -> u64 {
    since.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn requests_beyond_the_minutes_worth_wait_until_they_come_back() {
    let chat = model(None).chat().rate_limited(RateLimit::per_minute().requests(6));
    let start = Instant::now();
    for n in 1..=6 {
        chat.invoke("?").await.unwrap();
        assert_eq!(seconds(start), 0, "{n}");
    }
    // One each ten seconds comes back.
    chat.invoke("?").await.unwrap();
    assert_eq!(seconds(start), 10);
    chat.stream("?").assemble(MessageAssembler::default()).await.unwrap();
    assert_eq!(seconds(start), 20);
    // And a minute's worth after a minute of rest.
    tokio::time::sleep(Duration::from_mins(1)).await;
    let rested = Instant::now();
    for _ in 0..6 {
        chat.invoke("?").await.unwrap();
    }
    assert_eq!(seconds(rested), 0);
}

#[tokio::test(start_paused = true)]
async fn clones_models_and_batches_share_a_limit() {
    let limits = RateLimit::per_minute().requests(4);
    let (one, other) = (model(None).chat().rate_limited(&limits), model(None).chat().rate_limited(&limits));
    let start = Instant::now();
    let other = other.clone().map();
    let (a, b) = tokio::join!(one.batch(vec!["?"; 4]), other.invoke(vec!["?"; 2]));
    assert!(a.iter().all(Result::is_ok) && b.is_ok());
    assert_eq!(seconds(start), 30);
}

#[tokio::test(start_paused = true)]
async fn tokens_are_reserved_by_an_estimate_and_settled_by_what_was_used() {
    // Each request is thought to need 60 of the 120 tokens of a minute.
    let limits = || RateLimit::per_minute().tokens(120).estimate(|_| 60);
    let ask = async |usage, count| {
        let chat = model(usage).chat().rate_limited(limits());
        let start = Instant::now();
        for _ in 0..count {
            chat.invoke("?").await.unwrap();
        }
        seconds(start)
    };
    // As thought, or not told: the third has to wait for 60 of them, half a minute.
    assert_eq!(ask(Some(Usage::new(50, 10)), 3).await, 30);
    assert_eq!(ask(None, 3).await, 30);
    // Less was used: what is left of the reservations does for the next ones.
    assert_eq!(ask(Some(Usage::new(5, 5)), 7).await, 0);
    // More was used: those after it wait for it.
    assert_eq!(ask(Some(Usage::new(80, 10)), 2).await, 15);
}

#[tokio::test(start_paused = true)]
async fn a_streams_usage_is_settled_too() {
    let chat = model(Some(Usage::new(1, 1))).chat().rate_limited(RateLimit::per_minute().tokens(100).estimate(|_| 100));
    let start = Instant::now();
    for _ in 0..5 {
        chat.stream("?").assemble(MessageAssembler::default()).await.unwrap();
    }
    // The first takes them all; the others need but the two that each used, which are there after 1.2 s.
    assert_eq!(seconds(start), 4);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_used_is_not_saved_up() {
    let free = Reply::from("yes").usage(Usage::new(0, 0));
    let asked = Scripted::answers([free, "yes".into(), "yes".into()]);
    let chat = asked.chat().rate_limited(RateLimit::per_minute().tokens(100).estimate(|_| 100));
    chat.invoke("?").await.unwrap();
    // Long ago: the bucket has filled up meanwhile, and holds no more than it holds.
    tokio::time::sleep(Duration::from_mins(10)).await;
    let start = Instant::now();
    chat.invoke("?").await.unwrap();
    chat.invoke("?").await.unwrap();
    assert_eq!(seconds(start), 60);
}

#[tokio::test(start_paused = true)]
async fn the_usual_estimate_counts_what_is_sent_and_what_may_be_answered() {
    let chat = model(None).chat().rate_limited(RateLimit::per_minute().tokens(1000));
    let long = "word ".repeat(1000);
    let error = chat.invoke(long).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(error.message().contains("about 1254 tokens") && error.message().contains("1000"), "{error}");
    let answers = chat.clone().with_options(Options::new().max_tokens(1000)).invoke("?").await.unwrap_err();
    assert_eq!(answers.kind(), &ErrorKind::BadInput);
    chat.invoke("?").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_can_never_be_sent_fails_at_once_and_asks_nobody() {
    let asked = model(None);
    for limits in [
        RateLimit::per_minute().requests(0),
        RateLimit::per_minute().tokens(0),
        RateLimit::per_minute().tokens(10).estimate(|_: &ChatRequest| 11),
    ] {
        let start = Instant::now();
        let error = asked.chat().rate_limited(limits).retry(3).invoke("?").await.unwrap_err();
        assert_eq!((error.kind(), seconds(start)), (&ErrorKind::BadInput, 0), "{error}");
    }
    assert!(asked.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_beyond_the_runs_deadline() {
    let chat = model(None).chat().rate_limited(RateLimit::per_minute().requests(1));
    chat.invoke("?").await.unwrap();
    let start = Instant::now();
    let error = chat.invoke_with("?", Config::new().deadline(Duration::from_secs(30))).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::RateLimited { retry_after: Some(_) }), "{error:?}");
    assert!(error.message().contains("the limit of 1 requests each 60s"), "{error}");
    assert_eq!(seconds(start), 0);
    // One that can wait does, in the same minute.
    chat.invoke_with("?", Config::new().deadline(Duration::from_secs(90))).await.unwrap();
    assert_eq!(seconds(start), 60);
}

#[tokio::test(start_paused = true)]
async fn who_is_cancelled_while_waiting_takes_nothing() {
    let asked = model(None);
    let chat = asked.chat().rate_limited(RateLimit::per_minute().requests(1));
    chat.invoke("?").await.unwrap();
    let start = Instant::now();
    let stop = catena::CancellationToken::new();
    let waiting = chat.invoke_with("never", Config::new().cancel(stop.clone()));
    let (outcome, ()) = tokio::join!(waiting, async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        stop.cancel();
    });
    assert_eq!(outcome.unwrap_err().kind(), &ErrorKind::Cancelled);
    chat.invoke("next").await.unwrap();
    assert_eq!((seconds(start), asked.requests().len()), (60, 2));
}

#[tokio::test(start_paused = true)]
async fn a_big_request_is_not_overtaken_for_ever() {
    let asked = model(None);
    let chat = asked.chat().rate_limited(
        RateLimit::per_minute()
            .tokens(100)
            .estimate(|request| request.messages[0].text().split(' ').next().unwrap().parse().unwrap()),
    );
    chat.batch(vec!["100 first", "100 big", "1 small", "1 smaller"]).await;
    let order: Vec<_> = asked.requests().iter().map(|request| request.messages[0].to_string()).collect();
    assert_eq!(order, ["100 first", "100 big", "1 small", "1 smaller"]);
}
