//! Conversations with a history: each turn begins with the earlier messages of its session, and is stored when it
//! succeeds.
//!
//! ```
//! use catena::{Config, prelude::*};
//! use catena_llm::memory::{HistoryExt, InMemoryHistory, SESSION};
//! # use catena::Context;
//! # use catena_llm::{Chat, ChatModel, ChatRequest, Message};
//! # struct Counting;
//! # impl ChatModel for Counting {
//! #     fn name(&self) -> &str { "counting" }
//! #     async fn complete(&self, request: ChatRequest, _cx: &Context) -> catena::Result<Message> {
//! #         Ok(Message::assistant(format!("I have read {} messages.", request.messages.len())))
//! #     }
//! # }
//! # let model = Chat::new(Counting);
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let chat = model.with_history(InMemoryHistory::new(), &SESSION);
//! let anna = || Config::new().set(&SESSION, Some("anna".to_owned()));
//! assert_eq!(chat.invoke_with("Hello", anna()).await?.text(), "I have read 1 messages.");
//! assert_eq!(chat.invoke_with("And now?", anna()).await?.text(), "I have read 3 messages.");
//! # Ok::<(), catena::Error>(()) }).unwrap();
//! ```
//!
//! - **Step:** [`HistoryExt::with_history`] creates a [`WithHistory`]. Its input becomes a [`Turn`], or with
//!   [`as_messages`](WithHistory::as_messages) plain [`Messages`](crate::Messages).
//! - **Session:** a [`Session`] names the conversation, in most cases by the key [`SESSION`].
//! - **Store:** any [`HistoryStore`]: [`InMemoryHistory`], or `SqliteHistory` (feature `sqlite`).
//! - **Length:** a [`Trim`] limits the part of the history that is read.

mod as_answer; // the outputs that a history keeps
mod error; // the error of a turn that was not stored
mod in_memory; // the store in memory
mod session; // the name of a conversation
#[cfg(feature = "sqlite")]
mod sqlite; // the store in a file
mod store; // the trait of a store
mod trim; // the part of a history that a turn reads
mod turn; // the input of a step with a history
mod with_history; // the step

pub use as_answer::AsAnswer;
pub use error::HistoryError;
pub use in_memory::InMemoryHistory;
pub use session::{SESSION, Session};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteHistory;
pub use store::HistoryStore;
pub use trim::Trim;
pub(crate) use trim::safe_cuts;
pub use turn::{AsMessages, AsTurn, Turn, TurnShape};
pub use with_history::{HistoryExt, WithHistory};
