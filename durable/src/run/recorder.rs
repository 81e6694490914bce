//! The calls inside of a durable step, such as those of an agent to its model and its tools.

use super::{
    active::Active,
    ticket::{Opened, is_worth_keeping},
};
use crate::{
    journal::type_name,
    record::{
        outcome::{self, Outcome},
        usage::{Meter, Usage},
    },
};
use catena::{Context, Error, RecordCall, Result};
use futures_util::future::BoxFuture;
use serde_json::Value;

/// The meter of the durable step that a call is in.
pub(crate) struct Enclosing(pub(crate) Meter);

/// Keeps the outcomes of calls in the journal of the run.
pub(crate) struct Recording {
    active: Active,
    meter: Meter,
}

impl Recording {
    pub(crate) fn new(active: Active, meter: Meter) -> Self {
        Recording { active, meter }
    }
}

impl RecordCall for Recording {
    fn record<'a>(
        &'a self,
        name: &'a str,
        input: Value,
        cx: &'a Context,
        work: BoxFuture<'a, Result<Value>>,
    ) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async move {
            match self.active.open(name, None, cx, Ok(input)).await? {
                Opened::Replay(record) => match outcome::read(&record.key, &record.payload)? {
                    Outcome::Output(output) => Ok(output),
                    Outcome::Error(error) => Err(error),
                    Outcome::Chunks(_) => Err(Error::msg("the record of a call has chunks")),
                },
                Opened::Live(ticket) => {
                    let outcome = work.await;
                    if outcome.as_ref().err().is_none_or(is_worth_keeping) {
                        let usage = outcome.as_ref().ok().and_then(Usage::of_answer).unwrap_or_default();
                        self.meter.subtract(&usage);
                        let payload = outcome::write(ticket.key(), &outcome)?;
                        ticket.keep(payload, usage).await?;
                    }
                    outcome
                }
            }
        })
    }

    fn wait<'a>(
        &'a self,
        name: &'a str,
        question: Value,
        answer_type: &'static str,
        cx: &'a Context,
    ) -> BoxFuture<'a, Result<Option<Value>>> {
        Box::pin(async move {
            let expects = type_name::without_modules(answer_type);
            let (key, answer) = self.active.wait(name, cx, &expects, Ok(question), None).await?;
            serde_json::from_str(&answer).map(Some).map_err(|error| outcome::unreadable(&key, &error))
        })
    }
}
