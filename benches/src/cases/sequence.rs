use crate::{
    case::{BY_HAND, CATENA, Case, kept},
    peers,
    steps::{add, mix, model, parse, prompt, triple, wait},
};
use catena::{Error, Result, prelude::*};
use futures_util::future;
use std::hint::black_box;

pub fn cases() -> Vec<Case> {
    vec![one(), three(), ten(), hundred(), suspending(), texts(), boxed()]
}

fn one() -> Case {
    let chain = kept(chain!(u64 => mix));
    Case::new("1 ready step")
        .goal(1.1)
        .by(BY_HAND, || mix::function(black_box(7)))
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::one_step)
}

fn three() -> Case {
    let chain = kept(chain!(u64 => add | triple | mix));
    Case::new("3 ready steps")
        .goal(1.1)
        .by(BY_HAND, || async { mix::function(triple::function(add::function(black_box(7)))).await })
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::three_steps)
}

fn ten() -> Case {
    let chain = kept(chain!(u64 => add | triple | add | triple | add | triple | add | triple | add | mix));
    Case::new("10 ready steps")
        .goal(1.1)
        .by(BY_HAND, || async {
            let n = (0..4).fold(black_box(7), |n, _| triple::function(add::function(n)));
            mix::function(add::function(n)).await
        })
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::ten_steps)
}

fn hundred() -> Case {
    let chain = kept(chain!(u64 =>
        mix | add | mix | add | mix | add | mix | add | mix | add
        | mix | add | mix | add | mix | add | mix | add | mix | add
        | mix | add | mix | add | mix | add | mix | add | mix | add
        | mix | add | mix | add | mix | add | mix | add | mix | add
        | mix | add | mix | add | mix | add | mix | add | mix | add
        | mix | add | mix | add | mix | add | mix | add | mix | add
        | mix | add | mix | add | mix | add | mix | add | mix | add
        | mix | add | mix | add | mix | add | mix | add | mix | add
        | mix | add | mix | add | mix | add | mix | add | mix | add
        | mix | add | mix | add | mix | add | mix | add | mix | add
    ));
    /// Ten steps, written out as one would: nobody writes a loop of a chain.
    macro_rules! ten {
        ($n:ident) => {
            let $n = add::function(mix::function($n).await?);
            let $n = add::function(mix::function($n).await?);
            let $n = add::function(mix::function($n).await?);
            let $n = add::function(mix::function($n).await?);
            let $n = add::function(mix::function($n).await?);
        };
    }
    Case::new("100 ready steps")
        .goal(1.1)
        .by(BY_HAND, || async {
            let n = black_box(7);
            ten!(n);
            ten!(n);
            ten!(n);
            ten!(n);
            ten!(n);
            ten!(n);
            ten!(n);
            ten!(n);
            ten!(n);
            ten!(n);
            Ok::<_, Error>(n)
        })
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::hundred_steps)
}

fn suspending() -> Case {
    let chain = kept(chain!(u64 => wait | wait | wait));
    Case::new("3 steps that wait once")
        .by(BY_HAND, || async {
            let n = wait::function(black_box(7)).await?;
            let n = wait::function(n).await?;
            wait::function(n).await
        })
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::three_waits)
}

fn texts() -> Case {
    let question = || black_box("What is quantum computing?").to_owned();
    let chain = kept(chain!(String => prompt | model | parse));
    Case::new("prompt, model, parser over text")
        .by(BY_HAND, move || async move {
            let answer = model::function(prompt::function(question())).await?;
            Ok::<_, Error>(parse::function(answer)?)
        })
        .by(CATENA, move || chain.invoke(question()))
        .with(peers::texts)
}

fn boxed() -> Case {
    let chain = kept(chain!(u64 => add | triple | mix).boxed());
    Case::new("3 ready steps behind a pointer")
        .by(BY_HAND, || {
            let by_hand: future::BoxFuture<'static, Result<u64>> =
                Box::pin(async { mix::function(triple::function(add::function(black_box(7)))).await });
            by_hand
        })
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::boxed_steps)
}
