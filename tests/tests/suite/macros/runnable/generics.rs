use super::*;

#[runnable]
fn twice<T: Clone>(value: &T) -> Vec<T> {
    vec![value.clone(), value.clone()]
}

#[runnable]
fn count<T>(list: Vec<T>) -> usize {
    list.len()
}

#[runnable]
async fn show<T>(value: T) -> String
where
    T: Display,
{
    value.to_string()
}

#[runnable]
fn sum<const N: usize>(numbers: [u32; N]) -> u32 {
    numbers.iter().sum()
}

#[runnable]
fn shown(value: &impl Display) -> String {
    format!("<{value}>")
}

#[runnable]
fn taken(value: impl Display + Clone) -> String {
    format!("<{value}>")
}

#[tokio::test]
async fn parameters_that_the_input_mentions_are_found_out() -> catena::Result<()> {
    assert_eq!(twice.invoke(1).await?, [1, 1]);
    assert_eq!(twice.invoke("a".to_owned()).await?, ["a", "a"]);
    assert_eq!(count.invoke(vec!['a', 'b']).await?, 2);
    assert_eq!(show.invoke(1.5).await?, "1.5");
    assert_eq!(sum.invoke([1, 2, 3]).await?, 6);
    assert_eq!(sum.invoke([7; 10]).await?, 70);
    assert_eq!(shown.invoke(7).await?, "<7>");
    assert_eq!(taken.invoke("x").await?, "<x>");
    let chain = chain!(u32 => twice | count | show | shown);
    assert_eq!(chain.invoke(7).await?, "<2>");
    Ok(())
}

mod of_fields {
    use super::*;

    #[runnable]
    fn pair<A: Display, B: Display>(left: A, right: &B) -> String {
        format!("{left} {right}")
    }

    #[tokio::test]
    async fn the_types_of_fields_are_found_out_too() -> catena::Result<()> {
        assert_eq!(pair.invoke(record! { right: 'b', left: 1 }).await?, "1 b");
        Ok(())
    }
}

#[runnable]
pub(super) fn parse<T: std::str::FromStr<Err: std::error::Error + Send + Sync>>(text: &str) -> Result<T, T::Err> {
    text.parse()
}

#[runnable]
async fn collect<C: FromIterator<T>, T>(items: Vec<T>) -> C {
    items.into_iter().collect()
}

#[runnable]
fn field<T>(title: &str, stars: u32) -> T
where
    T: From<String>,
{
    format!("{title}{stars}").into()
}

#[tokio::test]
async fn parameters_that_no_input_mentions_are_named_by_the_caller() -> catena::Result<()> {
    assert_eq!(parse::<u8>().invoke("7".to_owned()).await?, 7);
    let chain = chain!(String => parse::<u64>() | |n| n + 1);
    assert_eq!(chain.invoke("41".into()).await?, 42);
    let error = parse::<u8>().invoke("x".to_owned()).await.unwrap_err();
    assert_eq!(error.to_string(), "parse: invalid digit found in string");
    let set = collect::<std::collections::BTreeSet<u32>>().invoke(vec![3, 1, 3]).await?;
    assert_eq!(set.into_iter().collect::<Vec<_>>(), [1, 3]);
    let boxed: Box<str> = field::<Box<str>>().invoke(page()).await?;
    assert_eq!(&*boxed, "Cats5");
    Ok(())
}

#[runnable(retry(attempts = 3, base = "10ms"), timeout = "5s", name = "read")]
async fn read<T: From<u8>>(text: &str) -> catena::Result<T> {
    Ok(text.parse::<u8>()?.into())
}

#[runnable(retry = 2)]
#[allow(clippy::unnecessary_wraps)]
fn print<T: Display + Clone>(value: T) -> catena::Result<String> {
    Ok(value.to_string())
}

#[tokio::test(start_paused = true)]
async fn generic_functions_have_options_too() -> catena::Result<()> {
    assert_eq!(read::<u64>().invoke("7".to_owned()).await?, 7);
    let error = read::<u64>().invoke("x".to_owned()).await.unwrap_err();
    assert_eq!((error.attempts(), error.path().as_str()), (3, "read"));
    assert_eq!(print.invoke(7).await?, "7");
    assert_eq!(chain!(String => read::<u32>() | print).invoke("7".into()).await?, "7");
    Ok(())
}
