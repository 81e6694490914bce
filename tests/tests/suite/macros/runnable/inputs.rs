use super::*;

#[runnable]
fn by_value(text: String) -> String {
    text + "!"
}

#[runnable]
async fn by_value_async(text: String) -> String {
    tokio::task::yield_now().await;
    text + "!"
}

#[runnable]
fn by_reference(page: &Page) -> u32 {
    page.stars
}

#[runnable]
async fn by_str(text: &str) -> usize {
    tokio::task::yield_now().await;
    text.len()
}

#[runnable]
fn by_slice(words: &[String]) -> String {
    words.join(" ")
}

#[runnable]
fn in_parts((left, right): (u32, u32)) -> u32 {
    left + right
}

#[runnable]
fn changed(mut words: Vec<String>) -> Vec<String> {
    words.reverse();
    words
}

#[runnable]
fn of_nothing((): ()) -> &'static str {
    "made of nothing"
}

#[tokio::test]
async fn one_parameter_takes_the_whole_input() -> catena::Result<()> {
    assert_eq!(by_value.invoke("a".into()).await?, "a!");
    assert_eq!(by_value_async.invoke("a".into()).await?, "a!");
    assert_eq!(by_reference.invoke(page()).await?, 5);
    assert_eq!(by_str.invoke("four".to_owned()).await?, 4);
    assert_eq!(by_slice.invoke(page().words).await?, "purr meow");
    assert_eq!(in_parts.invoke((1, 2)).await?, 3);
    assert_eq!(changed.invoke(page().words).await?, ["meow", "purr"]);
    assert_eq!(of_nothing.invoke(()).await?, "made of nothing");
    Ok(())
}

#[runnable]
fn several(stars: u32, title: String) -> String {
    format!("{title} {stars}")
}

#[runnable]
fn several_by_reference(words: &[String], title: &str, stars: &u32) -> String {
    format!("{title}: {} {stars}", words.join(" "))
}

#[runnable]
async fn several_mixed(title: &str, words: Vec<String>, stars: u32) -> String {
    tokio::task::yield_now().await;
    format!("{title} {} {stars}", words.len())
}

#[tokio::test]
async fn several_parameters_are_fields_by_name_in_any_order() -> catena::Result<()> {
    assert_eq!(several.invoke(page()).await?, "Cats 5");
    assert_eq!(several_by_reference.invoke(page()).await?, "Cats: purr meow 5");
    assert_eq!(several_mixed.invoke(page()).await?, "Cats 2 5");
    Ok(())
}

#[tokio::test]
async fn any_record_with_these_fields_will_do() -> catena::Result<()> {
    let record = record! { extra: 1.5, title: "Dogs".to_owned(), more: (), stars: 4_u32 };
    assert_eq!(several.invoke(record).await?, "Dogs 4");
    let chain = chain!(String => <stars: |s| u32::try_from(s.len())?, title: _, extra: by_str> | several);
    assert_eq!(chain.invoke("Dogs".into()).await?, "Dogs 4");
    let chain = chain!(Page => <several: several, rest: .{title, stars} | several>);
    let out = chain.invoke(page()).await?;
    assert_eq!((out.several.as_str(), out.rest.as_str()), ("Cats 5", "Cats 5"));
    Ok(())
}

#[runnable]
fn raw_names(r#type: String, r#match: u32) -> String {
    [r#type, r#match.to_string()].join(" ")
}

#[tokio::test]
async fn raw_names_are_names_too() -> catena::Result<()> {
    assert_eq!(raw_names.invoke(record! { r#match: 1_u32, r#type: "t".to_owned() }).await?, "t 1");
    Ok(())
}

/// Neither `Clone` nor `Sync`.
struct Counter(std::cell::Cell<u32>);

#[runnable]
fn count(counter: &Counter) -> u32 {
    counter.0.get()
}

#[runnable]
fn counted(counter: Counter) -> u32 {
    counter.0.get()
}

#[tokio::test]
async fn an_input_need_not_be_clone_nor_sync() {
    assert_eq!(count.invoke(Counter(3.into())).await.unwrap(), 3);
    assert_eq!(chain!(Counter => counted | |n| n + 1).invoke(Counter(3.into())).await.unwrap(), 4);
}
