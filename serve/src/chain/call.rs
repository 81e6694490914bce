//! A chain with an input: all that is left is to run it.

use super::{Input, Output, Piece, PieceKind, Pieces};
use catena::{Config, Error, Events, Result, RunLog, Runnable, RunnableExt};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use std::{panic::AssertUnwindSafe, sync::Arc};

/// One call of a chain, ready to run in one of these ways.
pub(crate) trait Call: Send {
    /// Returns the output, as JSON.
    fn invoke(self: Box<Self>, config: Config) -> BoxFuture<'static, Result<String>>;
    /// Returns the chunks of the output.
    fn pieces(self: Box<Self>, config: Config) -> Pieces;
    /// Returns the events of the run.
    fn events(self: Box<Self>, config: Config) -> Events<'static>;
    /// Returns the log of the run.
    fn log(self: Box<Self>, config: Config) -> RunLog<'static>;
}

pub(super) struct Prepared<In, R> {
    pub(super) chain: Arc<R>,
    pub(super) input: In,
    pub(super) pieces: PieceKind,
}

impl<In, R> Call for Prepared<In, R>
where
    In: Input,
    R: Runnable<In> + 'static,
    R::Output: Output,
{
    fn invoke(self: Box<Self>, config: Config) -> BoxFuture<'static, Result<String>> {
        let Prepared { chain, input, .. } = *self;
        let run = async move { written(&chain.invoke_with(input, config).await?) };
        Box::pin(
            AssertUnwindSafe(run)
                .catch_unwind()
                .map(|outcome| outcome.unwrap_or_else(|panic| Err(Error::panicked("the chain", &*panic)))),
        )
    }

    fn pieces(self: Box<Self>, config: Config) -> Pieces {
        if self.pieces == PieceKind::Whole {
            return stream::once(async move { Ok(Piece::Whole(self.invoke(config).await?)) }).boxed();
        }
        let chunks = self.chain.stream_owned_with(self.input, config).map(|chunk| Piece::of(chunk?));
        caught(chunks).boxed()
    }

    fn events(self: Box<Self>, config: Config) -> Events<'static> {
        self.chain.events_owned_with(self.input, config)
    }

    fn log(self: Box<Self>, config: Config) -> RunLog<'static> {
        self.chain.run_log_owned_with(self.input, config)
    }
}

fn written<T: Output>(output: &T) -> Result<String> {
    serde_json::to_string(output)
        .map_err(|error| Error::msg(format!("the output cannot be written as JSON: {error}")).with_source(error))
}

/// The stream, with a panic as its last item.
pub(crate) fn caught<T>(
    stream: impl stream::Stream<Item = Result<T>> + Send + 'static,
) -> impl stream::Stream<Item = Result<T>> + Send + 'static {
    AssertUnwindSafe(stream)
        .catch_unwind()
        .map(|item| item.unwrap_or_else(|panic| Err(Error::panicked("the chain", &*panic))))
}
