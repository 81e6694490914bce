use super::*;

#[runnable]
fn ask(_text: &str) -> catena::Result<String> {
    Err(Error::msg("no"))
}

/// Asks with patience.
#[runnable]
pub(super) fn patient(attempts: u32) -> impl Runnable<String, Output = String> {
    let policy = Retry::attempts(attempts).base(ms(0));
    chain!(String => ask.retry(policy))
}

#[runnable(name = "top level")]
fn outer<T: Display + Clone + Send + Sync + 'static>(value: T) -> impl Runnable<String, Output = String> {
    chain!(String => <a: patient(2)> | move |r| format!("{} {value}", r.a))
}

#[tokio::test(start_paused = true)]
async fn a_function_that_builds_a_chain_gives_it_its_name() {
    let error = patient(3).invoke("x".into()).await.unwrap_err();
    assert_eq!(error.to_string(), "patient.ask: no (after 3 attempts)");
    let error = outer(1.5).invoke("x".into()).await.unwrap_err();
    assert_eq!(error.path(), "top level.<a>.patient.ask");
    assert_eq!(outer('x').name(), Some("top level"));
}

#[runnable]
fn early(yes: bool) -> impl Runnable<u32, Output = u32> {
    let factor = if yes { 2 } else { 3 };
    return chain!(u32 => move |n| n * factor);
}

#[tokio::test]
async fn a_builder_may_return_early() -> catena::Result<()> {
    assert_eq!(early(true).invoke(1).await?, 2);
    assert_eq!(early(false).name(), Some("early"));
    Ok(())
}

/// Builds it from settings, which may be wrong.
#[runnable(deny(untimed_model))]
fn configured(attempts: &str) -> Result<impl Runnable<String, Output = String> + use<>, std::num::ParseIntError> {
    let attempts: u32 = attempts.parse()?;
    if attempts == 0 {
        return Ok(chain!(String => ask).boxed());
    }
    Ok(patient(attempts).boxed())
}

#[runnable]
async fn awaited(attempts: u32) -> catena::Result<impl Runnable<String, Output = String>> {
    tokio::task::yield_now().await;
    let attempts = attempts.checked_sub(1).ok_or_else(|| Error::msg("at least one"))?;
    Ok(chain!(String => patient(attempts) | |text| text.to_uppercase()))
}

#[tokio::test(start_paused = true)]
async fn a_builder_that_may_fail_or_wait_gives_its_chain_its_name() {
    let error = configured("2").unwrap().invoke("x".into()).await.unwrap_err();
    assert_eq!(error.to_string(), "configured.ask: no (after 2 attempts)");
    assert!(configured("two").is_err(), "the function's own error");
    let error = awaited(3).await.unwrap().invoke("x".into()).await.unwrap_err();
    assert_eq!(error.to_string(), "awaited.patient.ask: no (after 2 attempts)");
    assert_eq!(awaited(0).await.err().unwrap().message(), "at least one");
}
