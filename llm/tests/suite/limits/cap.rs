use catena::{RunnableExt, StepExt};
use catena_llm::{
    ChatModel, ChatRequest, Message, MessageAssembler,
    limit::ConcurrencyLimit,
    testing::{Reply, Scripted},
};
use futures_util::StreamExt;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

/// Counts how often it is asked at once.
#[derive(Default)]
struct Busy {
    now: AtomicUsize,
    peak: AtomicUsize,
}

impl ChatModel for Busy {
    fn name(&self) -> &'static str {
        "busy"
    }

    async fn complete(&self, _request: ChatRequest, _cx: &catena::Context) -> catena::Result<Message> {
        let now = self.now.fetch_add(1, SeqCst) + 1;
        self.peak.fetch_max(now, SeqCst);
        tokio::time::sleep(Duration::from_millis(10)).await;
        self.now.fetch_sub(1, SeqCst);
        Ok(Message::assistant("done"))
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_than_the_cap_are_asked_at_once_by_all_who_share_it() {
    let busy = Arc::new(Busy::default());
    let cap = ConcurrencyLimit::new(3);
    let one = catena_llm::Chat::new(busy.clone()).concurrency_limited(&cap);
    let other = one.clone();
    let prompts = || (0..10).map(|n| n.to_string()).collect::<Vec<_>>();
    let (a, b) = tokio::join!(one.batch(prompts()), other.batch(prompts()));
    assert!(a.iter().chain(&b).all(Result::is_ok));
    assert_eq!((busy.peak.load(SeqCst), cap.free()), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn a_stream_keeps_its_place_until_it_is_over_or_dropped() {
    let cap = ConcurrencyLimit::new(1);
    let chat = Scripted::answers(["one two", "three four", "five"]).chat().concurrency_limited(&cap);
    let mut first = chat.stream("a");
    assert_eq!(cap.free(), 1);
    first.next().await.unwrap().unwrap();
    assert_eq!(cap.free(), 0);
    // Who waits gets a place of who has gone, not before.
    let waiting = chat.stream("b").assemble(MessageAssembler::default());
    let (waited, ()) = tokio::join!(waiting, async {
        tokio::task::yield_now().await;
        assert_eq!(cap.free(), 0);
        drop(first);
    });
    assert_eq!(waited.unwrap().text(), "three four");
    assert_eq!(cap.free(), 1);
    // Nor does one who stops waiting keep one.
    let place = chat.stream("c");
    drop(place);
    assert_eq!(cap.free(), 1);
}

#[tokio::test(start_paused = true)]
async fn places_are_given_in_the_order_they_were_asked_for() {
    let model = Scripted::new().respond(|_| Some(Reply::from("ok").delay(Duration::from_secs(1))));
    let chat = model.chat().concurrency_limited(1);
    let prompts: Vec<String> = (0..8).map(|n| n.to_string()).collect();
    chat.batch(prompts.clone()).await;
    let asked: Vec<_> = model.requests().iter().map(|request| request.messages[0].to_string()).collect();
    assert_eq!(asked, prompts);
}

#[tokio::test(start_paused = true)]
async fn who_is_timed_out_while_waiting_gives_way() {
    let model = Scripted::new().respond(|_| Some(Reply::from("ok").delay(Duration::from_secs(10))));
    let chat = model.chat().concurrency_limited(1);
    let short = chat.clone().timeout(Duration::from_secs(1));
    let (long, short) = tokio::join!(chat.invoke("long"), short.invoke("short"));
    assert!(long.is_ok());
    assert!(matches!(short.unwrap_err().kind(), catena::ErrorKind::Timeout { .. }));
    assert_eq!(model.requests().len(), 1);
}

#[test]
fn the_graph_knows_what_is_around_a_model() {
    let chat = Scripted::new().named("gpt-4o").chat().concurrency_limited(7);
    let json = RunnableExt::<String>::manifest(&chat).json().to_string();
    assert!(json.contains(r#""max_concurrent_requests":7"#) && json.contains("gpt-4o"), "{json}");
}
