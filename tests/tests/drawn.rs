//! Runs as they are drawn: on a clock that stands still but for what the steps wait, so that every time is exact.

use catena::{Config, Context, Drawing, Error, Retry, Router, prelude::*};
use catena_tests::ms;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

#[runnable]
async fn slow(n: u32) -> u32 {
    tokio::time::sleep(ms(u64::from(n) * 100)).await;
    n
}

#[runnable]
async fn quick(n: u32) -> u32 {
    tokio::time::sleep(ms(20)).await;
    n
}

#[runnable]
async fn refuse(_n: u32) -> catena::Result<u32> {
    tokio::time::sleep(ms(5)).await;
    Err(Error::msg("no <numbers> today"))
}

#[runnable]
fn total(a: u32, b: u32) -> u32 {
    a + b
}

/// Fails so often before it succeeds.
struct Flaky(AtomicU32);

#[runnable]
impl Runnable<u32> for Flaky {
    type Output = u32;
    async fn call(&self, input: u32, _cx: &Context) -> catena::Result<u32> {
        tokio::time::sleep(ms(10)).await;
        let left = self.0.load(SeqCst);
        self.0.store(left.saturating_sub(1), SeqCst);
        if left > 0 { Err(Error::msg("busy").with_retryable(true)) } else { Ok(input) }
    }
}

async fn drawn<In: Send, R: Runnable<In>>(chain: R, input: In) -> Drawing {
    let drawing = Drawing::new("run");
    let _ = chain.invoke_with(input, Config::new().observe(drawing.clone())).await;
    drawing
}

/// As text, on a wide terminal.
async fn text<In: Send, R: Runnable<In>>(chain: R, input: In) -> String {
    format!("\n{}", drawn(chain, input).await.text(110))
}

#[tokio::test(start_paused = true)]
async fn zz_all() {
    println!("{}", text(chain!(u32 => slow | |n| n + 1 | quick), 3).await);
    println!("{}", text(chain!(u32 => <a: slow, b: refuse> | total), 3).await);
    println!("{}", text(chain!(u32 => <a: slow, b?: refuse> | |x| x.a), 3).await);
    println!("{}", text(Flaky(2.into()).retry(Retry::attempts(5).jitter(false)), 3).await);
    println!(
        "{}",
        text(chain!(u32 => quick | Flaky(2.into()).retry(Retry::attempts(2).jitter(false)) | slow), 3).await
    );
    println!("{}", text(chain!(u32 => refuse.fallback(slow).fallback(quick) | quick), 3).await);
    println!("{}", text(chain!(u32 => match { n if n > 5 => slow, 1 => quick, _ => |n| n + 1 }), 3).await);
    println!("{}", text(chain!(u32 => quick.race(slow) | slow), 3).await);
    println!("{}", text(chain!(Vec<u32> => slow.map() | |all| all.len()), (0..1000).collect()).await);
    println!("{}", text(chain!(u32 => slow.timeout(ms(50)) | quick), 3).await);
    println!("{}", text(chain!(u32 => slow.boxed() | chain!(u32 => quick | quick).boxed()), 3).await);
    println!("{}", text(chain!(u32 => <a: slow.named("the <first>"), b: quick | quick> | total), 3).await);
}
