use crate::{
    case::{Case, kept},
    peers,
    steps::{add, mix, triple},
};
use catena::{Config, Error, Event, EventKind, Observer, prelude::*};
use futures_util::StreamExt;
use std::hint::black_box;

pub fn cases() -> Vec<Case> {
    vec![three()]
}

struct Nothing;

impl Observer for Nothing {
    fn event(&self, event: &Event) {
        black_box(event);
    }
}

fn three() -> Case {
    let chain = kept(chain!(u64 => add | triple | mix));
    Case::new("3 ready steps")
        .by("nobody observes", || chain.invoke(black_box(7)))
        .by("an observer that does nothing", || chain.invoke_with(black_box(7), Config::new().observe(Nothing)))
        .by("events with JSON", || async {
            let mut answer = None;
            let mut events = std::pin::pin!(chain.events(black_box(7)));
            while let Some(event) = events.next().await {
                if let EventKind::End { output: Some(output), .. } = event?.kind {
                    answer = output.as_u64();
                }
            }
            Ok::<_, Error>(answer.unwrap_or_default())
        })
        .with(peers::observed)
}
