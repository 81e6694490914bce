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

/// Creates a prompt: a step that formats the fields of its input into a text.
///
/// Every variable names a field of the input. The input is the output of a parallel map, a [`record!`](catena::record),
/// or a struct with [`#[derive(Record)]`](catena::Record). A field that is missing or cannot be displayed is a compile
/// error that names it. `{}` formats an input that is not a record. Format specs are those of [`format!`], and `{{` and
/// `}}` are braces in the text. Braces in the input are text: input is never interpreted as a template.
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
/// `..history` inserts the messages of a field: [`Messages`](crate::Messages), a list of messages, a text, or any other
/// [`AsPrompt`](crate::AsPrompt). `..(expression)` inserts messages that exist when the prompt is built, such as
/// examples from a file. Examples that are known in advance are written with their roles.
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
/// # Captured values
/// A variable can be set when the prompt is built, like a named argument of [`format!`]. It is then not a field of the
/// input. Such a prompt holds the value. The prompt is `Clone`, so the value must be `Clone` too.
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
/// # Optional fields
/// `{name?}` formats a field that is an `Option`. If it is `None`, its line is omitted. A message without any remaining
/// text is omitted too.
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
/// `prompt!(strict, "{question}")` does not compile if the input has fields that the prompt does not use. It supports
/// up to twelve fields.
///
/// A prompt borrows its input, and allocates only its output. A streamed input is buffered.
pub use catena_macros::prompt;
