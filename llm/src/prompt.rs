//! Prompts: templates whose variables the compiler checks.

/// A prompt: a step that shows the fields of its input in a text, by name.
///
/// Every variable is a field of the input: of a parallel map, of [`record!`](catena::record), of a struct with
/// [`#[derive(Record)]`](catena::Record). One that is not there, or that cannot be shown, is a compile error that names
/// it. `{}` shows an input that is no record. Format specs are those of [`format!`], `{{` and `}}` are braces in the
/// text. Input is never taken for a template: braces in it are text.
///
/// A single text gives a `String`:
///
/// ```
/// use catena::prelude::*;
/// use catena_llm::prompt;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let ask = prompt!("Answer in {words:>3} words: {question}");
/// let question = record! { question: "why {not}?", words: 5 };
/// assert_eq!(ask.invoke(question).await?, "Answer in   5 words: why {not}?");
///
/// let shout = prompt!("{}!");
/// assert_eq!(shout.invoke("hey").await?, "hey!");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// Texts with roles (`system`, `user`, `assistant`) give [`Messages`](crate::Messages):
///
/// ```
/// use catena::prelude::*;
/// use catena_llm::prompt;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let ask = prompt!(
///     system: "You answer in {lang}.",
///     user: "{question}",
/// );
/// let messages = ask.invoke(record! { question: "why?", lang: "French" }).await?;
/// assert_eq!(messages.iter().map(|m| m.text()).collect::<Vec<_>>(), ["You answer in French.", "why?"]);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// Allocates its output, and nothing else: the input is only looked at. On a stream it waits for its whole input.
pub use catena_macros::prompt;
