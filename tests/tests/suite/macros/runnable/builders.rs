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
