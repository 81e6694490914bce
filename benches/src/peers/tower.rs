//! `tower`: services, the combinators of `ServiceExt` and the layers.

use super::{cannot, list, question};
use crate::{
    case::{Case, kept},
    steps::{add, mix, model, parse, prompt, refuse, triple, wait},
};
use catena::{Error, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::{
    cell::Cell,
    future::{Ready, ready},
    hint::black_box,
    time::Duration,
};
use tower::{
    BoxError, Service, ServiceBuilder, ServiceExt,
    retry::{Policy, RetryLayer},
    service_fn,
    steer::Steer,
    util::BoxService,
};

const WHO: &str = list::TOWER.who;

/// A service that is no copy: one call at a time has it.
struct Lent<S>(Cell<Option<S>>);

impl<S> Lent<S> {
    fn new(service: S) -> &'static Self {
        kept(Lent(Cell::new(Some(service))))
    }

    async fn call<R>(&self, request: R) -> Result<S::Response, S::Error>
    where
        S: Service<R>,
    {
        let mut service = self.0.take().expect("one call at a time");
        let answer = service.ready().await?.call(request).await;
        self.0.set(Some(service));
        answer
    }
}

pub fn one_step(case: Case) -> Case {
    let service = service_fn(mix::function);
    case.by(WHO, move || service.oneshot(black_box(7)))
}

pub fn three_steps(case: Case) -> Case {
    let service =
        service_fn(|n| ready(Ok::<_, Error>(add::function(n)))).map_response(triple::function).and_then(mix::function);
    let service = kept(service);
    case.by(WHO, || service.clone().oneshot(black_box(7)))
}

pub fn ten_steps(case: Case) -> Case {
    let service = service_fn(|n| ready(Ok::<_, Error>(add::function(n))))
        .map_response(triple::function)
        .map_response(add::function)
        .map_response(triple::function)
        .map_response(add::function)
        .map_response(triple::function)
        .map_response(add::function)
        .map_response(triple::function)
        .map_response(add::function)
        .and_then(mix::function);
    let service = kept(service);
    case.by(WHO, || service.clone().oneshot(black_box(7)))
}

/// A box after each ten: the type of a hundred is too deep for the compiler.
pub fn hundred_steps(case: Case) -> Case {
    let ten = |service: BoxService<u64, u64, Error>| {
        let service = service.and_then(mix::function).map_response(add::function);
        let service = service.and_then(mix::function).map_response(add::function);
        let service = service.and_then(mix::function).map_response(add::function);
        let service = service.and_then(mix::function).map_response(add::function);
        service.and_then(mix::function).map_response(add::function).boxed()
    };
    let first = service_fn(|n| ready(Ok::<u64, Error>(n))).boxed();
    let service = Lent::new((0..10).fold(first, |service, _| ten(service)));
    case.by(WHO, || service.call(black_box(7)))
}

pub fn three_waits(case: Case) -> Case {
    let service = kept(service_fn(wait::function).and_then(wait::function).and_then(wait::function));
    case.by(WHO, || service.clone().oneshot(black_box(7)))
}

pub fn texts(case: Case) -> Case {
    let service = service_fn(|question| ready(Ok::<_, Error>(prompt::function(question))))
        .and_then(model::function)
        .and_then(|answer| async move { Ok::<_, Error>(parse::function(answer)?) });
    let service = kept(service);
    case.by(WHO, || service.clone().oneshot(question()))
}

pub fn boxed_steps(case: Case) -> Case {
    let service = service_fn(|n| ready(Ok::<_, Error>(add::function(n)))).map_response(triple::function);
    let service = Lent::new(service.and_then(mix::function).boxed());
    case.by(WHO, || service.call(black_box(7)))
}

cannot!(
    "it has nothing that gives a request to several services":
    three_branches, twelve_branches, waiting_branches, long_branches, nested,
);

