//! An attempt at a run, in this process.

use super::{
    chain::AnyChain,
    event::{Event, Failed},
    records::{Records, Said},
};
use crate::{
    error::{JournalError, Paused},
    journal::{Core, process},
    run::durable_run::{ConfigExt, DurableRun},
    step::OnChange,
};
use catena::{Config, Error, ErrorKind, Result};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};

/// The most bytes of events that the engine is given at once, beyond the first.
const BATCH: usize = 256 * 1024;

/// The time after which an attempt says that it is still at work. Restate suspends one that is silent for a minute, and the steps in
/// flight would run again.
const BEAT: Duration = Duration::from_secs(20);

/// An attempt at a run. The chain begins with the first question for [`events`](Attempt::events) that the engine has no answer
/// to, and is stopped when the attempt is dropped.
pub(super) struct Attempt {
    chain: Arc<dyn AnyChain>,
    config: Config,
    on_change: OnChange,
    run: String,
    input: Value,
    pub(super) records: Arc<Records>,
    work: tokio::sync::Mutex<Work>,
    unconfirmed: Mutex<Vec<oneshot::Sender<()>>>,
}

struct Work {
    said: mpsc::UnboundedReceiver<Said>,
    task: JoinSet<Result<Value>>,
    answer_unread: bool,
}

impl Attempt {
    pub(super) fn new(
        chain: Arc<dyn AnyChain>,
        config: Config,
        on_change: OnChange,
        run: String,
        input: Value,
    ) -> Self {
        let (says, said) = mpsc::unbounded_channel();
        let work = Work { said, task: JoinSet::new(), answer_unread: false };
        Attempt {
            chain,
            config,
            on_change,
            run,
            input,
            records: Arc::new(Records::new(says)),
            work: tokio::sync::Mutex::new(work),
            unconfirmed: Mutex::default(),
        }
    }

    /// Returns what happens next: steps that have finished, or the end of the chain, which is the last event. Nothing, if neither is
    /// soon.
    ///
    /// # Errors
    /// Those of the chain that may pass, and those of records that do not fit the chain, which another version of it may mend. The
    /// engine tries again.
    pub(super) async fn events(&self) -> Result<Vec<Event>> {
        let mut work = self.work.lock().await;
        let work = &mut *work;
        if work.task.is_empty() {
            work.answer_unread = false;
            self.begin(&mut work.task);
        }
        tokio::select! {
            biased;
            Some(first) = work.said.recv() => {
                let mut events = Vec::new();
                let mut size = 0;
                let mut next = Some(first);
                while let Some((event, word)) = next {
                    size += event.size();
                    work.answer_unread |= matches!(event, Event::Unanswered(_));
                    events.push(event);
                    self.unconfirmed().push(word);
                    next = if size < BATCH { work.said.try_recv().ok() } else { None };
                }
                Ok(events)
            }
            () = tokio::time::sleep(BEAT) => Ok(Vec::new()),
            Some(ended) = work.task.join_next() => {
                let outcome = ended.unwrap_or_else(|error| Err(Error::new(ErrorKind::Panic, error.to_string())));
                match outcome {
                    Ok(output) => Ok(vec![Event::Output(output)]),
                    Err(error) => end_of(error, work.answer_unread).map(|event| vec![event]),
                }
            }
        }
    }

    fn begin(&self, task: &mut JoinSet<Result<Value>>) {
        let core = Core { store: Arc::clone(&self.records) as _, clock: Arc::new(SystemTime::now), process: process() };
        let run = DurableRun::new(Arc::new(core), self.run.clone()).on_change(self.on_change);
        task.spawn(Arc::clone(&self.chain).invoke(self.input.clone(), self.config.clone().durable(run)));
    }

    fn unconfirmed(&self) -> std::sync::MutexGuard<'_, Vec<oneshot::Sender<()>>> {
        self.unconfirmed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the steps go on whose outcomes the engine has kept.
    pub(super) fn confirm(&self) {
        for word in self.unconfirmed().drain(..) {
            // The step may have been dropped.
            let _ = word.send(());
        }
    }
}

/// The end of a chain that has failed or paused, as an event; or the error, if the engine is to try again.
fn end_of(error: Error, answer_unread: bool) -> Result<Event> {
    if let Some(paused) = error.downcast_ref::<Paused>() {
        return Ok(Event::Paused(paused.key.clone()));
    }
    match error.downcast_ref::<JournalError>() {
        Some(JournalError::Unreadable { .. }) if answer_unread => {
            tracing::warn!(target: "catena_durable", %error, "an answer could not be read, and the pause waits again");
            return Ok(Event::Again);
        }
        Some(JournalError::Unwritable { .. } | JournalError::Name { .. } | JournalError::Concurrent { .. }) | None => {}
        Some(_) => return Err(error),
    }
    if error.is_retryable() {
        return Err(error);
    }
    let code = match error.kind() {
        ErrorKind::BadInput => 400,
        ErrorKind::Timeout { .. } | ErrorKind::Deadline => 504,
        ErrorKind::Cancelled => 409,
        _ => 500,
    };
    Ok(Event::Failed(Failed { code, message: error.to_string() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::BoxFuture;

    /// A chain that takes this long.
    struct Slow(Duration);

    impl AnyChain for Slow {
        fn check(&self) -> Result<()> {
            Ok(())
        }

        fn invoke(self: Arc<Self>, input: Value, _config: Config) -> BoxFuture<'static, Result<Value>> {
            Box::pin(async move {
                tokio::time::sleep(self.0).await;
                Ok(input)
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_step_is_not_silent_for_long() {
        let chain = Arc::new(Slow(Duration::from_secs(90)));
        let attempt = Attempt::new(chain, Config::new(), OnChange::Fail, "run".to_owned(), Value::from(7));
        let begun = tokio::time::Instant::now();
        let mut silent = 0;
        let output = loop {
            let before = tokio::time::Instant::now();
            let events = attempt.events().await.unwrap();
            assert!(before.elapsed() < Duration::from_secs(30));
            match events.into_iter().next() {
                None => silent += 1,
                Some(Event::Output(output)) => break output,
                Some(other) => panic!("{other:?}"),
            }
        };
        assert_eq!((output, silent, begun.elapsed().as_secs()), (Value::from(7), 4, 90));
    }
}
