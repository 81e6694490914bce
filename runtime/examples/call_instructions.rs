//! Calls of chains, beside the same written by hand, to be counted in instructions: those are the same in every run, also on a
//! machine that is busy. `tests/instructions.rs` counts them, where valgrind is.
//!
//! ```text
//! cargo build --release -p catena --example call_instructions
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/examples/call_instructions sequence-3 chain 1100
//! ```
//!
//! The first word says what is called, the second which of the two, the number how many times. The chains are behind a reference,
//! and awaited in a future behind a pointer, as in a service: what the loop around them needs is the same for both.

use catena::{Config, Event, Observer, prelude::*};
use futures_util::{StreamExt, stream};
use std::{
    env,
    future::Future,
    hint::black_box,
    pin::Pin,
    process::ExitCode,
    task::{Context as Task, Poll, Waker},
    time::Duration,
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
async fn refuse(n: u64) -> catena::Result<u64> {
    Err(catena::Error::msg(if n == u64::MAX { "nothing" } else { "not now" }))
}

/// Waits for its turn once.
#[runnable]
async fn wait(n: u64) -> catena::Result<u64> {
    let mut waited = false;
    std::future::poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }).await;
    Ok(n ^ 0x55)
}

/// The same, for a batch: it asks for its turn.
#[runnable]
async fn give_way(n: u64) -> catena::Result<u64> {
    tokio::task::yield_now().await;
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

type Ready = catena::Result<u64>;

fn repeat<F: Future>(times: u64, call: impl Fn(u64) -> F) {
    let mut work: Pin<Box<dyn Future<Output = ()> + '_>> = Box::pin(async move {
        for n in 0..times {
            black_box(call(black_box(n)).await);
        }
    });
    while work.as_mut().poll(&mut Task::from_waker(Waker::noop())).is_pending() {}
}

/// Reads nothing, and does nothing.
struct Nothing;

impl Observer for Nothing {
    fn event(&self, event: &Event) {
        black_box(event);
    }

    fn reads(&self) -> bool {
        false
    }
}

fn kept<T>(value: T) -> &'static T {
    black_box(Box::leak(Box::new(value)))
}

/// As one writes it for one step.
async fn tried<F: Future<Output = Ready>>(times: u32, work: impl Fn() -> F) -> Ready {
    let mut attempt = 1;
    loop {
        match work().await {
            Err(_) if attempt < times => attempt += 1,
            outcome => return outcome,
        }
    }
}

