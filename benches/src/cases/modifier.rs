use crate::{
    case::{BY_HAND, CATENA, Case, kept},
    peers,
    steps::{add, mix, refuse},
};
use catena::{Error, Result, Retry, prelude::*};
use std::{hint::black_box, time::Duration};

pub fn cases() -> Vec<Case> {
    vec![named(), retry_unused(), retry_used(), fallback_unused(), fallback_used(), timeout()]
}

fn named() -> Case {
    let chain = kept(mix.named("mix"));
    Case::new("a name")
        .by(BY_HAND, || mix::function(black_box(7)))
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::named)
}

/// As one writes it for one step.
async fn tried<F: Future<Output = Result<u64>>>(times: u32, work: impl Fn() -> F) -> Result<u64> {
    let mut attempt = 1;
    loop {
        match work().await {
            Err(_) if attempt < times => attempt += 1,
            outcome => return outcome,
        }
    }
}

fn retry_unused() -> Case {
    let chain = kept(mix.retry(3));
    Case::new("a retry that is not needed")
        .by(BY_HAND, || tried(3, || mix::function(black_box(7))))
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::unused_retry)
}

fn retry_used() -> Case {
    let chain = kept(refuse.retry(Retry::attempts(3).base(Duration::ZERO)));
    Case::new("a retry that is, twice in vain")
        .by(BY_HAND, || async { tried(3, || refuse::function(black_box(7))).await.is_err() })
        .by(CATENA, || async { chain.invoke(black_box(7)).await.is_err() })
        .with(peers::used_retry)
}

fn fallback_unused() -> Case {
    let chain = kept(mix.fallback(add));
    Case::new("a fallback that is not needed")
        .by(BY_HAND, || async {
            let n = black_box(7);
            match mix::function(n).await {
                Err(_) => Ok::<_, Error>(add::function(n)),
                outcome => outcome,
            }
        })
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::unused_fallback)
}

fn fallback_used() -> Case {
    let chain = kept(refuse.fallback(add));
    Case::new("a fallback that is")
        .by(BY_HAND, || async {
            let n = black_box(7);
            match refuse::function(n).await {
                Err(_) => Ok::<_, Error>(add::function(n)),
                outcome => outcome,
            }
        })
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::used_fallback)
}

fn timeout() -> Case {
    const LONG: Duration = Duration::from_secs(5);
    let chain = kept(mix.timeout(LONG));
    Case::new("a timeout that is not reached")
        .by(BY_HAND, || async {
            let outcome = tokio::time::timeout(LONG, mix::function(black_box(7))).await;
            outcome.map_err(|_| catena::Error::msg("too late"))?
        })
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::timeout)
}
