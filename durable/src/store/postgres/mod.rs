//! Journals in a Postgres database, for several machines.
//!
//! `tokio-postgres`, and not `sqlx`: the queries are fifteen and fixed, one connection carries any number of them at once, and it
//! builds in a third of the time.
//!
//! | file | contents |
//! |---|---|
//! | this file | the database, and what is asked of it |
//! | `connection` | the connection, which is made again when it breaks |
//! | `schema` | the tables and their versions |
//! | `rows` | the queries |
//! | `failure` | errors of Postgres, with explanations |

mod connection;
mod failure;
mod rows;
mod schema;

use super::{Answered, Beginning, Claim, Deleted, Ending, Held, Lease, RunStore, Store, Wait};
use crate::{
    journal::info::{RunDetails, RunInfo, RunState},
    record::Record,
};
use catena::Result;
use connection::{Connection, tried};
use futures_util::future::BoxFuture;
use std::{sync::Arc, time::Duration};

/// A Postgres database of journals.
///
/// The lease of a run ends by the clock of the server, which is one for all machines. A process that cannot renew it in time stops
/// its runs itself.
pub(crate) struct Postgres {
    connection: Arc<Connection>,
    lease: Duration,
}

impl Postgres {
    pub(crate) async fn open(settings: &str, patience: Duration, lease: Duration) -> Result<Self> {
        Ok(Postgres { connection: Arc::new(Connection::open(settings, patience).await?), lease })
    }
}

impl RunStore for Postgres {
    fn claim(&self, beginning: Beginning) -> BoxFuture<'_, Result<Claim>> {
        // One name for all tries: a claim whose answer was lost is granted once more.
        let owner = uuid::Uuid::new_v4().to_string();
        Box::pin(async move {
            tried!(self.connection, "claiming a run", |client| rows::claim(client, &beginning, &owner, self.lease))
        })
    }

    fn renew(&self, lease: &Lease) -> BoxFuture<'_, Result<Held>> {
        let lease = lease.clone();
        Box::pin(async move {
            tried!(self.connection, "renewing a lease", |client| rows::renew(client, &lease, self.lease))
        })
    }

    fn note_gone(&self, lease: &Lease, gone: Vec<String>) -> BoxFuture<'_, Result<()>> {
        let lease = lease.clone();
        Box::pin(
            async move { tried!(self.connection, "beginning a run", |client| rows::note_gone(client, &lease, &gone)) },
        )
    }

    fn release(&self, lease: Lease, ending: Ending) -> BoxFuture<'_, Result<()>> {
        Box::pin(
            async move { tried!(self.connection, "ending a run", |client| rows::release(client, &lease, &ending)) },
        )
    }

    fn abandon(&self, lease: Lease, ending: Ending) {
        // Without a runtime, or if it ends at once, the lease ends by itself.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let connection = Arc::clone(&self.connection);
        runtime.spawn(async move {
            let released = tried!(connection, "ending a run", |client| rows::release(client, &lease, &ending));
            if let Err(error) = released {
                tracing::warn!(target: "catena_durable", run = lease.run, %error, "a run could not be given back");
            }
        });
    }

    fn put(&self, lease: &Lease, record: Record) -> BoxFuture<'_, Result<Held>> {
        let lease = lease.clone();
        Box::pin(async move {
            tried!(self.connection, "keeping the outcome of a step", |client| rows::put(client, &lease, &record))
        })
    }

    fn get(&self, run: &str, key: &str) -> BoxFuture<'_, Result<Option<Record>>> {
        let (run, key) = (run.to_owned(), key.to_owned());
        Box::pin(async move {
            tried!(self.connection, "reading the outcome of a step", |client| rows::get(client, &run, &key))
        })
    }

    fn wait(&self, lease: &Lease, wait: Wait) -> BoxFuture<'_, Result<Option<Wait>>> {
        let lease = lease.clone();
        Box::pin(async move { tried!(self.connection, "pausing a run", |client| rows::wait(client, &lease, &wait)) })
    }

    fn unanswer(&self, lease: &Lease, key: &str) -> BoxFuture<'_, Result<()>> {
        let (lease, key) = (lease.clone(), key.to_owned());
        Box::pin(async move {
            tried!(self.connection, "taking back an answer", |client| rows::unanswer(client, &lease, &key))
        })
    }

    fn heartbeat(&self) -> Duration {
        self.lease / 4
    }

    fn lease(&self) -> Option<Duration> {
        Some(self.lease)
    }
}

impl Store for Postgres {
    fn answer(&self, run: &str, key: &str, expects: &str, json: String, now: i64) -> BoxFuture<'_, Result<Answered>> {
        let (run, key, expects) = (run.to_owned(), key.to_owned(), expects.to_owned());
        Box::pin(async move {
            tried!(self.connection, "answering a pause", |client| rows::answer(
                client, &run, &key, &expects, &json, now
            ))
        })
    }

    fn runs(&self) -> BoxFuture<'_, Result<Vec<RunInfo>>> {
        Box::pin(async move { tried!(self.connection, "listing the runs", |client| rows::runs(client)) })
    }

    fn inspect(&self, run: &str) -> BoxFuture<'_, Result<Option<RunDetails>>> {
        let run = run.to_owned();
        Box::pin(async move { tried!(self.connection, "inspecting a run", |client| rows::inspect(client, &run)) })
    }

    fn cancel(&self, run: &str, now: i64) -> BoxFuture<'_, Result<bool>> {
        let run = run.to_owned();
        Box::pin(async move { tried!(self.connection, "cancelling a run", |client| rows::cancel(client, &run, now)) })
    }

    fn delete(&self, run: &str) -> BoxFuture<'_, Result<Deleted>> {
        let run = run.to_owned();
        Box::pin(async move { tried!(self.connection, "deleting a run", |client| rows::delete(client, &run)) })
    }

    fn prune(&self, before: i64, states: &[RunState]) -> BoxFuture<'_, Result<usize>> {
        let states: Vec<&'static str> = states.iter().map(|state| state.name()).collect();
        Box::pin(
            async move { tried!(self.connection, "deleting old runs", |client| rows::prune(client, before, &states)) },
        )
    }
}
