//! Chains as workers of [Restate](https://restate.dev), which notices a worker that is gone and calls another.
//!
//! | file | contents |
//! |---|---|
//! | `worker` | [`serve`] and [`Worker`], what Restate calls |
//! | `workflow` | the workflow that Restate knows: its handlers |
//! | `attempt` | an attempt at a run, in this process |
//! | `records` | the records of a run, in memory, while it runs |
//! | `event` | the events of a run, as Restate keeps them |
//! | `chain` | a chain whose types are JSON |
//!
//! [`serve`] makes a worker of a chain, which stays as it is. The key of the workflow is the id of the run:
//!
//! ```sh
//! npm exec @restatedev/restate-server
//! curl localhost:9070/deployments --json '{"uri": "http://localhost:9080"}'
//! curl localhost:8080/summary/book-7/run --json '"It was a dark night."'
//! curl localhost:8080/summary/book-7/answer --json '{"name": "manager", "answer": true}'
//! ```
//!
//! | handler | input | |
//! |---|---|---|
//! | `run` | that of the chain | runs it; a run is run once, and `/restate/workflow/summary/book-7/attach` gives its outcome again |
//! | `answer` | `{"name": "manager", "answer": ..}` | answers a [pause](crate::pause()); 404 if none of this name waits, 409 if it has an answer |
//! | `waits` | none | lists the pauses that wait: key, type of the answer, input |
//!
//! Pauses and timers work as in a [`Journal`](crate::Journal), and nothing has to invoke the run again: Restate goes on with it when
//! the answer is there, or the time has come. An answer of another type is not used, and the pause waits again. A timer beside a
//! pause in a parallel map is looked at when the answer comes.
//!
//! An error that may pass ([`is_retryable`](catena::Error::is_retryable)) is tried again by Restate's policy, or so often as
//! [`Worker::attempts`] says; so is a record that does not fit a chain that has changed, until a version is deployed that it fits.
//! Any other error ends the run. A run that is cancelled in Restate stops when the next step ends, or
//! after twenty seconds.
//!
//! Runs are listed, inspected and deleted by Restate's own tools. A record has at most 12 MiB.
//!
//! # Why records by key, and not a call for each step
//!
//! Restate replays a handler, which must make the same calls in the same order. Chains are concurrent, and which of two branches is
//! first is known only when it has happened. Two ways were tried (`benches/durable/src/bin/kills.rs`):
//!
//! - **Each durable step a call of its own**, which any worker may take. The order of calls is then that of the branches' ends. A map
//!   of five branches with two steps each is stuck before anything is killed: a replay makes the second calls in another order, and
//!   Restate refuses it as a "journal mismatch". Steps would also need a name that another process finds them by, and could not use
//!   the context of the run.
//! - **Records by key**, as in a [`Journal`](crate::Journal). The chain runs in the worker, beside the workflow. The workflow asks
//!   again and again for what has happened since, as side effects one after the other, and keeps each answer: a list of finished
//!   steps with their keys. The order of events is thus a part of what is kept. A step goes on when Restate has its record, and an
//!   attempt begins with the records of those before it.
//!
//! With the second, the same map of two steps each ended as it should after 20 kills of a worker, in which 7 steps ran again, and
//! after 20 kills of the server, in which 57 did: at most the five in flight each time, and those whose record was on its way.
//!
//! So the second was chosen. The records are in Restate's own journal, so there is no other database, no lease and no clock; steps that
//! finish at the same time are kept together.

mod attempt;
mod chain;
mod event;
mod records;
mod worker;
mod workflow;

pub use worker::{Worker, serve};

/// Reads bytes as the events of a run.
pub(crate) fn read_events(bytes: &[u8]) {
    let Ok(events) = serde_json::from_slice::<Vec<event::Event>>(bytes) else { return };
    for event in events {
        let _ = event.size();
        if let event::Event::Step(step) = event {
            let _ = crate::record::Record::from(step).checksum();
        }
    }
}
