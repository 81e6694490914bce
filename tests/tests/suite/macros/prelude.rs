//! The prelude beside the traits that programs have in scope as well.

use catena::prelude::*;
#[allow(unused_imports)]
use futures_util::{FutureExt, Stream, StreamExt, TryFutureExt, TryStreamExt, future, stream};
#[allow(unused_imports)]
use std::{error::Error, fmt::Write as _, future::Future, io::prelude::*, ops::Deref};

#[runnable]
fn double(n: u32) -> u32 {
    n * 2
}

#[tokio::test]
async fn methods_of_the_same_names_stay_apart() -> catena::Result<()> {
    let step = double.map().concurrency(2).boxed();
    assert_eq!(step.invoke(vec![1, 2]).map(|done| done.map(|list| list.len())).await?, 2);
    let mapped: Vec<u32> = stream::iter([1, 2]).map(|n| n + 1).boxed().collect().await;
    assert_eq!(mapped, [2, 3]);
    let chunks: Vec<u32> = double.stream(4).try_collect().await?;
    assert_eq!(chunks, [8]);
    assert_eq!(vec![1, 2].into_iter().map(|n| n + 1).sum::<i32>(), 5);
    assert_eq!(future::ready(1).map(|n| n + 1).boxed().await, 2);
    Ok(())
}

/// Code that is generic over a step has the trait's own methods in scope too.
async fn both<R: Runnable<u32, Output = u32, Chunk = u32>>(step: &R) -> catena::Result<(u32, usize)> {
    Ok((step.invoke(1).await?, step.stream(1).count().await))
}

#[tokio::test]
async fn generic_code_runs_steps_the_same_way() -> catena::Result<()> {
    assert_eq!(both(&double).await?, (2, 1));
    Ok(())
}
