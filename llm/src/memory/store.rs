//! The trait of stores.

use crate::Messages;
use catena::Result;
use std::{future::Future, sync::Arc};

/// A store of the messages of sessions, in order. Sessions are independent of one another.
pub trait HistoryStore: Send + Sync {
    /// Returns all messages of a session, oldest first; none for an unknown session.
    fn get<'a>(&'a self, session: &'a str) -> impl Future<Output = Result<Messages>> + Send + 'a;

    /// Appends messages as one uninterrupted block. If it fails, it appends none of them. This must hold even if others
    /// append to the session concurrently.
    fn append<'a>(&'a self, session: &'a str, messages: Messages) -> impl Future<Output = Result<()>> + Send + 'a;

    /// Removes a session.
    fn clear<'a>(&'a self, session: &'a str) -> impl Future<Output = Result<()>> + Send + 'a;

    /// Returns the sessions that have messages, sorted.
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
