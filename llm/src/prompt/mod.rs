//! Prompts: templates with variables.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`prompt!`], whose variables the compiler checks |
//! | `template` | `Template` and `ChatTemplate`, read when the program runs (feature `templates`) |

#[cfg(feature = "templates")]
mod template;

#[cfg(feature = "templates")]
pub use template::{ChatTemplate, Template};

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
/// # History and examples
/// `..history` puts in the messages of a field: [`Messages`](crate::Messages), a list of them, a text, or whatever is
/// [`AsPrompt`](crate::AsPrompt). `..(expression)` puts in messages that are there when the prompt is built, such as examples from
/// a file; those that are known before are written out with their roles.
///
/// ```
/// use catena::prelude::*;
/// use catena_llm::{Message, Messages, prompt};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let examples = [Message::user("2 + 2"), Message::assistant("4")];
/// let ask = prompt!(
///     system: "You reckon.",
///     ..(examples),
///     user: "1 + 1",
///     assistant: "2",
///     ..history,
///     user: "{sum}",
/// );
/// let history: Messages = [Message::user("3 + 3"), Message::assistant("6")].into();
/// let messages = ask.invoke(record! { history: history, sum: "4 + 4" }).await?;
/// assert_eq!(messages.iter().map(|m| m.text()).collect::<Vec<_>>(), ["You reckon.", "2 + 2", "4", "1 + 1", "2", "3 + 3", "6", "4 + 4"]);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Values beside the text
/// A variable may be given where the prompt is built, as named arguments are to [`format!`]; then it is no field. Such a prompt
/// holds the value: it is `Clone`, and the value has to be.
///
/// ```
/// # use catena::prelude::*;
/// # use catena_llm::prompt;
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let ask_in = |lang: &'static str| prompt!("In {lang}: {question}", lang = lang);
/// assert_eq!(ask_in("French").invoke(record! { question: "why?" }).await?, "In French: why?");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # What may be missing
/// `{name?}` shows a field that is an `Option`. Where it is `None` its line is left out, and a message of which nothing is left
/// is left out with its role.
///
/// ```
/// # use catena::prelude::*;
/// # use catena_llm::prompt;
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let ask = prompt!("Context: {context?}\nQuestion: {question}");
/// assert_eq!(ask.invoke(record! { context: None::<String>, question: "why?" }).await?, "Question: why?");
/// assert_eq!(ask.invoke(record! { context: Some("sky"), question: "why?" }).await?, "Context: sky\nQuestion: why?");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Strict prompts
/// `prompt!(strict, "{question}")` does not compile over an input with fields that it does not use. (Up to twelve fields.)
///
/// Allocates its output, and nothing else: the input is only looked at. On a stream it waits for its whole input.
pub use catena_macros::prompt;
