//! What steps and arms are called: one name in events, error paths, structures and graphs, wherever a step stands.

use catena::{Chunks, Config, Error, Event, Kind, Node, Observer, Running, Segment, Step, Whole, prelude::*};
use catena_tests::ms;
use futures_util::StreamExt;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Record(Arc<Mutex<Vec<String>>>);

impl Observer for Record {
    fn event(&self, event: &Event) {
        if event.event().ends_with("_start") {
            self.0.lock().unwrap().push(event.name().to_owned());
        }
    }
}

/// The names of the runs in the order in which they begin, which are the same in a call, a stream and a batch.
async fn names<In: Clone + Send, R: Runnable<In>>(step: &R, input: In) -> Vec<String> {
    let [call, stream, batch] = [(); 3].map(|()| Record::default());
    let config = |record: &Record| Config::new().observe(record.clone());
    let _ = step.invoke_with(input.clone(), config(&call)).await;
    step.stream_with(input.clone(), config(&stream)).for_each(|_| async {}).await;
    let _ = step.batch([input]).config(config(&batch)).await;
    let [call, stream, batch] = [call, stream, batch].map(|record| record.0.lock().unwrap().clone());
    assert_eq!((&call, &call), (&stream, &batch));
    call
}

/// A step that has no name but what it was given.
#[derive(Clone)]
struct Plain(Option<&'static str>);

impl Step for Plain {
    const NODE: Node = Node::leaf("", Kind::Tool);

    fn name(&self) -> Option<&str> {
        self.0
    }
}

impl Runnable<i64> for Plain {
    type Output = i64;
    type Chunk = i64;
    type Assembler = Whole<i64>;

    fn assembler(&self) -> Whole<i64> {
        Whole::default()
    }

    async fn call<'a>(&'a self, n: i64, cx: &'a Context) -> catena::Result<i64> {
        let run = Running::begin(self, &n, cx);
        run.drive(async { if n < 0 { Err(Error::msg("negative")) } else { Ok(n) } }).await
    }

    fn call_stream<'a>(&'a self, n: i64, cx: &'a Context) -> Chunks<'a, i64>
    where
        i64: 'a,
    {
        Chunks::once(self.call(n, cx))
    }
}

impl Plain {
    fn of(name: &'static str) -> Self {
        Plain(Some(name))
    }
}

#[runnable]
fn inc(n: i64) -> i64 {
    n + 1
}

#[tokio::test(start_paused = true)]
async fn its_own_name_goes_through_all_that_is_put_around_it() {
    let own = Plain::of("own");
    assert_eq!(names(&own, 1).await, ["own"]);
    assert_eq!(names(&own.clone().retry(2), 1).await, ["own", "own"]);
    assert_eq!(names(&own.clone().retry(2).retry(2), 1).await, ["own", "own", "own"]);
    assert_eq!(names(&own.clone().timeout(ms(5)).spawned().boxed().retry(2), 1).await, ["own", "own"]);
    assert_eq!(names(&own.clone().fallback(inc), 1).await, ["fallback", "own"]);
    assert_eq!(names(&own.clone().fallback(Plain::of("other")), -1).await, ["fallback", "own", "other"]);
    assert_eq!(names(&own.clone().map(), vec![1, 2]).await, ["map<own>", "own", "own"]);
    assert_eq!(names(&own.clone().boxed().map(), vec![1]).await, ["map<own>", "own"]);
    let chain = chain!(i64 => inc | own.clone().retry(2) | <a: own.clone(), b?: own.clone().timeout(ms(5))>);
    assert_eq!(names(&chain, 1).await, ["sequence", "inc", "own", "own", "parallel<a,b>", "own", "own"]);
}