pub fn over_a_list(case: Case) -> Case {
    let service = service_fn(wait::function);
    case.by(WHO, move || {
        let list = black_box((0..100).collect::<Vec<u64>>());
        service.call_all(stream::iter(list)).try_collect::<Vec<u64>>()
    })
}

pub fn two_arms(case: Case) -> Case {
    let arms = [service_fn(|n| ready(Ok(triple::function(n)))).boxed(), service_fn(mix::function).boxed()];
    let service = Lent::new(Steer::new(arms, |n: &u64, _: &[_]| usize::from(!n.is_multiple_of(2))));
    case.by(WHO, || service.call(black_box(7)))
}

pub fn eight_arms(case: Case) -> Case {
    let adds = || service_fn(|n| ready(Ok::<_, Error>(add::function(n))));
    let triples = || service_fn(|n| ready(Ok::<_, Error>(triple::function(n))));
    let mixes = || service_fn(mix::function);
    let arms = [
        adds().boxed(),
        triples().boxed(),
        mixes().boxed(),
        adds().map_response(triple::function).boxed(),
        triples().map_response(add::function).boxed(),
        mixes().map_response(add::function).boxed(),
        mixes().map_response(triple::function).boxed(),
        triples().and_then(mix::function).boxed(),
    ];
    let service = Lent::new(Steer::new(arms, |n: &u64, _: &[_]| usize::try_from(*n).map_or(7, |arm| arm.min(7))));
    case.by(WHO, || service.call(black_box(7)))
}

cannot!("it has no names for services": named);
cannot!("what it calls after an error gets the error, not the request": unused_fallback, used_fallback);

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

pub fn unused_retry(case: Case) -> Case {
    let service = ServiceBuilder::new().layer(RetryLayer::new(Attempts(3))).service(service_fn(mix::function));
    let service = kept(service);
    case.by(WHO, || service.clone().oneshot(black_box(7)))
}

pub fn used_retry(case: Case) -> Case {
    let service = ServiceBuilder::new().layer(RetryLayer::new(Attempts(3))).service(service_fn(refuse::function));
    let service = kept(service);
    case.by(WHO, || async { service.clone().oneshot(black_box(7)).await.is_err() })
}

pub fn timeout(case: Case) -> Case {
    let service = kept(ServiceBuilder::new().timeout(Duration::from_secs(5)).service(service_fn(mix::function)));
    case.by(WHO, || async {
        let outcome: Result<u64, BoxError> = service.clone().oneshot(black_box(7)).await;
        outcome.map_err(|error| Error::msg(error.to_string()))
    })
}

pub fn batch(case: Case, inputs: u64, limit: usize) -> Case {
    let steps = service_fn(|n| ready(Ok::<_, Error>(add::function(n)))).and_then(wait::function);
    let service = ServiceBuilder::new().concurrency_limit(limit).service(steps.map_response(triple::function));
    let service = kept(service);
    case.by(WHO, move || async move {
        let results: Vec<Result<u64>> = service.clone().call_all(stream::iter(0..black_box(inputs))).collect().await;
        results.into_iter().flatten().fold(0, u64::wrapping_add)
    })
}

pub fn long_batch(case: Case, inputs: u64, limit: usize) -> Case {
    let steps = service_fn(|n| ready(Ok::<_, Error>(add::function(n)))).and_then(wait::function);
    let service = ServiceBuilder::new().concurrency_limit(limit).service(steps.map_response(triple::function));
    let service = kept(service);
    case.by(WHO, move || {
        let results = service.clone().call_all(stream::iter(0..black_box(inputs))).unordered();
        results.fold(0, |total: u64, n| async move { total.wrapping_add(n.unwrap_or_default()) })
    })
}

cannot!(
    "it has requests and responses, no streams of chunks":
    stream_of_one(u64), stream_of_three(u64), stream_of_ten(u64), stream_of_a_map(u64),
);
cannot!("it has no events of services": observed);
