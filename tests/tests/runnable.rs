//! `#[runnable]` on functions, on `impl` blocks and on functions that build chains.

use catena::{Chunks, Concat, Error, ErrorKind, Kind, Node, prelude::*};
use catena_tests::{Scripted, ms, secs};
use futures_util::StreamExt;
use std::{
    collections::HashMap,
    fmt::{self, Display, Write as _},
    io,
    sync::Arc,
    thread,
};
use tokio::time::Instant;

#[derive(Clone, Debug, PartialEq, Record)]
struct Page {
    title: String,
    words: Vec<String>,
    stars: u32,
}

fn page() -> Page {
    Page { title: "Cats".into(), words: vec!["purr".into(), "meow".into()], stars: 5 }
}

mod inputs {
    use super::*;

    #[runnable]
    fn by_value(text: String) -> String {
        text + "!"
    }

    #[runnable]
    async fn by_value_async(text: String) -> String {
        tokio::task::yield_now().await;
        text + "!"
    }

    #[runnable]
    fn by_reference(page: &Page) -> u32 {
        page.stars
    }

    #[runnable]
    async fn by_str(text: &str) -> usize {
        tokio::task::yield_now().await;
        text.len()
    }

    #[runnable]
    fn by_slice(words: &[String]) -> String {
        words.join(" ")
    }

    #[runnable]
    fn in_parts((left, right): (u32, u32)) -> u32 {
        left + right
    }

    #[runnable]
    fn changed(mut words: Vec<String>) -> Vec<String> {
        words.reverse();
        words
    }

