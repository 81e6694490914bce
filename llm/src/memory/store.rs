//! What keeps conversations.

use crate::Messages;
use catena::Result;
use std::{future::Future, sync::Arc};

/// Keeps the messages of sessions, in the order in which they came, each session apart from all others.
pub trait HistoryStore: Send + Sync {
    /// All messages of a session, oldest first; none of one that is not known.
    fn get<'a>(&'a self, session: &'a str) -> impl Future<Output = Result<Messages>> + Send + 'a;

    /// Add messages at the end: all of them next to each other, or where it fails none. It has to hold whoever else adds
    /// to the session at the same time.
    fn append<'a>(&'a self, session: &'a str, messages: Messages) -> impl Future<Output = Result<()>> + Send + 'a;

    /// Forget a session.
    fn clear<'a>(&'a self, session: &'a str) -> impl Future<Output = Result<()>> + Send + 'a;

    /// The sessions that have messages, sorted.
    fn sessions(&self) -> impl Future<Output = Result<Vec<String>>> + Send + '_;
}

macro_rules! pointer {
    ($($Pointer:ty),*) => {$(
        impl<H: HistoryStore> HistoryStore for $Pointer {
            fn get<'a>(&'a self, session: &'a str) -> impl Future<Output = Result<Messages>> + Send + 'a {
                (**self).get(session)
            }

            fn append<'a>(&'a self, session: &'a str, messages: Messages) -> impl Future<Output = Result<()>> + Send + 'a {
                (**self).append(session, messages)
            }

            fn clear<'a>(&'a self, session: &'a str) -> impl Future<Output = Result<()>> + Send + 'a {
                (**self).clear(session)
            }

            fn sessions(&self) -> impl Future<Output = Result<Vec<String>>> + Send + '_ {
                (**self).sessions()
            }
        }
    )*};
}
pointer!(&H, Arc<H>);
