//! Queries of documents.

use super::Filter;
use crate::Message;
use std::{borrow::Cow, sync::Arc};

/// The input of a [`Retriever`](super::Retriever).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Query<'a> {
    /// The text to search for. It is plain text, without any query syntax.
    pub text: &'a str,
    /// The maximum number of documents.
    pub limit: usize,
    /// The filter on the documents.
    pub filter: &'a Filter,
}

impl<'a> Query<'a> {
    /// Creates a query.
    pub const fn new(text: &'a str, limit: usize, filter: &'a Filter) -> Self {
        Query { text, limit, filter }
    }
}

/// A value to search for: text, or a message by its text.
#[diagnostic::on_unimplemented(
    message = "a retriever cannot search for a `{Self}`",
    label = "the retriever gets `{Self}`",
    note = "it takes text or a `Message`: pick the field with the question before it, `.question`"
)]
pub trait AsQuery {
    /// Returns the text to search for.
    fn as_query(&self) -> &str;
}

impl AsQuery for str {
    fn as_query(&self) -> &str {
        self
    }
}

impl AsQuery for String {
    fn as_query(&self) -> &str {
        self
    }
}

impl AsQuery for Cow<'_, str> {
    fn as_query(&self) -> &str {
        self
    }
}

impl AsQuery for Message {
    fn as_query(&self) -> &str {
        self.text()
    }
}

macro_rules! pointer {
    ($($Pointer:ty),*) => {$(
        impl<Q: AsQuery + ?Sized> AsQuery for $Pointer {
            fn as_query(&self) -> &str {
                (**self).as_query()
            }
        }
    )*};
}
pointer!(&Q, Box<Q>, Arc<Q>);