/// Whether there is such a call.
#[allow(clippy::too_many_lines)]
fn run(what: &str, which: &str, times: u64) -> bool {
    match (what, which) {
        ("step", "chain") => repeat(times, |n| mix.invoke(n)),
        ("step" | "named", "hand") => repeat(times, mix::function),
        ("sequence-3", "chain") => {
            let chain = kept(chain!(u64 => add | triple | mix));
            repeat(times, |n| chain.invoke(n));
        }
        ("sequence-3", "hand") => {
            repeat(times, |n| async move { mix::function(triple::function(add::function(n))).await });
        }
        ("sequence-10", "chain") => {
            let chain = kept(chain!(u64 => add | triple | mix | add | triple | mix | add | triple | mix | add));
            repeat(times, |n| chain.invoke(n));
        }
        ("sequence-10", "hand") => repeat(times, |n| async move {
            let n = mix::function(triple::function(add::function(n))).await?;
            let n = mix::function(triple::function(add::function(n))).await?;
            let n = mix::function(triple::function(add::function(n))).await?;
            Ready::Ok(add::function(n))
        }),
        ("waits-3", "chain") => {
            let chain = kept(chain!(u64 => wait | wait | wait));
            repeat(times, |n| chain.invoke(n));
        }
        ("waits-3", "hand") => repeat(times, |n| async move {
            let n = wait::function(n).await?;
            let n = wait::function(n).await?;
            wait::function(n).await
        }),
        ("map-3", "chain") => {
            let chain = kept(
                chain!(String => <length: length, spaces: spaces, first: first> | |r| r.length + r.spaces + usize::from(r.first)),
            );
            let (text, cx) = (kept("lorem ipsum ".repeat(16 * 1024 / 12)), kept(Context::new()));
            repeat(times, |_| chain.call_ref(black_box(text), cx));
        }
        ("map-3", "hand") => {
            let text = kept("lorem ipsum ".repeat(16 * 1024 / 12));
            repeat(times, |_| async {
                let text = black_box(text.as_str());
                let (long, wide, byte) = futures_util::try_join!(
                    async { Ok::<_, catena::Error>(length::function(text)) },
                    async { Ok::<_, catena::Error>(spaces::function(text)) },
                    async { Ok::<_, catena::Error>(first::function(text)) },
                )?;
                Ok::<_, catena::Error>(long + wide + usize::from(byte))
            });
        }
        ("branch-3", "chain") => {
            let chain = kept(chain!(u64 => match { 0 => add, n if n % 2 == 0 => triple, _ => mix }));
            repeat(times, |n| chain.invoke(n));
        }
        ("branch-3", "hand") => repeat(times, |n| async move {
            match n {
                0 => Ready::Ok(add::function(n)),
                n if n % 2 == 0 => Ok(triple::function(n)),
                n => mix::function(n).await,
            }
        }),
        ("branch-2", "chain") => {
            let chain = kept(chain!(u64 => match { n if n % 2 == 0 => triple, _ => mix }));
            repeat(times, |n| chain.invoke(n));
        }
        ("branch-2", "hand") => repeat(times, |n| async move {
            match n {
                n if n % 2 == 0 => Ready::Ok(triple::function(n)),
                n => mix::function(n).await,
            }
        }),
        ("branch-8", "chain") => {
            let chain = kept(chain!(u64 => match {
                0 => add,
                1 => triple,
                2 => mix,
                3 => add | triple,
                4 => triple | add,
                5 => mix | add,
                6 => mix | triple,
                _ => triple | mix,
            }));
            repeat(times, |n| chain.invoke(n));
        }
        ("branch-8", "hand") => repeat(times, |n| async move {
            match n {
                n @ 0 => Ready::Ok(add::function(n)),
                n @ 1 => Ok(triple::function(n)),
                n @ 2 => mix::function(n).await,
                n @ 3 => Ok(triple::function(add::function(n))),
                n @ 4 => Ok(add::function(triple::function(n))),
                n @ 5 => Ok(add::function(mix::function(n).await?)),
                n @ 6 => Ok(triple::function(mix::function(n).await?)),
                n => mix::function(triple::function(n)).await,
            }
        }),
        ("nested", "chain") => {
            let chain = kept(chain!(u64 => add | <a: add | mix, b: triple | mix> | |r| r.a ^ r.b | mix));
            repeat(times, |n| chain.invoke(n));
        }
        ("nested", "hand") => repeat(times, |n| async move {
            let n = add::function(n);
            let (a, b) = futures_util::try_join!(mix::function(add::function(n)), mix::function(triple::function(n)))?;
            mix::function(a ^ b).await
        }),
        ("named", "chain") => {
            let step = kept(mix.named("mix"));
            repeat(times, |n| step.invoke(n));
        }
        ("retry", "chain") => {
            let step = kept(mix.retry(3));
            repeat(times, |n| step.invoke(n));
        }
        ("retry", "hand") => repeat(times, |n| tried(3, move || mix::function(n))),
        ("fallback", "chain") => {
            let step = kept(mix.fallback(add));
            repeat(times, |n| step.invoke(n));
        }
        ("fallback", "hand") => repeat(times, |n| async move {
            match mix::function(n).await {
                Err(_) => Ready::Ok(add::function(n)),
                outcome => outcome,
            }
        }),
        ("boxed", "chain") => {
            let step = kept(chain!(u64 => add | triple | mix).boxed());
            repeat(times, |n| step.invoke(n));
        }
        ("boxed", "hand") => repeat(times, |n| -> Pin<Box<dyn Future<Output = Ready> + Send>> {
            Box::pin(async move { mix::function(triple::function(add::function(n))).await })
        }),
        ("retry-in-vain", "chain") => {
            let step = kept(refuse.retry(Retry::attempts(3).base(Duration::ZERO)));
            repeat(times, |n| step.invoke(n));
        }
        ("retry-in-vain", "hand") => repeat(times, |n| tried(3, move || refuse::function(n))),
        ("fallback-used", "chain") => {
            let step = kept(refuse.fallback(add));
            repeat(times, |n| step.invoke(n));
        }
        ("fallback-used", "hand") => repeat(times, |n| async move {
            match refuse::function(n).await {
                Err(_) => Ready::Ok(add::function(n)),
                outcome => outcome,
            }
        }),
        ("observed", "chain") => {
            let chain = kept(chain!(u64 => add | triple | mix));
            repeat(times, |n| chain.invoke_with(n, Config::new().observe(Nothing)));
        }
        ("batch", "chain") => {
            let chain = kept(chain!(u64 => add | give_way | triple));
            repeat(times, |_| async { chain.batch(0..black_box(1000)).max_concurrency(usize::MAX).await.len() });
        }
        ("batch", "hand") => repeat(times, |_| async {
            let by_hand = |n| async move { Ready::Ok(triple::function(give_way::function(add::function(n)).await?)) };
            stream::iter(0..black_box(1000)).map(by_hand).buffered(1000).collect::<Vec<_>>().await.len()
        }),
        ("timeout", "chain") => {
            let step = kept(mix.timeout(Duration::from_secs(5)));
            repeat(times, |n| step.invoke(n));
        }
        ("timeout", "hand") => {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime starts");
            let _inside = runtime.enter();
            repeat(times, |n| async move {
                let outcome = tokio::time::timeout(Duration::from_secs(5), mix::function(n)).await;
                outcome.map_err(|_| catena::Error::msg("too late"))?
            });
        }
        _ => return false,
    }
    true
}

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let [what, which, times] = words.as_slice() else {
        eprintln!("usage: call_instructions <what> <chain|hand> <times>");
        return ExitCode::from(2);
    };
    let Ok(times) = times.parse() else {
        eprintln!("`{times}` is no number of times");
        return ExitCode::from(2);
    };
    if run(what, which, times) {
        return ExitCode::SUCCESS;
    }
    eprintln!(
        "there is no `{what} {which}`: step, sequence-3, sequence-10, waits-3, map-3, branch-2, branch-3, branch-8, \
         nested, named, boxed, retry, retry-in-vain, fallback, fallback-used, timeout, observed or batch (of a thousand); \
         chain or hand"
    );
    ExitCode::from(2)
}
