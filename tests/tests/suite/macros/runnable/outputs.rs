use super::*;

#[runnable]
fn nothing(_text: &str) {}

#[runnable]
async fn nothing_async(_text: &str) {}

#[runnable]
fn io_result(text: &str) -> io::Result<usize> {
    if text.is_empty() { Err(io::Error::new(io::ErrorKind::UnexpectedEof, "nothing there")) } else { Ok(text.len()) }
}

#[runnable]
async fn json_result(text: &str) -> serde_json::Result<Vec<u32>> {
    serde_json::from_str(text)
}

#[runnable]
fn fmt_result(text: &str) -> fmt::Result {
    if text.is_empty() { Err(fmt::Error) } else { String::new().write_str(text) }
}

#[runnable]
fn std_result(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

#[runnable]
fn empty_result(text: &str) -> catena::Result<()> {
    if text.is_empty() { Err(Error::new(ErrorKind::BadInput, "empty")) } else { Ok(()) }
}

#[tokio::test]
async fn values_results_and_nothing_are_outputs() -> catena::Result<()> {
    nothing.invoke("x".to_owned()).await?;
    nothing_async.invoke("x".to_owned()).await?;
    assert_eq!(io_result.invoke("four".to_owned()).await?, 4);
    assert_eq!(json_result.invoke("[1, 2]".to_owned()).await?, [1, 2]);
    let (): () = fmt_result.invoke("x".to_owned()).await?;
    let (): () = empty_result.invoke("x".to_owned()).await?;
    assert_eq!(std_result.invoke("7".to_owned()).await?, 7);
    Ok(())
}

#[tokio::test]
async fn any_std_error_becomes_the_chains_and_stays_inside() {
    let error = io_result.invoke(String::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "io_result: nothing there");
    assert_eq!(error.downcast_ref::<io::Error>().unwrap().kind(), io::ErrorKind::UnexpectedEof);
    let error = json_result.invoke("[".to_owned()).await.unwrap_err();
    assert!(error.downcast_ref::<serde_json::Error>().unwrap().is_eof());
    assert!(fmt_result.invoke(String::new()).await.unwrap_err().downcast_ref::<fmt::Error>().is_some());
    assert_eq!(std_result.invoke("x".to_owned()).await.unwrap_err().path(), "std_result");
    assert_eq!(empty_result.invoke(String::new()).await.unwrap_err().kind(), &ErrorKind::BadInput);
}
