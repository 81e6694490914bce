use super::*;

#[runnable]
fn borrowed_a<'a>(text: &'a str) -> usize {
    text.len()
}

#[runnable]
fn borrowed<'x>(text: &'x str) -> usize {
    text.len()
}

#[runnable]
fn of_static(text: &'static str) -> usize {
    text.len()
}

#[runnable]
async fn borrowed_async<'text>(text: &'text str) -> String {
    tokio::task::yield_now().await;
    text.to_uppercase()
}

#[tokio::test]
async fn an_explicit_lifetime_takes_the_reference_itself() -> catena::Result<()> {
    let text = String::from("borrowed");
    assert_eq!(borrowed.invoke(&text).await?, 8);
    assert_eq!(borrowed_async.invoke(text.as_str()).await?, "BORROWED");
    assert_eq!(borrowed_a.invoke(text.as_str()).await?, 8);
    assert_eq!(of_static.invoke("static").await?, 6);
    let chain = chain!(&str => borrowed | |n| n + 1);
    assert_eq!(chain.invoke(text.as_str()).await?, 9);
    Ok(())
}
