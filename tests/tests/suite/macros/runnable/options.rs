use super::*;

#[runnable(name = "the asker", kind = model, tags("slow", "paid"))]
async fn ask((): ()) -> catena::Result<String> {
    Err(Error::msg("no"))
}

#[runnable]
fn plain((): ()) {}

#[test]
fn they_are_known_to_the_compiler() {
    let Node::Step(leaf) = <ask as Step>::NODE else { panic!("a single step") };
    assert_eq!((leaf.name, leaf.kind, leaf.tags), ("the asker", Kind::Model, ["slow", "paid"].as_slice()));
    assert_eq!(<plain as Step>::NODE, Node::leaf("plain", Kind::Function));
    const { assert!(<plain as Step>::NODE.steps() == 1) };
}

#[test]
fn every_kind_can_be_written() {
    #[runnable(kind = prompt)]
    fn a((): ()) {}
    #[runnable(kind = "parser")]
    fn b((): ()) {}
    #[runnable(kind = tool)]
    fn c((): ()) {}
    #[runnable(kind = retriever)]
    fn d((): ()) {}
    #[runnable(kind = function)]
    fn e((): ()) {}
    let kinds = [<a as Step>::NODE, <b as Step>::NODE, <c as Step>::NODE, <d as Step>::NODE, <e as Step>::NODE];
    let kinds = kinds.map(|node| if let Node::Step(leaf) = node { leaf.kind } else { panic!("{node:?}") });
    assert_eq!(kinds, [Kind::Prompt, Kind::Parser, Kind::Tool, Kind::Retriever, Kind::Function]);
}

#[tokio::test]
async fn the_name_stands_in_paths() {
    assert_eq!(ask.invoke(()).await.unwrap_err().to_string(), "the asker: no");
    assert_eq!(ask.name(), Some("the asker"));
}

#[runnable(retry = 3)]
async fn busy(times: Arc<std::sync::Mutex<Vec<Instant>>>) -> catena::Result<()> {
    times.lock().unwrap().push(Instant::now());
    Err(Error::msg("busy"))
}

#[runnable(retry(attempts = 4, base = "10ms", max_delay = "15ms", total_delay = "1m"))]
async fn busier(times: &Arc<std::sync::Mutex<Vec<Instant>>>) -> catena::Result<()> {
    times.lock().unwrap().push(Instant::now());
    Err(Error::msg("busy"))
}

#[tokio::test(start_paused = true)]
async fn retry_tries_so_often_in_all() {
    let times = Arc::default();
    let error = busy.invoke(Arc::clone(&times)).await.unwrap_err();
    assert_eq!((times.lock().unwrap().len(), error.to_string().as_str()), (3, "busy: busy (after 3 attempts)"));

    let times = Arc::default();
    assert_eq!(busier.invoke(Arc::clone(&times)).await.unwrap_err().attempts(), 4);
    let times = times.lock().unwrap();
    let delays: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // With jitter, at most doubled; a tick of the clock is a millisecond.
    assert!((ms(10)..=ms(21)).contains(&delays[0]), "{delays:?}");
    assert!(delays[1..].iter().all(|delay| (ms(15)..=ms(31)).contains(delay)), "{delays:?}");
}

#[runnable(timeout = "5s")]
async fn slow(seconds: u64) -> u64 {
    tokio::time::sleep(secs(seconds)).await;
    seconds
}

#[runnable(timeout = "250ms", retry(attempts = 2, base = "0s"))]
async fn both(title: &str, stars: u32) -> String {
    tokio::time::sleep(secs(1)).await;
    format!("{title} {stars}")
}

#[tokio::test(start_paused = true)]
async fn timeout_limits_each_attempt() -> catena::Result<()> {
    assert_eq!(slow.invoke(4).await?, 4);
    let error = slow.invoke(6).await.unwrap_err();
    assert_eq!(error.to_string(), "slow: no answer within 5s");
    let start = Instant::now();
    let error = both.invoke(page()).await.unwrap_err();
    assert_eq!(error.to_string(), "both: no answer within 250ms (after 2 attempts)");
    assert_eq!(start.elapsed(), ms(500));
    Ok(())
}

#[test]
fn retry_and_timeout_are_in_the_structure() {
    const SLOW: Node = Node::leaf("slow", Kind::Function);
    const BUSY: Node = Node::leaf("busy", Kind::Function);
    const BOTH: Node = Node::Timeout { after: Some(ms(250)), node: &Node::leaf("both", Kind::Function) };
    assert_eq!(<slow as Step>::NODE, Node::Timeout { after: Some(ms(5000)), node: &SLOW });
    assert_eq!(<busy as Step>::NODE, Node::Retry { attempts: Some(3), node: &BUSY });
    assert_eq!(<both as Step>::NODE, Node::Retry { attempts: Some(2), node: &BOTH });
    assert_eq!(<both as Step>::NODE.name(), Some("both"));
}

#[runnable(blocking)]
fn thread_of((): ()) -> thread::ThreadId {
    thread::current().id()
}

#[runnable(blocking)]
fn fields_of(title: &str, stars: u32, words: &[String]) -> io::Result<String> {
    if words.is_empty() { Err(io::Error::other("no words")) } else { Ok(format!("{title} {stars}")) }
}

#[runnable(blocking, name = "unlucky", timeout = "5s")]
fn panics(text: String) -> String {
    panic!("boom {text}")
}

#[tokio::test]
async fn blocking_runs_off_the_async_threads() -> catena::Result<()> {
    assert_ne!(thread_of.invoke(()).await?, thread::current().id());
    let chunks: Vec<_> = thread_of.stream(()).collect().await;
    assert!(chunks.len() == 1 && *chunks[0].as_ref().unwrap() != thread::current().id());
    let out = chain!(() => <a: thread_of, b: |()| thread::current().id()>).invoke(()).await?;
    assert_ne!(out.a, out.b);
    assert_eq!(fields_of.invoke(page()).await?, "Cats 5");
    let error = fields_of.invoke(Page { words: vec![], ..page() }).await.unwrap_err();
    assert_eq!(error.to_string(), "fields_of: no words");
    Ok(())
}

#[tokio::test]
async fn a_blocking_step_lets_its_siblings_run() -> catena::Result<()> {
    // The blocking one waits for what only its sibling, on this thread, can send.
    let (send, receive) = std::sync::mpsc::channel::<u32>();
    let receive = Arc::new(std::sync::Mutex::new(receive));
    #[runnable(blocking)]
    fn wait(inbox: &Arc<std::sync::Mutex<std::sync::mpsc::Receiver<u32>>>) -> u32 {
        inbox.lock().unwrap().recv().unwrap()
    }
    let send = std::sync::Mutex::new(send);
    let chain = chain!(Arc<std::sync::Mutex<std::sync::mpsc::Receiver<u32>>> => <
        got: wait,
        sent: move |_inbox| { send.lock().unwrap().send(7)?; },
    >);
    assert_eq!(chain.invoke(receive).await?.got, 7);
    Ok(())
}

#[tokio::test]
async fn a_panic_off_the_async_threads_becomes_an_error() {
    let error = panics.invoke("bang".into()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Panic);
    assert_eq!(error.to_string(), "unlucky: the task panicked: boom bang");
}
