//! A `tracing` span for every run.

use crate::{Event, Observer, Run, util::visible::visible};

/// An observer that opens a `tracing` span for every run, of level `info`, named `run`, with the fields `name`, `kind` and `id`.
/// The events that a step logs are in its span. A failure is a `debug` event in it.
///
/// Runs without this observer have no spans, and do not pay for them.
///
/// ```
/// use catena::{Config, Spans, prelude::*};
///
/// #[runnable]
/// fn double(n: u32) -> u32 { n * 2 }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// double.invoke_with(1, Config::new().observe(Spans)).await?;
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Spans;

impl Observer for Spans {
    fn event(&self, event: &Event) {
        if let Some(error) = event.error() {
            tracing::debug!(name = &*visible(event.name()), %error, "the run failed");
        }
    }

    fn reads(&self) -> bool {
        false
    }

    fn span(&self, run: &Run) -> Option<tracing::Span> {
        Some(tracing::info_span!("run", name = &*visible(run.name()), kind = run.kind().name(), id = %run.id()))
    }
}
