//! Journals in a Postgres database, for several machines.
//!
//! `tokio-postgres`, and not `sqlx`: the queries are fifteen and fixed, a connection carries any number of them at once, and it
//! builds in a third of the time.
//!
//! | file | contents |
//! |---|---|
//! | this file | the database, and what is asked of it |
//! | `connection` | the connections, which are made again when they break |
//! | `batch` | writes of many runs in one transaction |
//! | `schema` | the tables and their versions |
//! | `rows` | the queries |
//! | `failure` | errors of Postgres, with explanations |

mod batch;
mod connection;
mod failure;
mod rows;
mod schema;

use super::{Answered, Beginning, Claim, Deleted, Ending, Held, Lease, RunStore, Store, Wait};
use crate::{
    journal::info::{RunDetails, RunInfo, RunState},
    record::Record,
};
use batch::Batches;
use catena::Result;
use connection::{Client, Connection, tried};
use futures_util::future::BoxFuture;
use std::{sync::Arc, time::Duration};

/// A Postgres database of journals.
///
/// The lease of a run ends by the clock of the server, which is one for all machines. A process that cannot renew it in time stops
/// its runs itself.
pub(crate) struct Postgres {
    connection: Arc<Connection>,
    batches: Arc<Batches>,
    lease: Duration,
}

impl Postgres {
    pub(crate) async fn open(settings: &str, patience: Duration, lease: Duration) -> Result<Self> {
        // A process that stops in a transaction holds back the others for less than a lease, which they can renew after it.
        let connection = Arc::new(Connection::open(settings, patience, lease / 4).await?);
        let batches = Batches::new(Arc::clone(&connection), patience.min(lease / 2));
        Ok(Postgres { connection, batches, lease })
    }

    /// Does a write of a run, together with those of others; by itself, if that fails.
    fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        run: &str,
        work: impl Fn(Arc<Client>) -> Writing<T> + Send + Sync + 'static,
    ) -> BoxFuture<'static, Result<T>> {
        let (connection, batches, run) = (Arc::clone(&self.connection), Arc::clone(&self.batches), run.to_owned());
        Box::pin(async move {
            let (tries, work) = (connection.tries(doing), Arc::new(work));
            let again = Arc::clone(&work);
            if let Some(done) = batches.write(&run, move |client| work(client)).await {
                return Ok(done);
            }
            tried!(tries, |client| again(client))
        })
    }
}

/// The future of a write, which may be done twice.
type Writing<T> = BoxFuture<'static, Result<T, tokio_postgres::Error>>;

/// A write with some values, which all its tries share.
macro_rules! writing {
    ($values:ident = $value:expr, |$client:ident| $work:expr) => {{
        let values = Arc::new($value);
        move |$client: Arc<Client>| {
            let $values = Arc::clone(&values);
            Box::pin(async move { $work.await }) as Writing<_>
        }
    }};
}

impl RunStore for Postgres {
    fn claim(&self, beginning: Beginning) -> BoxFuture<'_, Result<Claim>> {
        let (run, time) = (beginning.run.clone(), self.lease);
        // One name for all tries: a claim whose answer was lost is granted once more.
        let owner = uuid::Uuid::new_v4().to_string();
        let work = writing!(v = (beginning, owner), |client| rows::claim(client, &v.0, &v.1, time));
        self.write("claiming a run", &run, work)
    }

    fn renew(&self, lease: &Lease) -> BoxFuture<'_, Result<Held>> {
        let time = self.lease;
        let work = writing!(v = lease.clone(), |client| rows::renew(client, &v, time));
        self.write("renewing a lease", &lease.run, work)
    }

    fn note_gone(&self, lease: &Lease, gone: Vec<String>) -> BoxFuture<'_, Result<()>> {
        let work = writing!(v = (lease.clone(), gone), |client| rows::note_gone(client, &v.0, &v.1));
        self.write("beginning a run", &lease.run, work)
    }

    fn release(&self, lease: Lease, ending: Ending) -> BoxFuture<'_, Result<()>> {
        let run = lease.run.clone();
        let work = writing!(v = (lease, ending), |client| rows::release(client, &v.0, &v.1));
        self.write("ending a run", &run, work)
    }

    fn abandon(&self, lease: Lease, ending: Ending) {
        // Without a runtime, or if it ends at once, the lease ends by itself.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let run = lease.run.clone();
        let work = writing!(v = (lease, ending), |client| rows::release(client, &v.0, &v.1));
        let released = self.write("ending a run", &run, work);
        runtime.spawn(async move {
            if let Err(error) = released.await {
                tracing::warn!(target: "catena_durable", run, %error, "a run could not be given back");
            }
        });
    }

    fn put(&self, lease: &Lease, record: Record) -> BoxFuture<'_, Result<Held>> {
        let work = writing!(v = (lease.clone(), record), |client| rows::put(client, &v.0, &v.1));
        self.write("keeping the outcome of a step", &lease.run, work)
    }

    fn get(&self, run: &str, key: &str) -> BoxFuture<'_, Result<Option<Record>>> {
        let (run, key) = (run.to_owned(), key.to_owned());
        Box::pin(async move {
            tried!(self.connection.tries("reading the outcome of a step"), |client| rows::get(client, &run, &key))
        })
    }

    fn wait(&self, lease: &Lease, wait: Wait) -> BoxFuture<'_, Result<Option<Wait>>> {
        let work = writing!(v = (lease.clone(), wait), |client| rows::wait(client, &v.0, &v.1));
        self.write("pausing a run", &lease.run, work)
    }

    fn unanswer(&self, lease: &Lease, key: &str) -> BoxFuture<'_, Result<()>> {
        let work = writing!(v = (lease.clone(), key.to_owned()), |client| rows::unanswer(client, &v.0, &v.1));
        self.write("taking back an answer", &lease.run, work)
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
            tried!(self.connection.tries("answering a pause"), |client| rows::answer(
                client, &run, &key, &expects, &json, now
            ))
        })
    }

    fn runs(&self) -> BoxFuture<'_, Result<Vec<RunInfo>>> {
        Box::pin(async move { tried!(self.connection.tries("listing the runs"), |client| rows::runs(client)) })
    }

    fn inspect(&self, run: &str) -> BoxFuture<'_, Result<Option<RunDetails>>> {
        let run = run.to_owned();
        Box::pin(async move { tried!(self.connection.tries("inspecting a run"), |client| rows::inspect(client, &run)) })
    }

    fn cancel(&self, run: &str, now: i64) -> BoxFuture<'_, Result<bool>> {
        let run = run.to_owned();
        Box::pin(
            async move { tried!(self.connection.tries("cancelling a run"), |client| rows::cancel(client, &run, now)) },
        )
    }

    fn delete(&self, run: &str) -> BoxFuture<'_, Result<Deleted>> {
        let run = run.to_owned();
        Box::pin(async move { tried!(self.connection.tries("deleting a run"), |client| rows::delete(client, &run)) })
    }

    fn prune(&self, before: i64, states: &[RunState]) -> BoxFuture<'_, Result<usize>> {
        let states: Vec<&'static str> = states.iter().map(|state| state.name()).collect();
        Box::pin(async move {
            tried!(self.connection.tries("deleting old runs"), |client| rows::prune(client, before, &states))
        })
    }
}
