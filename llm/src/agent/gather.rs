//! An agent's events as the items of generators.

use super::{AgentAssembler, AgentEvent};
use catena::Gather;

/// A generator can take the events of an agent, for example to stream its text alone.
///
/// ```
/// use catena::{Result, prelude::*};
/// use catena_llm::{Agent, AgentEvent, MessageChunk, testing::Scripted};
/// use futures_util::{Stream, TryStreamExt, future::ready};
///
/// #[runnable]
/// fn said(events: impl Stream<Item = Result<AgentEvent>> + Send) -> impl Stream<Item = Result<MessageChunk>> + Send {
///     events.try_filter_map(|event| ready(Ok(match event {
///         AgentEvent::Text(text) => Some(MessageChunk::text(text)),
///         _ => None,
///     })))
/// }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let agent = Agent::new(Scripted::answers(["It is sunny."]).chat());
/// let chain = chain!(String => agent | said);
/// assert_eq!(chain.invoke("How is the weather?".to_owned()).await?.text(), "It is sunny.");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
impl<T: Clone + Send + 'static> Gather for AgentEvent<T> {
    type Assembler = AgentAssembler<T>;
}
