//! The error that a [`Error`] was made from, of any type.

use super::Error;
use crate::util::cast::same;
use std::{backtrace::Backtrace, error::Error as StdError, fmt, sync::Arc};

/// An error of any type.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// An original. A clone copies a pointer.
#[derive(Clone)]
pub(super) enum Original {
    Std(Arc<dyn StdError + Send + Sync>),
    /// Kept as it is, because the original inside could not be had back from a box, nor its backtrace.
    #[cfg(feature = "anyhow")]
    Anyhow(Arc<anyhow::Error>),
}

impl Original {
    pub(super) fn of<E: Into<BoxError> + 'static>(error: E) -> Self {
        #[cfg(feature = "anyhow")]
        if let Some(anyhow) = same::<E, anyhow::Error>() {
            return Original::Anyhow(Arc::new(anyhow(error)));
        }
        Original::Std(Arc::from(error.into()))
    }

    pub(super) fn get(&self) -> &(dyn StdError + Send + Sync + 'static) {
        match self {
            Original::Std(error) => &**error,
            #[cfg(feature = "anyhow")]
            Original::Anyhow(error) => &***error,
        }
    }

    pub(super) fn downcast_ref<E: StdError + Send + Sync + 'static>(&self) -> Option<&E> {
        #[cfg(feature = "anyhow")]
        if let Original::Anyhow(error) = self
            && let Some(found) = error.downcast_ref()
        {
            return Some(found);
        }
        chain(self.get()).find_map(|error| error.downcast_ref())
    }

    pub(super) fn backtrace(&self) -> Option<&Backtrace> {
        match self {
            Original::Std(_) => None,
            #[cfg(feature = "anyhow")]
            Original::Anyhow(error) => {
                Some(error.backtrace()).filter(|trace| trace.status() == std::backtrace::BacktraceStatus::Captured)
            }
        }
    }
}

impl fmt::Display for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.get(), f)
    }
}

/// Creates an [`Error`] from one of any type. An [`Error`] is itself again, not its own source.
#[cold]
pub(super) fn adopt<E: Into<BoxError> + 'static>(error: E) -> Error {
    if let Some(own) = same::<E, Error>() {
        return own(error);
    }
    // A text is the message, and no original besides.
    if let Some(text) = same::<E, String>() {
        return Error::msg(text(error));
    }
    match same::<E, &'static str>() {
        Some(text) => Error::msg(text(error)),
        None => made_from(Original::of(error)),
    }
}

#[cold]
fn made_from(original: Original) -> Error {
    if let Some(own) = original.get().downcast_ref::<Error>() {
        return own.clone();
    }
    let inner = original.downcast_ref::<Error>().cloned();
    let mut error = Error::msg(original.to_string());
    let story = error.story();
    if let Some(inner) = inner {
        story.kind = inner.kind().clone();
        story.retryable = inner.0.retryable;
        story.recoverable = inner.0.recoverable;
    }
    story.source = Some(original);
    error
}

/// Returns an error and its sources.
pub(super) fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| (*error).source())
}
