//! Calls of chains whose steps are ready, beside the same written by hand: to be counted in instructions, which are the same
//! in every run and on every machine that is busy.
//!
//! ```text
//! cargo build --release --example call_instructions
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/examples/call_instructions sequence-3 chain 11
//! ```
//!
//! The first word says what is called, the second which of the two, the number how many thousand times. What the program
//! needs to start drops out of the difference between 11 and one; what the loop needs is in `empty`, and is to be taken off.

use catena::{Context, prelude::*};
use std::{
    env,
    future::Future,
    hint::black_box,
    pin::pin,
    process::ExitCode,
    task::{Context as Task, Poll, Waker},
};

#[runnable]
fn add(n: u64) -> u64 {
    n.wrapping_add(1)
}

#[runnable]
fn triple(n: u64) -> u64 {
    n.wrapping_mul(3)
}

#[runnable]
async fn mix(n: u64) -> catena::Result<u64> {
    Ok(n ^ 0x55)
}

#[runnable]
fn length(text: &str) -> usize {
    text.len()
}

#[runnable]
fn spaces(text: &str) -> usize {
    text.bytes().take(64).filter(|byte| *byte == b' ').count()
}

#[runnable]
fn first(text: &str) -> u8 {
    text.bytes().next().unwrap_or_default()
}

/// A future that is ready at once.
fn poll<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Task::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the steps are ready"),
    }
}

fn repeat<F: Future>(thousands: u64, call: impl Fn(u64) -> F) {
    for n in 0..thousands * 1000 {
        black_box(poll(call(black_box(n))));
    }
}

type Ready = catena::Result<u64>;

/// Whether there is such a call.
#[allow(clippy::too_many_lines)]
fn run(what: &str, which: &str, thousands: u64) -> bool {
    match (what, which) {
        ("empty", _) => repeat(thousands, |n| async move { Ready::Ok(n) }),
        ("step", "chain") => repeat(thousands, |n| mix.invoke(n)),
        ("step", _) => repeat(thousands, mix::function),
        ("sequence-3", "chain") => {
            let chain = chain!(u64 => add | triple | mix);
            repeat(thousands, |n| chain.invoke(n));
        }
        ("sequence-3", _) => {
            repeat(thousands, |n| async move { mix::function(triple::function(add::function(n))).await })
        }
        ("sequence-10", "chain") => {
            let chain = chain!(u64 => add | triple | mix | add | triple | mix | add | triple | mix | add);
            repeat(thousands, |n| chain.invoke(n));
        }
        ("sequence-10", _) => repeat(thousands, |n| async move {
            let n = mix::function(triple::function(add::function(n))).await?;
            let n = mix::function(triple::function(add::function(n))).await?;
            let n = mix::function(triple::function(add::function(n))).await?;
            Ready::Ok(add::function(n))
        }),
        ("map-3", "chain") => {
            let chain = chain!(String => <length: length, spaces: spaces, first: first>);
            let (text, cx) = ("lorem ipsum ".repeat(16 * 1024 / 12), Context::new());
            repeat(thousands, |_| chain.call_ref(black_box(&text), &cx));
        }
        ("map-3", _) => {
            let text = "lorem ipsum ".repeat(16 * 1024 / 12);
            repeat(thousands, |_| async {
                let text = black_box(text.as_str());
                futures_util::try_join!(
                    async { Ok::<_, catena::Error>(length::function(text)) },
                    async { Ok::<_, catena::Error>(spaces::function(text)) },
                    async { Ok::<_, catena::Error>(first::function(text)) },
                )
            });
        }
        ("branch-3", "chain") => {
            let chain = chain!(u64 => match { 0 => add, n if n % 2 == 0 => triple, _ => mix });
            repeat(thousands, |n| chain.invoke(n));
        }
        ("branch-3", _) => repeat(thousands, |n| async move {
            match n {
                0 => Ready::Ok(add::function(n)),
                n if n % 2 == 0 => Ok(triple::function(n)),
                n => mix::function(n).await,
            }
        }),
        ("named", "chain") => {
            let step = mix.named("mix");
            repeat(thousands, |n| step.invoke(n));
        }
        ("retry", "chain") => {
            let step = mix.retry(3);
            repeat(thousands, |n| step.invoke(n));
        }
        ("fallback", "chain") => {
            let step = mix.fallback(add);
            repeat(thousands, |n| step.invoke(n));
        }
        ("boxed", "chain") => {
            let step = mix.boxed();
            repeat(thousands, |n| step.invoke(n));
        }
        _ => return false,
    }
    true
}

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let [what, which, thousands] = words.as_slice() else {
        eprintln!("usage: call_instructions <what> <chain|hand> <thousands>");
        return ExitCode::from(2);
    };
    let Ok(thousands) = thousands.parse() else {
        eprintln!("`{thousands}` is no number of thousands");
        return ExitCode::from(2);
    };
    if run(what, which, thousands) {
        ExitCode::SUCCESS
    } else {
        eprintln!(
            "there is no `{what} {which}`: empty, step, sequence-3, sequence-10, map-3, branch-3, chain or hand; \
             named, retry, fallback, boxed, chain only"
        );
        ExitCode::from(2)
    }
}
