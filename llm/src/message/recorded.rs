use catena::{Chunks, Result};
use futures_util::StreamExt;
use std::future::Future;

/// Records the chunks of an answer, and keeps the record once the answer is complete. Streams that fail or are dropped
/// before that are not kept.
///
/// `add` returns whether a chunk completes the answer, as one with a finish reason does. The rest of the stream is then
/// read, and the record kept, before that chunk is yielded: many readers do not ask for more after it.
///
/// An error of `keep` follows the last chunk.
pub(crate) fn recorded<'a, C, R, Fut>(
    mut chunks: Chunks<'a, C>,
    mut record: R,
    add: fn(&mut R, &C) -> bool,
    keep: impl FnOnce(R) -> Fut + Send + 'a,
) -> Chunks<'a, C>
where
    C: Send + 'a,
    R: Send + 'a,
    Fut: Future<Output = Result<()>> + Send + 'a,
{
    Chunks::generate(move |out| async move {
        let mut last = Vec::new();
        let mut failed = None;
        while let Some(chunk) = chunks.next().await {
            match chunk {
                Ok(chunk) if add(&mut record, &chunk) || !last.is_empty() => last.push(chunk),
                Ok(chunk) => out.send(chunk).await,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        let kept = match failed {
            Some(error) => Err(error),
            None => keep(record).await,
        };
        for chunk in last {
            out.send(chunk).await;
        }
        kept
    })
}