    #[runnable]
    fn of_nothing((): ()) -> &'static str {
        "made of nothing"
    }

    #[tokio::test]
    async fn one_parameter_takes_the_whole_input() -> catena::Result<()> {
        assert_eq!(by_value.invoke("a".into()).await?, "a!");
        assert_eq!(by_value_async.invoke("a".into()).await?, "a!");
        assert_eq!(by_reference.invoke(page()).await?, 5);
        assert_eq!(by_str.invoke("four".to_owned()).await?, 4);
        assert_eq!(by_slice.invoke(page().words).await?, "purr meow");
        assert_eq!(in_parts.invoke((1, 2)).await?, 3);
        assert_eq!(changed.invoke(page().words).await?, ["meow", "purr"]);
        assert_eq!(of_nothing.invoke(()).await?, "made of nothing");
        Ok(())
    }

    #[runnable]
    fn several(stars: u32, title: String) -> String {
        format!("{title} {stars}")
    }

    #[runnable]
    fn several_by_reference(words: &[String], title: &str, stars: &u32) -> String {
        format!("{title}: {} {stars}", words.join(" "))
    }

    #[runnable]
    async fn several_mixed(title: &str, words: Vec<String>, stars: u32) -> String {
        tokio::task::yield_now().await;
        format!("{title} {} {stars}", words.len())
    }

    #[tokio::test]
    async fn several_parameters_are_fields_by_name_in_any_order() -> catena::Result<()> {
        assert_eq!(several.invoke(page()).await?, "Cats 5");
        assert_eq!(several_by_reference.invoke(page()).await?, "Cats: purr meow 5");
        assert_eq!(several_mixed.invoke(page()).await?, "Cats 2 5");
        Ok(())
    }

    #[tokio::test]
    async fn any_record_with_these_fields_will_do() -> catena::Result<()> {
        let record = record! { extra: 1.5, title: "Dogs".to_owned(), more: (), stars: 4_u32 };
        assert_eq!(several.invoke(record).await?, "Dogs 4");
        let chain = chain!(String => <stars: |s| u32::try_from(s.len())?, title: _, extra: by_str> | several);
        assert_eq!(chain.invoke("Dogs".into()).await?, "Dogs 4");
        let chain = chain!(Page => <several: several, rest: .{title, stars} | several>);
        let out = chain.invoke(page()).await?;
        assert_eq!((out.several.as_str(), out.rest.as_str()), ("Cats 5", "Cats 5"));
        Ok(())
    }

    #[runnable]
    fn raw_names(r#type: String, r#match: u32) -> String {
        [r#type, r#match.to_string()].join(" ")
    }

    #[tokio::test]
    async fn raw_names_are_names_too() -> catena::Result<()> {
        assert_eq!(raw_names.invoke(record! { r#match: 1_u32, r#type: "t".to_owned() }).await?, "t 1");
        Ok(())
    }
}

mod outputs {
    use super::*;

    #[runnable]
    fn nothing(_text: &str) {}

    #[runnable]
    async fn nothing_async(_text: &str) {}

    #[runnable]
    fn io_result(text: &str) -> io::Result<usize> {
        if text.is_empty() {
            Err(io::Error::new(io::ErrorKind::UnexpectedEof, "nothing there"))
        } else {
            Ok(text.len())
        }
    }

    #[runnable]
    async fn json_result(text: &str) -> serde_json::Result<Vec<u32>> {
        serde_json::from_str(text)
    }

    #[runnable]
    fn fmt_result(text: &str) -> fmt::Result {
        if text.is_empty() { Err(fmt::Error) } else { String::new().write_str(text) }
    }

    #[runnable]
    fn std_result(text: &str) -> Result<u32, std::num::ParseIntError> {
        text.parse()
    }

    #[runnable]
    fn empty_result(text: &str) -> catena::Result<()> {
        if text.is_empty() { Err(Error::new(ErrorKind::BadInput, "empty")) } else { Ok(()) }
    }

    #[tokio::test]
    async fn values_results_and_nothing_are_outputs() -> catena::Result<()> {
        nothing.invoke("x".to_owned()).await?;
        nothing_async.invoke("x".to_owned()).await?;
        assert_eq!(io_result.invoke("four".to_owned()).await?, 4);
        assert_eq!(json_result.invoke("[1, 2]".to_owned()).await?, [1, 2]);
        let (): () = fmt_result.invoke("x".to_owned()).await?;
        let (): () = empty_result.invoke("x".to_owned()).await?;
        assert_eq!(std_result.invoke("7".to_owned()).await?, 7);
        Ok(())
    }

    #[tokio::test]
    async fn any_std_error_becomes_the_chains_and_stays_inside() {
        let error = io_result.invoke(String::new()).await.unwrap_err();
        assert_eq!(error.to_string(), "io_result: nothing there");
        assert_eq!(error.downcast_ref::<io::Error>().unwrap().kind(), io::ErrorKind::UnexpectedEof);
        let error = json_result.invoke("[".to_owned()).await.unwrap_err();
        assert!(error.downcast_ref::<serde_json::Error>().unwrap().is_eof());
        assert!(fmt_result.invoke(String::new()).await.unwrap_err().downcast_ref::<fmt::Error>().is_some());
        assert_eq!(std_result.invoke("x".to_owned()).await.unwrap_err().path(), "std_result");
        assert_eq!(empty_result.invoke(String::new()).await.unwrap_err().kind(), &ErrorKind::BadInput);
    }
}

mod context {
    use super::*;
    use catena::Config;

    #[runnable]
    fn first(cx: &Context, text: String) -> String {
        format!("{text} {:?}", cx.tags())
    }

    #[runnable]
    async fn middle(title: &str, cx: &Context, stars: u32) -> String {
        tokio::task::yield_now().await;
        format!("{title} {:?} {stars}", cx.tags())
    }

    #[runnable]
    fn last(text: &str, cx: &catena::Context) -> String {
        format!("{text} {:?}", cx.tags())
    }

    #[runnable(blocking)]
    fn off_thread(text: String, cx: &Context) -> String {
        format!("{text} {:?}", cx.tags())
    }

    #[tokio::test]
    async fn the_context_may_stand_anywhere() -> catena::Result<()> {
        let config = || Config::new().tag("t");
        assert_eq!(first.invoke_with("x".into(), config()).await?, "x [\"t\"]");
        assert_eq!(middle.invoke_with(page(), config()).await?, "Cats [\"t\"] 5");
        assert_eq!(last.invoke_with("x".to_owned(), config()).await?, "x [\"t\"]");
        assert_eq!(off_thread.invoke_with("x".into(), config()).await?, "x [\"t\"]");
        Ok(())
    }

    #[runnable]
    async fn inner_run(text: String, cx: &Context) -> catena::Result<String> {
        chain!(String => first | last).call(text, cx).await
    }

    #[tokio::test]
    async fn a_step_that_runs_a_chain_hands_the_context_on() -> catena::Result<()> {
        assert_eq!(inner_run.invoke_with("x".into(), Config::new().tag("t")).await?, "x [\"t\"] [\"t\"]");
        Ok(())
    }
}

mod generics {
    use super::*;

    #[runnable]
    fn twice<T: Clone>(value: &T) -> Vec<T> {
        vec![value.clone(), value.clone()]
    }

    #[runnable]
    fn count<T>(list: Vec<T>) -> usize {
        list.len()
    }

    #[runnable]
    async fn show<T>(value: T) -> String
    where
        T: Display,
    {
        value.to_string()
    }

    #[runnable]
    fn sum<const N: usize>(numbers: [u32; N]) -> u32 {
        numbers.iter().sum()
    }

    #[runnable]
    fn shown(value: &impl Display) -> String {
        format!("<{value}>")
    }

    #[runnable]
    fn taken(value: impl Display + Clone) -> String {
        format!("<{value}>")
    }

    #[tokio::test]
    async fn parameters_that_the_input_mentions_are_found_out() -> catena::Result<()> {
        assert_eq!(twice.invoke(1).await?, [1, 1]);
        assert_eq!(twice.invoke("a".to_owned()).await?, ["a", "a"]);
        assert_eq!(count.invoke(vec!['a', 'b']).await?, 2);
        assert_eq!(show.invoke(1.5).await?, "1.5");
        assert_eq!(sum.invoke([1, 2, 3]).await?, 6);
        assert_eq!(sum.invoke([7; 10]).await?, 70);
        assert_eq!(shown.invoke(7).await?, "<7>");
        assert_eq!(taken.invoke("x").await?, "<x>");
        let chain = chain!(u32 => twice | count | show | shown);
        assert_eq!(chain.invoke(7).await?, "<2>");
        Ok(())
    }

    mod of_fields {
        use super::*;

        #[runnable]
        fn pair<A: Display, B: Display>(left: A, right: &B) -> String {
            format!("{left} {right}")
        }

        #[tokio::test]
        async fn the_types_of_fields_are_found_out_too() -> catena::Result<()> {
            assert_eq!(pair.invoke(record! { right: 'b', left: 1 }).await?, "1 b");
            Ok(())
        }
    }

    #[runnable]
    pub(super) fn parse<T: std::str::FromStr<Err: std::error::Error + Send + Sync>>(text: &str) -> Result<T, T::Err> {
        text.parse()
    }

    #[runnable]
    async fn collect<C: FromIterator<T>, T>(items: Vec<T>) -> C {
        items.into_iter().collect()
    }

    #[runnable]
    fn field<T>(title: &str, stars: u32) -> T
    where
        T: From<String>,
    {
        format!("{title}{stars}").into()
    }

    #[tokio::test]
    async fn parameters_that_no_input_mentions_are_named_by_the_caller() -> catena::Result<()> {
        assert_eq!(parse::<u8>().invoke("7".to_owned()).await?, 7);
        let chain = chain!(String => parse::<u64>() | |n| n + 1);
        assert_eq!(chain.invoke("41".into()).await?, 42);
        let error = parse::<u8>().invoke("x".to_owned()).await.unwrap_err();
        assert_eq!(error.to_string(), "parse: invalid digit found in string");
        let set = collect::<std::collections::BTreeSet<u32>>().invoke(vec![3, 1, 3]).await?;
        assert_eq!(set.into_iter().collect::<Vec<_>>(), [1, 3]);
        let boxed: Box<str> = field::<Box<str>>().invoke(page()).await?;
        assert_eq!(&*boxed, "Cats5");
        Ok(())
    }

    #[runnable(retry(attempts = 3, base = "10ms"), timeout = "5s", name = "read")]
    async fn read<T: From<u8>>(text: &str) -> catena::Result<T> {
        Ok(text.parse::<u8>()?.into())
    }

    #[runnable(retry = 2)]
    #[allow(clippy::unnecessary_wraps)]
    fn print<T: Display + Clone>(value: T) -> catena::Result<String> {
        Ok(value.to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn generic_functions_have_options_too() -> catena::Result<()> {
        assert_eq!(read::<u64>().invoke("7".to_owned()).await?, 7);
        let error = read::<u64>().invoke("x".to_owned()).await.unwrap_err();
        assert_eq!((error.attempts(), error.path().as_str()), (3, "read"));
        assert_eq!(print.invoke(7).await?, "7");
        assert_eq!(chain!(String => read::<u32>() | print).invoke("7".into()).await?, "7");
        Ok(())
    }
}

mod lifetimes {
    use super::*;

    #[runnable]
    fn borrowed_a<'a>(text: &'a str) -> usize {
        text.len()
    }

    #[runnable]
    fn borrowed<'x>(text: &'x str) -> usize {
        text.len()
    }

    #[runnable]
    fn of_static(text: &'static str) -> usize {
        text.len()
    }

    #[runnable]
    async fn borrowed_async<'text>(text: &'text str) -> String {
        tokio::task::yield_now().await;
        text.to_uppercase()
    }

    #[tokio::test]
    async fn an_explicit_lifetime_takes_the_reference_itself() -> catena::Result<()> {
        let text = String::from("borrowed");
        assert_eq!(borrowed.invoke(&text).await?, 8);
        assert_eq!(borrowed_async.invoke(text.as_str()).await?, "BORROWED");
        assert_eq!(borrowed_a.invoke(text.as_str()).await?, 8);
        assert_eq!(of_static.invoke("static").await?, 6);
        let chain = chain!(&str => borrowed | |n| n + 1);
        assert_eq!(chain.invoke(text.as_str()).await?, 9);
        Ok(())
    }
}

mod attributes {
    #![deny(unused_must_use)]
    use super::*;

    /// Adds one.
    ///
    /// # Examples
    /// ```ignore
    /// plus_one.invoke(1)
    /// ```
    #[runnable]
    #[must_use]
    #[inline]
    pub(super) fn plus_one(n: u32) -> u32 {
        n + 1
    }

    #[runnable]
    #[allow(clippy::needless_pass_by_value, non_snake_case)]
    fn Shout(text: String) -> String {
        text.to_uppercase()
    }

    #[runnable]
    #[cfg(any())]
    fn chosen((): ()) -> NoSuchType {}

    #[runnable]
    #[cfg(not(any()))]
    fn chosen((): ()) -> &'static str {
        "this one"
    }

    #[cfg(any())]
    #[runnable(retry = 2, timeout = "1s")]
    fn absent<T>((): ()) -> NoSuchType<T> {}

    #[runnable]
    #[deprecated(note = "use `plus_one`")]
    fn plus_1(n: u32) -> u32 {
        n + 1
    }

    #[allow(deprecated)]
    #[tokio::test]
    async fn attributes_and_docs_survive() -> catena::Result<()> {
        assert_eq!(plus_one.invoke(1).await?, 2);
        assert_eq!(plus_one::function(1), 2);
        assert_eq!(Shout.invoke("a".into()).await?, "A");
        assert_eq!(chosen.invoke(()).await?, "this one");
        assert_eq!(plus_1.invoke(1).await?, 2);
        Ok(())
    }
}

mod options {
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
        const BOTH: Node = Node::Timeout(&Node::leaf("both", Kind::Function));
        assert_eq!(<slow as Step>::NODE, Node::Timeout(&SLOW));
        assert_eq!(<busy as Step>::NODE, Node::Retry(&BUSY));
        assert_eq!(<both as Step>::NODE, Node::Retry(&BOTH));
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
}

mod direct_calls {
    use super::*;

    #[runnable]
    fn sync(text: &str, cx: &Context) -> usize {
        text.len() + cx.tags().len()
    }

    #[runnable(retry = 3, timeout = "1s")]
    async fn slow(title: &str, stars: u32) -> io::Result<String> {
        tokio::task::yield_now().await;
        Ok(format!("{title} {stars}"))
    }

    #[runnable(blocking)]
    fn blocks(n: u32) -> u32 {
        n + 1
    }

    #[tokio::test]
    async fn the_function_behind_a_step_stays_callable() -> io::Result<()> {
        assert_eq!(sync::function("four", &Context::new()), 4);
        assert_eq!(slow::function("Cats", 5).await?, "Cats 5");
        assert_eq!(blocks::function(1), 2);
        assert_eq!(super::generics::parse::function::<u8>("7").unwrap(), 7);
        Ok(())
    }
}

mod impl_blocks {
    use super::*;

    struct Scale(u32);

    #[runnable]
    impl Runnable<u32> for Scale {
        type Output = u32;
        async fn call(&self, input: u32, _cx: &Context) -> catena::Result<u32> {
            Ok(input * self.0)
        }
    }

    #[derive(Clone)]
    struct Lookup(HashMap<String, u32>);

    #[runnable(name = "lookup", kind = retriever, tags("local"))]
    impl Runnable<String> for Lookup {
        type Output = Option<u32>;
        async fn call_ref(&self, key: &String, _cx: &Context) -> catena::Result<Option<u32>> {
            Ok(self.0.get(key).copied())
        }
    }

    /// One step, two inputs: the second block is an ordinary one.
    struct Letters;

    #[runnable]
    impl Runnable<String> for Letters {
        type Output = String;
        type Chunk = String;
        type Assembler = Concat;

        fn assembler(&self) -> Concat {
            Concat::default()
        }

        async fn call(&self, input: String, _cx: &Context) -> catena::Result<String> {
            Ok(input)
        }

        fn call_stream<'a>(&'a self, input: String, _cx: &'a Context) -> Chunks<'a, String>
        where
            String: 'a,
        {
            let letters: Vec<_> = input.chars().map(|letter| Ok(letter.to_string())).collect();
            Chunks::new(futures_util::stream::iter(letters))
        }
    }

    struct Prefix<T>(T);

    #[runnable]
    impl<T: Display + Send + Sync> Runnable<String> for Prefix<T> {
        type Output = String;
        async fn call(&self, input: String, _cx: &Context) -> catena::Result<String> {
            Ok(format!("{}{input}", self.0))
        }
    }

    struct Tail;

    #[runnable]
    impl<'x> Runnable<&'x str> for Tail {
        type Output = usize;
        async fn call(&self, input: &'x str, _cx: &Context) -> catena::Result<usize> {
            Ok(input.len() - 1)
        }
    }

    #[tokio::test]
    async fn what_is_not_written_is_filled_in() -> catena::Result<()> {
        assert_eq!(Scale(2).invoke(21).await?, 42);
        let step = Scale(2);
        let chunks: Vec<_> = step.stream(21).map(Result::unwrap).collect().await;
        assert_eq!(chunks, [42]);
        assert_eq!(chain!(u32 => Scale(2) | Scale(3) | <a: Scale(1), b: Scale(2)>).invoke(1).await?.b, 12);
        assert_eq!(<Scale as Step>::NODE.name(), Some("Scale"));
        assert_eq!(Prefix(7).invoke("x".into()).await?, "7x");
        let text = String::from("four");
        assert_eq!(Tail.invoke(text.as_str()).await?, 3);
        Ok(())
    }

    #[tokio::test]
    async fn call_ref_alone_is_enough() -> catena::Result<()> {
        let step = Lookup(HashMap::from([("a".to_owned(), 1)]));
        assert_eq!(step.invoke("a".to_owned()).await?, Some(1));
        assert_eq!(step.clone().map().invoke(vec!["a".into(), "b".into()]).await?, [Some(1), None]);
        let Node::Step(leaf) = <Lookup as Step>::NODE else { panic!("a single step") };
        assert_eq!((leaf.name, leaf.kind, leaf.tags), ("lookup", Kind::Retriever, ["local"].as_slice()));
        assert_eq!(step.stream("b".to_owned()).next().await.unwrap()?, None);
        Ok(())
    }

    #[tokio::test]
    async fn a_stream_of_its_own_is_kept() -> catena::Result<()> {
        let chunks: Vec<_> = Letters.stream("abc".to_owned()).map(Result::unwrap).collect().await;
        assert_eq!(chunks, ["a", "b", "c"]);
        let chain = chain!(String => Scripted::says(["x", "y"]) | Letters | Letters);
        assert_eq!(chain.invoke(String::new()).await?, "xy");
        let chunks: Vec<_> = chain.stream(String::new()).map(Result::unwrap).collect().await;
        assert_eq!(chunks, ["x", "y"]);
        Ok(())
    }
}

mod builders {
    use super::*;

    #[runnable]
    fn ask(_text: &str) -> catena::Result<String> {
        Err(Error::msg("no"))
    }

    /// Asks with patience.
    #[runnable]
    pub(super) fn patient(attempts: u32) -> impl Runnable<String, Output = String> {
        let policy = Retry::attempts(attempts).base(ms(0));
        chain!(String => ask.retry(policy))
    }

    #[runnable(name = "top level")]
    fn outer<T: Display + Clone + Send + Sync + 'static>(value: T) -> impl Runnable<String, Output = String> {
        chain!(String => <a: patient(2)> | move |r| format!("{} {value}", r.a))
    }

    #[tokio::test(start_paused = true)]
    async fn a_function_that_builds_a_chain_gives_it_its_name() {
        let error = patient(3).invoke("x".into()).await.unwrap_err();
        assert_eq!(error.to_string(), "patient.ask: no (after 3 attempts)");
        let error = outer(1.5).invoke("x".into()).await.unwrap_err();
        assert_eq!(error.path(), "top level.<a>.patient.ask");
        assert_eq!(outer('x').name(), Some("top level"));
    }

    #[runnable]
    fn early(yes: bool) -> impl Runnable<u32, Output = u32> {
        let factor = if yes { 2 } else { 3 };
        return chain!(u32 => move |n| n * factor);
    }

    #[tokio::test]
    async fn a_builder_may_return_early() -> catena::Result<()> {
        assert_eq!(early(true).invoke(1).await?, 2);
        assert_eq!(early(false).name(), Some("early"));
        Ok(())
    }
}

