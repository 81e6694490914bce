//! Chains behind layers of `tower`, and its services as steps.

use catena::{Config, Error, ErrorKind, Latency, prelude::*, tower as services};
use catena_tests::ms;
use std::{convert::Infallible, num::ParseIntError};
use tower::{ServiceBuilder, ServiceExt, service_fn, util::BoxCloneService};

#[runnable]
async fn slow(text: String) -> String {
    tokio::time::sleep(ms(100)).await;
    text.to_uppercase()
}

#[runnable]
fn number(text: String) -> catena::Result<u32> {
    Ok(text.parse()?)
}

#[tokio::test(start_paused = true)]
async fn a_chain_stands_behind_layers() {
    let layers = || ServiceBuilder::new().concurrency_limit(2);
    let quick = layers().timeout(ms(200)).service(services::service(chain!(String => slow)));
    assert_eq!(quick.oneshot("hey".to_owned()).await.unwrap(), "HEY");

    let late = layers().timeout(ms(50)).service(services::service(chain!(String => slow)));
    let error = late.oneshot("hey".to_owned()).await.unwrap_err();
    assert!(error.is::<tower::timeout::error::Elapsed>(), "{error}");

    let failing = layers().timeout(ms(50)).service(services::service(chain!(String => number)));
    let error = failing.oneshot("x".to_owned()).await.unwrap_err();
    let error = error.downcast_ref::<Error>().unwrap();
    assert_eq!(error.path(), "number");
    assert!(error.downcast_ref::<ParseIntError>().is_some());
}

#[tokio::test]
async fn its_configuration_is_that_of_each_run() {
    let latency = Latency::new();
    let service = services::service(number).config(Config::new().observe(latency.clone()));
    for _ in 0..2 {
        assert_eq!(service.clone().oneshot("7".to_owned()).await.unwrap(), 7);
    }
    assert_eq!(latency.steps()["number"].runs, 2);
}

#[tokio::test]
async fn a_service_is_a_step() {
    // One that is `Send` and not `Sync`, as boxed services are.
    let backend: BoxCloneService<String, usize, Infallible> =
        BoxCloneService::new(service_fn(async |text: String| Ok(text.len())));
    let chain = chain!(String => <length: services::step(backend.clone()).named("backend"), text: _> | .length);
    assert_eq!(chain.invoke("four".to_owned()).await.unwrap(), 4);
    assert!(chain.graph().to_string().contains("backend"), "{}", chain.graph());
}

#[tokio::test]
async fn its_errors_are_had_back() {
    let parse = service_fn(async |text: String| text.parse::<u32>());
    let chain = chain!(String => services::step(parse).named("parse"));
    let error = chain.invoke("x".to_owned()).await.unwrap_err();
    assert_eq!(error.path(), "parse");
    assert!(error.downcast_ref::<ParseIntError>().is_some());

    // Those of a chain in the service stay those of the chain.
    let refused = services::service(chain!(String => |_text| Err::<u32, _>(Error::new(ErrorKind::Auth, "no"))?));
    let error = chain!(String => services::step(refused)).invoke("x".to_owned()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Auth);
}