#[tokio::test]
async fn without_one_it_is_called_as_it_is_written_or_what_it_is() {
    let plain = Plain(None);
    for nameless in [plain.clone(), Plain::of("")] {
        assert_eq!(names(&nameless, 1).await, ["tool"]);
        assert_eq!(names(&nameless.clone().retry(2), 1).await, ["tool", "tool"]);
        assert_eq!(names(&nameless.clone().map(), vec![1]).await, ["map<tool>", "tool"]);
        assert_eq!(names(&nameless.clone().fallback(inc), 1).await, ["fallback", "tool"]);
        let chain = chain!(i64 => inc | nameless.retry(2));
        assert_eq!(names(&chain, 1).await, ["sequence", "inc", "nameless", "nameless"]);
    }
    let list = plain.clone();
    let each = chain!(Vec<i64> => list.map() | |all| all);
    assert_eq!(names(&each, vec![1]).await, ["sequence", "map<list>", "list", "|all|"]);
    let (first, second) = (plain.clone(), plain.clone());
    let chain = chain!(i64 => first.fallback(second) | inc);
    assert_eq!(names(&chain, -1).await, ["sequence", "fallback", "first", "tool"], "the word is that of the first");
    let closure = catena::sequence((catena::sequence((plain.clone(),)), inc));
    assert_eq!(names(&closure, 1).await, ["sequence", "tool", "inc"]);
}

#[tokio::test]
async fn a_name_from_outside_reaches_inside_where_there_is_no_other() {
    let (own, plain) = (Plain::of("own"), Plain(None));
    assert_eq!(names(&own.clone().named("given"), 1).await, ["given"]);
    assert_eq!(names(&own.clone().retry(2).named("given"), 1).await, ["given", "own"]);
    assert_eq!(names(&own.clone().named("given").retry(2), 1).await, ["given", "given"]);
    assert_eq!(names(&plain.clone().retry(2).named("given"), 1).await, ["given", "given"]);
    assert_eq!(names(&plain.clone().retry(2).retry(2).named("given"), 1).await, ["given", "given", "given"]);
    assert_eq!(names(&plain.clone().boxed().retry(2).named("given"), 1).await, ["given", "given"]);
    assert_eq!(names(&plain.clone().map().named("given"), vec![1]).await, ["given", "given"]);
    assert_eq!(names(&plain.clone().fallback(inc).named("given"), 1).await, ["given", "given"]);
    let run_name = Config::new().run_name("given");
    assert_eq!(names(&plain.clone().retry(2).with_config(run_name), 1).await, ["given", "given"]);
    // It is for the step, and not for what stands in a chain that is tried again.
    let chain = chain!(i64 => inc | |n| n).retry(2).named("given");
    assert_eq!(names(&chain, 1).await, ["given", "sequence", "inc", "|n|"]);
    let chain = chain!(i64 => |n| n).retry(2).named("given");
    assert_eq!(names(&chain, 1).await, ["given", "|n|"]);
}

#[tokio::test]
async fn error_paths_call_steps_as_events_do() {
    let path = |error: Error| error.path();
    let (own, plain) = (Plain::of("own"), Plain(None));
    assert_eq!(path(own.clone().retry(1).invoke(-1).await.unwrap_err()), "own");
    assert_eq!(path(plain.clone().retry(1).invoke(-1).await.unwrap_err()), "tool");
    let config = Config::new().tag("settings");
    assert_eq!(path(plain.clone().invoke_with(-1, config).await.unwrap_err()), "tool");
    assert_eq!(path(plain.clone().batch([-1]).await.remove(0).unwrap_err()), "tool[0]");
    let word = plain.clone();
    let chain = chain!(i64 => |n| n | <a: word.retry(1), b: own.clone()>);
    let error = chain.invoke(-1).await.unwrap_err();
    assert_eq!(error.path(), "<a>.word");
    let both = own.clone().fallback(plain.clone()).invoke(-1).await.unwrap_err();
    let other: Vec<String> = both.others().iter().map(Error::path).collect();
    assert_eq!((both.path(), other), ("own".to_owned(), vec!["tool".to_owned()]));
    let chain = chain!(i64 => inc | Plain(None).retry(1) | inc);
    let mut chunks = chain.stream(-9);
    let error = chunks.next().await.unwrap().unwrap_err();
    assert!(error.path().contains("Plain"), "{}", error.path());
    assert!(error.segments().any(|segment| matches!(segment, Segment::Step(_))));
}