#[allow(unreachable_pub)]
mod elsewhere {
    pub mod steps {
        use catena::prelude::*;

        #[runnable]
        pub fn double(n: u32) -> u32 {
            n * 2
        }

        #[runnable]
        pub(in crate::elsewhere) fn triple(n: u32) -> u32 {
            n * 3
        }

        #[runnable(retry = 2)]
        pub(crate) fn fields(left: u32, right: u32) -> u32 {
            left + right
        }

        #[runnable]
        pub fn make<T: From<u32>>(n: u32) -> T {
            n.into()
        }

        #[runnable]
        pub fn quadruple() -> impl Runnable<u32, Output = u32> {
            chain!(u32 => double | double)
        }
    }

    #[tokio::test]
    async fn steps_are_as_visible_as_their_functions() -> catena::Result<()> {
        use catena::prelude::*;
        let chain = chain!(u32 =>
            steps::double | steps::triple | <left: |n| n, right: |n| n> | steps::fields
            | steps::quadruple() | steps::make::<u64>()
        );
        assert_eq!(chain.invoke(1).await?, 48);
        assert_eq!(steps::double::function(2) + steps::triple::function(1) + steps::fields::function(1, 1), 9);
        Ok(())
    }
}

mod macros {
    use super::*;

    macro_rules! adder {
        ($(#[$doc:meta])* $vis:vis $name:ident, $n:expr) => {
            $(#[$doc])*
            #[runnable]
            $vis fn $name(n: u32) -> u32 {
                n + $n
            }
        };
    }
    adder!(
        /// Adds one.
        pub(super) add_one,
        1
    );
    adder!(add_two, 2);

    macro_rules! joiner {
        ($name:ident($first:ident: $First:ty, $second:ident: $Second:ty) $retry:literal $body:expr) => {
            #[runnable(retry = $retry)]
            async fn $name($first: $First, $second: $Second) -> catena::Result<String> {
                Ok($body)
            }
        };
    }
    joiner!(join(title: &str, stars: u32) 3 format!("{title} {stars}"));

    macro_rules! generic {
        ($name:ident<$T:ident: $bound:path>) => {
            #[runnable]
            fn $name<$T: $bound>(value: &$T) -> String {
                value.to_string()
            }
        };
    }
    generic!(display<T: Display>);

    #[tokio::test]
    async fn macros_make_steps() -> catena::Result<()> {
        assert_eq!(chain!(u32 => add_one | add_two | display).invoke(1).await?, "4");
        assert_eq!(join.invoke(page()).await?, "Cats 5");
        Ok(())
    }
}

mod many {
    use super::*;

    #[derive(Clone, Record)]
    struct Twelve {
        a: u8,
        b: u8,
        c: u8,
        d: u8,
        e: u8,
        f: u8,
        g: u8,
        h: u8,
        i: u8,
        j: u8,
        k: u8,
        l: u8,
        m: u8,
    }

    #[runnable]
    #[allow(clippy::too_many_arguments, clippy::many_single_char_names)]
    fn all(m: u8, a: u8, b: &u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: &u8) -> u32 {
        [a, *b, c, d, e, f, g, h, i, j, k, *l, m].into_iter().map(u32::from).sum()
    }

    #[tokio::test]
    async fn more_than_twelve_parameters_are_taken_by_name() -> catena::Result<()> {
        let input = Twelve { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10, k: 11, l: 12, m: 13 };
        assert_eq!(all.invoke(input).await?, 91);
        Ok(())
    }

    #[tokio::test]
    async fn steps_are_values_to_copy_and_print() -> catena::Result<()> {
        let (one, two) = (all, all);
        assert_eq!(format!("{one:?} {two:?} {:?}", attributes::plus_one), "all all plus_one");
        let table: [(&str, attributes::plus_one); 1] = [("plus", attributes::plus_one)];
        assert_eq!(table[0].1.invoke(1).await?, 2);
        assert_eq!(size_of::<attributes::plus_one>(), 0);
        Ok(())
    }
}
