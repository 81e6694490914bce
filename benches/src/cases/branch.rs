use crate::{
    case::{BY_HAND, CATENA, Case, kept},
    peers,
    steps::{add, mix, triple},
};
use catena::{Error, prelude::*};
use std::hint::black_box;

pub fn cases() -> Vec<Case> {
    vec![two(), eight()]
}

fn two() -> Case {
    let chain = kept(chain!(u64 => match { n if n % 2 == 0 => triple, _ => mix }));
    Case::new("2 arms")
        .goal(1.1)
        .by(BY_HAND, || async {
            match black_box(7) {
                n if n % 2 == 0 => Ok::<_, Error>(triple::function(n)),
                n => mix::function(n).await,
            }
        })
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::two_arms)
}

fn eight() -> Case {
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
    Case::new("8 arms")
        .goal(1.1)
        .by(BY_HAND, || async {
            match black_box(7) {
                n @ 0 => Ok::<_, Error>(add::function(n)),
                n @ 1 => Ok(triple::function(n)),
                n @ 2 => mix::function(n).await,
                n @ 3 => Ok(triple::function(add::function(n))),
                n @ 4 => Ok(add::function(triple::function(n))),
                n @ 5 => Ok(add::function(mix::function(n).await?)),
                n @ 6 => Ok(triple::function(mix::function(n).await?)),
                n => mix::function(triple::function(n)).await,
            }
        })
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::eight_arms)
}
