//! Running a chain from programs without an async runtime.

use catena::{ErrorKind, prelude::*};
use catena_tests::ms;
use std::{sync::Arc, thread};

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
    let error = chain!(u32 => |n| nap.invoke_blocking(n)?).invoke(1).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
}

#[test]
fn inside_itself_it_is_an_error_too() {
    let error = chain!(u32 => |n| nap.invoke_blocking(n)?).invoke_blocking(1).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
}