mod made {
    pub(crate) fn maker() -> super::Plain {
        super::Plain(None)
    }

    impl super::Plain {
        pub(crate) const NONE: Self = super::Plain(None);

        pub(crate) fn new() -> Self {
            super::Plain(None)
        }
    }
}

#[tokio::test]
async fn a_step_is_called_by_what_says_most_of_it() {
    let chain = chain!(i64 => Plain::new() | made::maker() | Plain::NONE | Plain::new().retry(2) | &Plain(None));
    let expected = ["sequence", "Plain::new", "maker", "Plain::NONE", "Plain::new", "Plain::new", "Plain"];
    assert_eq!(names(&chain, 1).await, expected);
    let graph = chain.graph().text_of_width(200);
    for name in &expected[1..] {
        assert!(graph.contains(name), "{name}: {graph}");
    }
}

#[derive(Clone)]
#[allow(dead_code, reason = "only matched")]
enum Urgency {
    Critical,
    Low,
}

#[derive(Clone)]
struct Verdict {
    urgency: Urgency,
    #[allow(dead_code, reason = "left out of patterns")]
    why: String,
}

#[derive(Clone)]
struct Case {
    verdict: Verdict,
    number: (i64, char),
}

fn patterns<S: Step>(_: &S) -> Vec<&'static str> {
    let Node::Branch(arms) = first(S::NODE) else { panic!("{:?}", S::NODE) };
    arms.iter().map(|arm| arm.label).collect()
}

fn first(node: Node) -> Node {
    match node {
        Node::Sequence([part, ..]) => first(part.node),
        node => node,
    }
}

#[test]
fn patterns_read_as_rustfmt_writes_them() {
    #[rustfmt::skip]
    let chain = chain!(Case => match {
        Case { number : ( 1 ..= 3 | - 4 , 'a' ..= 'z' ) , .. } => |_| 1,
        Case{number:(5 ,_,),..} => |_| 2,
        Case { verdict : Verdict { urgency : Urgency :: Critical , .. } , .. } if true => |_| 3,
        | Case { verdict : Verdict { urgency : self :: Urgency :: Low , .. } , number : ( i64 :: MIN .. , _ ) } => |_| 4,
        _ => |_| 5,
    });
    assert_eq!(
        patterns(&chain),
        [
            "Case { number: (…, 'a'..='z'), .. }",
            "Case { number: (5, _), .. }",
            "Case { verdict: Verdict { …, .. }, .. }",
            "Case { …, number: (i64::MIN.., _) }",
            "_",
        ]
    );
    let graph = chain.graph().text_of_width(200);
    assert!(graph.contains("Case { number: (5, _), .. }") && !graph.contains(" : "), "{graph}");
}

#[test]
fn patterns_that_would_read_the_same_stay_whole() {
    let chain = chain!(Case => match {
        Case { verdict: Verdict { urgency: Urgency::Critical, .. }, .. } => |_| 1,
        Case { verdict: Verdict { urgency: Urgency::Low, .. }, .. } => |_| 2,
    });
    assert_eq!(
        patterns(&chain),
        [
            "Case { verdict: Verdict { urgency: Urgency::Critical, .. }, .. }",
            "Case { verdict: Verdict { urgency: Urgency::Low, .. }, .. }",
        ]
    );
}

#[tokio::test]
async fn closures_are_called_by_their_parameters_as_rustfmt_writes_them() {
    #[rustfmt::skip]
    let chain = chain!((u8, (u8, u8)) => | ( a , ( b , _ ) ) : (u8, (u8, u8)) | a + b | |n| n);
    assert_eq!(names(&chain, (1, (2, 3))).await, ["sequence", "|(a, (b, _))|", "|n|"]);
    #[rustfmt::skip]
    let fails = chain!((u8, u8) => |(a , b)| if a > b { a } else { Err(Error::msg("no luck"))? } | |n| n);
    assert_eq!(fails.invoke((1, 2)).await.unwrap_err().path(), "|(a, b)|");
}
