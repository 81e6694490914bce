//! `tower`: services, and the combinators of `ServiceExt`.

use crate::{
    case::{Case, kept},
    steps::{add, mix, model, parse, prompt, triple, wait},
};
use catena::{Error, Result};
use std::{
    future::{Ready, ready},
    hint::black_box,
    time::Duration,
};
use tower::{
    BoxError, ServiceBuilder, ServiceExt,
    retry::{Policy, RetryLayer},
    service_fn,
};

const TOWER: &str = "tower";

pub fn three_steps(case: Case) -> Case {
    let service =
        service_fn(|n| ready(Ok::<_, Error>(add::function(n)))).map_response(triple::function).and_then(mix::function);
    let service = kept(service);
    case.by(TOWER, || service.clone().oneshot(black_box(7)))
}

pub fn three_waits(case: Case) -> Case {
    let service = kept(service_fn(wait::function).and_then(wait::function).and_then(wait::function));
    case.by(TOWER, || service.clone().oneshot(black_box(7)))
}

pub fn texts(case: Case) -> Case {
    let service = service_fn(|question| ready(Ok::<_, Error>(prompt::function(question))))
        .and_then(model::function)
        .and_then(|answer| async move { Ok::<_, Error>(parse::function(answer)?) });
    let service = kept(service);
    case.by(TOWER, || service.clone().oneshot(black_box("What is quantum computing?").to_owned()))
}

#[derive(Clone)]
struct Attempts(usize);

impl Policy<u64, u64, Error> for Attempts {
    type Future = Ready<()>;

    fn retry(&mut self, _: &mut u64, result: &mut Result<u64>) -> Option<Ready<()>> {
        (result.is_err() && self.0 > 1).then(|| {
            self.0 -= 1;
            ready(())
        })
    }

    fn clone_request(&mut self, request: &u64) -> Option<u64> {
        Some(*request)
    }
}

pub fn retried(case: Case) -> Case {
    let service = ServiceBuilder::new().layer(RetryLayer::new(Attempts(3))).service(service_fn(mix::function));
    let service = kept(service);
    case.by(TOWER, || service.clone().oneshot(black_box(7)))
}

pub fn timed(case: Case) -> Case {
    let service = kept(ServiceBuilder::new().timeout(Duration::from_secs(5)).service(service_fn(mix::function)));
    case.by(TOWER, || async {
        let outcome: Result<u64, BoxError> = service.clone().oneshot(black_box(7)).await;
        outcome.map_err(|error| Error::msg(error.to_string()))
    })
}
