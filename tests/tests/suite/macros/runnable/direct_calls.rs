use super::*;

#[runnable]
fn sync(text: &str, cx: &Context) -> usize {
    text.len() + cx.tags().len()
}

#[runnable(retry = 3, timeout = "1s")]
async fn slow(title: &str, stars: u32) -> io::Result<String> {
    tokio::task::yield_now().await;
    Ok(format!("{title} {stars}"))
}

#[runnable(blocking)]
fn blocks(n: u32) -> u32 {
    n + 1
}

#[tokio::test]
async fn the_function_behind_a_step_stays_callable() -> io::Result<()> {
    assert_eq!(sync::function("four", &Context::new()), 4);
    assert_eq!(slow::function("Cats", 5).await?, "Cats 5");
    assert_eq!(blocks::function(1), 2);
    assert_eq!(super::generics::parse::function::<u8>("7").unwrap(), 7);
    Ok(())
}
