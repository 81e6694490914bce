//! Hooks around the turns of an [`Agent`](crate::Agent): the [trait](Hook), and ready ones.
//!
//! | to | use |
//! |---|---|
//! | summarise old turns (compaction) | [`Summarize`] |
//! | limit the calls of a tool | [`LimitTool`] |
//! | retry a tool | [`RetryTool`] |
//! | offer the tools that fit a question, out of hundreds | [`ChooseTools`] |
//! | take personal data out of what the model sees | [`RedactPersonal`] |
//! | refuse questions or answers | [`Moderate`] |
//! | cache the results of tools | [`CacheTools`] |
//! | fall back to another model | [`FallBack`] |
//! | keep a to-do list | [`TodoList`] |
//! | ask a person | [`AskPerson`] |
//!
//! ```
//! use catena_llm::{Agent, Chat, ChatModel, hooks::{LimitTool, TodoList}};
//!
//! # fn example(model: Chat<impl ChatModel>) {
//! let agent = Agent::new(model).hook(TodoList::new()).hook(LimitTool::new("search", 5));
//! # }
//! ```

mod ask_person;
mod cache_tools;
mod choose_tools;
mod fall_back;
mod limit_tool;
mod moderate;
mod redact_personal;
mod retry_tool;
mod summarize;
mod todo_list;

pub use super::hook::{Ending, Hook, NextModel, NextTool, Turn};
pub use ask_person::AskPerson;
pub use cache_tools::CacheTools;
pub use choose_tools::ChooseTools;
pub use fall_back::FallBack;
pub use limit_tool::LimitTool;
pub use moderate::Moderate;
pub use redact_personal::RedactPersonal;
pub use retry_tool::RetryTool;
pub use summarize::Summarize;
pub use todo_list::TodoList;
