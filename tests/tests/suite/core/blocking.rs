//! Running a chain from programs without an async runtime.

use catena::{CancellationToken, Config, ErrorKind, Listeners, prelude::*};
use catena_tests::ms;
use std::{
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

#[runnable]
async fn nap(n: u32) -> u32 {
    tokio::time::sleep(ms(1)).await;
    n + 1
}

#[test]
fn it_waits_for_the_output() -> catena::Result<()> {
    let chain = chain!(u32 => nap | <a: nap, b: nap.spawned()> | |r| r.a + r.b);
    assert_eq!(chain.invoke_blocking(1)?, 6);
    assert_eq!(chain.invoke_blocking(2)?, 8, "and once more");
    Ok(())
}

#[test]
fn it_fails_as_a_call_does() {
    let chain = chain!(String => |text| text.parse::<u32>()? | nap);
    assert_eq!(chain.invoke_blocking("x".into()).unwrap_err().to_string(), "|text|: invalid digit found in string");
}

#[test]
fn many_threads_wait_at_once() {
    let chain = Arc::new(chain!(u32 => nap | nap));
    let threads: Vec<_> = (0..8)
        .map(|n| {
            let chain = Arc::clone(&chain);
            thread::spawn(move || (0..20).map(|_| chain.invoke_blocking(n)).collect::<catena::Result<Vec<_>>>())
        })
        .collect();
    for (n, thread) in (0..).zip(threads) {
        assert_eq!(thread.join().unwrap().unwrap(), vec![n + 2; 20]);
    }
}

#[test]
fn borrowed_inputs_work() -> catena::Result<()> {
    let text = String::from("borrowed");
    assert_eq!(chain!(&str => |s| s.len()).invoke_blocking(text.as_str())?, 8);
    Ok(())
}

#[tokio::test]
async fn inside_a_runtime_it_is_an_error_that_says_what_to_do() {
    let error = nap.invoke_blocking(1).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(error.message().contains(".invoke(..).await"), "{error}");
    assert!(error.message().contains(".call_blocking(.., cx)"), "{error}");
    let error = chain!(u32 => |n| nap.invoke_blocking(n)?).invoke(1).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
}

#[test]
fn inside_itself_it_is_an_error_too() {
    let error = chain!(u32 => |n| nap.invoke_blocking(n)?).invoke_blocking(1).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
}

/// A run of its own, from a blocking step.
#[runnable(blocking)]
fn aside(n: u32) -> catena::Result<u32> {
    nap.invoke_blocking(n)
}

/// The same within the run.
#[runnable(blocking)]
fn along(n: u32, cx: &Context) -> catena::Result<u32> {
    nap.call_blocking(n, cx)
}

#[tokio::test]
async fn blocking_steps_may_wait_under_one_thread() -> catena::Result<()> {
    assert_eq!(aside.invoke(1).await?, 2);
    assert_eq!(along.invoke(1).await?, 2);
    let chain = chain!(u32 => <a: aside, b: along> | |r| r.a + r.b).map();
    assert_eq!(chain.invoke(vec![1; 20]).await?, [4; 20]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn blocking_steps_may_wait_under_many_threads() -> catena::Result<()> {
    let chain = chain!(u32 => <a: aside.spawned(), b: along.spawned()> | |r| r.a + r.b).map();
    assert_eq!(chain.invoke(vec![1; 20]).await?, [4; 20]);
    // What blocks in place may do so, too.
    assert_eq!(tokio::spawn(async { tokio::task::block_in_place(|| nap.invoke_blocking(1)) }).await.unwrap()?, 2);
    Ok(())
}

#[test]
fn blocking_steps_may_wait_within_a_blocking_call() -> catena::Result<()> {
    #[runnable(blocking)]
    fn twice(n: u32, cx: &Context) -> catena::Result<u32> {
        chain!(u32 => along | aside).call_blocking(n, cx)
    }
    assert_eq!(twice.invoke_blocking(1)?, 3);
    Ok(())
}

#[tokio::test]
async fn any_thread_that_may_block_may_wait() -> catena::Result<()> {
    assert_eq!(tokio::task::spawn_blocking(|| nap.invoke_blocking(1)).await.unwrap()?, 2);
    let handle = tokio::runtime::Handle::current();
    let entered = thread::spawn(move || {
        let _inside = handle.enter();
        nap.invoke_blocking(1)
    });
    assert_eq!(entered.join().unwrap()?, 2);
    Ok(())
}

#[tokio::test]
async fn where_others_are_polled_it_is_refused_and_they_go_on() -> catena::Result<()> {
    #[runnable]
    fn wrong(n: u32, cx: &Context) -> catena::Result<u32> {
        nap.call_blocking(n, cx)
    }
    let error = wrong.invoke(1).await.unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (&ErrorKind::BadInput, "wrong"));
    let (refused, fine) = tokio::join!(wrong.invoke(1), nap.invoke(1));
    assert_eq!((refused.unwrap_err().kind(), fine?), (&ErrorKind::BadInput, 2));
    let spawned = wrong.spawned().invoke(1).await.unwrap_err();
    assert_eq!(spawned.kind(), &ErrorKind::BadInput);
    Ok(())
}

#[tokio::test]
async fn the_run_goes_on_in_a_blocking_step() -> catena::Result<()> {
    struct Tenant(&'static str);

    #[runnable]
    async fn tenant(_n: &u32, cx: &Context) -> catena::Result<String> {
        let tags = cx.tags().join(" ");
        Ok(format!("{} {tags}", cx.get::<Tenant>().map_or("none", |who| who.0)))
    }
    #[runnable(blocking)]
    fn asks(n: u32, cx: &Context) -> catena::Result<String> {
        tenant.call_blocking(n, cx)
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let listeners = Listeners::new().on_end(move |event| log.lock().unwrap().push(event.name().to_owned()));
    let config = Config::new().with(Tenant("Acme")).tag("nightly").listen(listeners);
    assert_eq!(asks.invoke_with(1, config).await?, "Acme nightly");
    assert_eq!(*seen.lock().unwrap(), ["asks"]);
    Ok(())
}

/// Calls what never ends, and says how the call was ended.
fn stuck() -> (impl Runnable<u32, Output = u32> + Clone, mpsc::Receiver<ErrorKind>) {
    #[derive(Clone)]
    struct Stuck(mpsc::Sender<ErrorKind>);

    #[runnable]
    impl Runnable<u32> for Stuck {
        type Output = u32;
        async fn call(&self, n: u32, cx: &Context) -> catena::Result<u32> {
            let (says, cx) = (self.0.clone(), cx.clone());
            catena::__private::blocking(move || {
                let forever = chain!(u32 => |n| { std::future::pending::<()>().await; n });
                forever.call_blocking(n, &cx).inspect_err(|error| says.send(error.kind().clone()).unwrap())
            })
            .await?
        }
    }
    let (says, heard) = mpsc::channel();
    (Stuck(says), heard)
}

#[tokio::test]
async fn a_call_from_a_blocking_step_ends_with_its_run() {
    let hear = |heard: mpsc::Receiver<ErrorKind>| {
        tokio::task::spawn_blocking(move || heard.recv_timeout(Duration::from_secs(30)).unwrap())
    };
    let (step, heard) = stuck();
    let error = step.invoke_with(1, Config::new().deadline(ms(20))).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Deadline);
    assert!(matches!(hear(heard).await.unwrap(), ErrorKind::Deadline | ErrorKind::Cancelled));

    let (step, heard) = stuck();
    let token = CancellationToken::new();
    let (error, ()) = tokio::join!(step.invoke_with(1, Config::new().cancel(token.clone())), async {
        tokio::time::sleep(ms(20)).await;
        token.cancel();
    });
    assert_eq!(error.unwrap_err().kind(), &ErrorKind::Cancelled);
    assert_eq!(hear(heard).await.unwrap(), ErrorKind::Cancelled);

    let (step, heard) = stuck();
    assert!(tokio::time::timeout(ms(20), step.invoke(1)).await.is_err());
    assert_eq!(hear(heard).await.unwrap(), ErrorKind::Cancelled, "the call was dropped");
}
