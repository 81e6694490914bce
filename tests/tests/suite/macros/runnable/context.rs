use super::*;
use catena::Config;

#[runnable]
fn first(cx: &Context, text: String) -> String {
    format!("{text} {:?}", cx.tags())
}

#[runnable]
async fn middle(title: &str, cx: &Context, stars: u32) -> String {
    tokio::task::yield_now().await;
    format!("{title} {:?} {stars}", cx.tags())
}

#[runnable]
fn last(text: &str, cx: &catena::Context) -> String {
    format!("{text} {:?}", cx.tags())
}

#[runnable(blocking)]
fn off_thread(text: String, cx: &Context) -> String {
    format!("{text} {:?}", cx.tags())
}

#[tokio::test]
async fn the_context_may_stand_anywhere() -> catena::Result<()> {
    let config = || Config::new().tag("t");
    assert_eq!(first.invoke_with("x".into(), config()).await?, "x [\"t\"]");
    assert_eq!(middle.invoke_with(page(), config()).await?, "Cats [\"t\"] 5");
    assert_eq!(last.invoke_with("x".to_owned(), config()).await?, "x [\"t\"]");
    assert_eq!(off_thread.invoke_with("x".into(), config()).await?, "x [\"t\"]");
    Ok(())
}

#[runnable]
async fn inner_run(text: String, cx: &Context) -> catena::Result<String> {
    chain!(String => first | last).call(text, cx).await
}

#[tokio::test]
async fn a_step_that_runs_a_chain_hands_the_context_on() -> catena::Result<()> {
    assert_eq!(inner_run.invoke_with("x".into(), Config::new().tag("t")).await?, "x [\"t\"] [\"t\"]");
    Ok(())
}
