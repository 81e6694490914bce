//! Runs from the top: their context, and streams with settings.

use crate::{
    Config, Context, Result, Runnable,
    error::path::locate,
    run::{
        deadline::{forward_until_stopped, run_until_stopped},
        lifecycle::{begin, end},
    },
    step::locate::name_of,
    stream::generate::Sender,
    util::coop::Turn,
};

/// The context of runs that ask for nothing.
pub(crate) static EMPTY: Context = Context::of_run();

/// The context of a run with settings. What the input is as JSON, the whole chain may know better than its first step.
pub(crate) fn root<In: Send, R: Runnable<In>>(step: &R, input: &In, config: &Config) -> Context {
    let cx = EMPTY.configured(config);
    cx.given(|| step.input_json(input)).unwrap_or(cx)
}

/// Hand over the chunks of a run with settings.
pub(crate) async fn stream_to<In: Send, R: Runnable<In>>(
    step: &R,
    input: In,
    config: &Config,
    out: &Sender<R::Chunk>,
) -> Result<()> {
    begin(config, step).await?;
    let cx = root(step, &input, config);
    let name = config.run_name.as_deref().or_else(|| name_of(step, ""));
    let chunks = || step.call_stream(input, &cx);
    let outcome = forward_until_stopped(&EMPTY, &cx, config, chunks, out).await.map_err(|error| locate(error, name));
    end(config, outcome.as_ref().err()).await;
    outcome
}

/// Run a stream to its end, with settings.
pub(crate) async fn drain<In: Send, R: Runnable<In>>(step: &R, input: In, config: Config) -> Result<()> {
    begin(&config, step).await?;
    let cx = root(step, &input, &config);
    let name = config.run_name.as_deref().or_else(|| name_of(step, ""));
    let work = async {
        let mut chunks = step.call_stream(input, &cx);
        let mut turn = Turn::until(cx.deadline());
        while let Some(chunk) = turn.next(&mut chunks).await {
            chunk?;
        }
        Ok(())
    };
    let outcome = run_until_stopped(&EMPTY, &cx, &config, work).await.map_err(|error| locate(error, name));
    end(&config, outcome.as_ref().err()).await;
    outcome
}
