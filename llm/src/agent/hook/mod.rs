//! Hooks around the turns of an agent.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Hook`], the trait |
//! | `turn` | [`Turn`], a view of the conversation before the model is called |
//! | `next` | [`NextModel`] and [`NextTool`], the rest of a call |
//! | `ending` | [`Ending`], the conversation with its answer |
//! | `functions` | hooks that are plain functions |
//! | `chain` | the hooks of an agent, one after the other; panics |

mod chain;
mod ending;
mod functions;
mod next;
mod turn;

pub use ending::Ending;
pub use next::{NextModel, NextTool};
pub use turn::Turn;

pub(super) use chain::{AroundCalls, Hooks};
pub(super) use functions::{AfterModel, AroundTool, AtEnd, BeforeModel};
pub(super) use next::CallModel;

use crate::{Message, ToolCall, ToolResult, Tools};
use catena::{Context, Result};
use std::future::{Future, ready};

/// A part of an agent's turns: before and after the model is called, around both calls, and at the end. Every method has a
/// default that changes nothing.
///
/// Several hooks are nested: the first one is the outermost. Its `before_model` runs first, its `after_model` and `at_end`
/// run last. A single point needs no type: [`Agent::before_model`](crate::Agent::before_model) and the like take
/// functions. [`hooks`](crate::hooks) has ready ones.
///
/// ```
/// use catena::{Context, RunnableExt};
/// use catena_llm::{Agent, hooks::{Hook, NextModel, Turn}, Message, testing::Scripted};
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// #[derive(Default)]
/// struct Polite { asked: AtomicU32 }
///
/// impl Hook for Polite {
///     fn name(&self) -> &str { "polite" }
///
///     async fn before_model(&self, mut turn: Turn, _: &Context) -> catena::Result<Turn> {
///         turn.instructions = Some("Say please.".to_owned());
///         Ok(turn)
///     }
///
///     async fn around_model(&self, turn: Turn, next: NextModel<'_>) -> catena::Result<Message> {
///         self.asked.fetch_add(1, Ordering::Relaxed);
///         next.call(turn).await
///     }
/// }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let agent = Agent::new(Scripted::answers(["Please sit down."]).chat()).hook(Polite::default());
/// assert_eq!(agent.invoke("Hello").await?.answer.text(), "Please sit down.");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// A journal is a hook, too: `around_model` and `around_tool` see each call once, with [`Turn::step`] and the id of the call as
/// its key. [`Message`] can be stored by `serde`, and a stored one stands in for the call (for a tool as
/// [`ToolResult::new`]).
///
/// A hook is shared by all runs of an agent, also concurrent ones: it reads the state of a run from the conversation.
///
/// # Errors
/// An error of a hook is an error of the run. So is a panic, as [`Panic`](catena::ErrorKind::Panic) with the hook's name.
pub trait Hook: Send + Sync + 'static {
    /// Returns the name for errors.
    fn name(&self) -> &str;

    /// Returns tools that are added to those of the agent.
    ///
    /// # Errors
    /// An error is an error of the run.
    fn tools(&self) -> Result<Tools> {
        Ok(Tools::new())
    }

    /// Runs before each call of the model, and returns the turn, changed or not.
    fn before_model<'a>(&'a self, turn: Turn, cx: &'a Context) -> impl Future<Output = Result<Turn>> + Send + 'a {
        let _ = cx;
        ready(Ok(turn))
    }

    /// Calls the model, or does something in its place.
    fn around_model<'a>(
        &'a self,
        turn: Turn,
        next: NextModel<'a>,
    ) -> impl Future<Output = Result<Message>> + Send + 'a {
        next.call(turn)
    }

    /// Runs after each call of the model, and returns its message, changed or not, before tool calls in it are made. In a
    /// stream the text was yielded already.
    fn after_model<'a>(
        &'a self,
        message: Message,
        cx: &'a Context,
    ) -> impl Future<Output = Result<Message>> + Send + 'a {
        let _ = cx;
        ready(Ok(message))
    }

    /// Makes one call of a tool, or does something in its place. Calls of one answer run concurrently. An error of the
    /// tool is in the [`ToolResult`]; an `Err` ends the run.
    fn around_tool(&self, call: ToolCall, next: NextTool) -> impl Future<Output = Result<ToolResult>> + Send {
        next.call(call)
    }

    /// Runs when the model has answered. It can ask the model [again](Ending::ask_again).
    fn at_end<'a>(&'a self, ending: Ending, cx: &'a Context) -> impl Future<Output = Result<Ending>> + Send + 'a {
        let _ = cx;
        ready(Ok(ending))
    }
}
