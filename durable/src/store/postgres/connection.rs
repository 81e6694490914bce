//! The connection, which is made again when it breaks.

use super::{
    failure::{explain, passes},
    schema,
};
use catena::{Error, ErrorKind, Result};
use catena_postgres::Server;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio_postgres::Statement;

/// Does some work with the client of a [`Connection`], again and again while the server is gone, as long as the patience of the
/// [`Tries`] lasts. The work may be done twice, if the connection breaks before its answer comes.
// A macro, because the future of a function that takes an async closure is not known to be `Send`.
macro_rules! tried {
    ($tries:expr, |$client:ident| $work:expr) => {{
        let tries = $tries;
        loop {
            let work = async {
                let $client = tries.connection.client().await?;
                $work.await
            };
            let tried = tokio::time::timeout(tries.left(), work).await;
            if let Some(outcome) = tries.outcome(tried).await {
                break outcome;
            }
        }
    }};
}
pub(super) use tried;

/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// A connection for requests, which are sent as they come, without waiting for the answers of those before; and one for writes of
/// many runs in one transaction.
pub(super) struct Connection {
    server: Server,
    patience: Duration,
    client: Slot,
    writer: Slot,
    /// The time after which the server ends a transaction whose next statement does not come.
    silence: Duration,
}

/// A place for a client, while it is connected.
type Slot = tokio::sync::Mutex<Option<Arc<Client>>>;

/// A client, and its prepared statements.
pub(super) struct Client {
    pub(super) client: tokio_postgres::Client,
    statements: Mutex<HashMap<&'static str, Statement>>,
}

impl Client {
    /// Prepares a statement, once.
    pub(super) async fn prepared(&self, sql: &'static str) -> Result<Statement, tokio_postgres::Error> {
        let known = self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).insert(sql, statement.clone());
        Ok(statement)
    }
}

impl Connection {
    pub(super) async fn open(settings: &str, patience: Duration, silence: Duration) -> Result<Self> {
        let server = Server::new(settings, "the journal in Postgres", "catena-durable")?;
        let connection = Connection { server, patience, client: Slot::default(), writer: Slot::default(), silence };
        let version = tried!(connection.tries("preparing its tables"), |client| schema::check(&client))?;
        schema::refuse_newer(version)?;
        Ok(connection)
    }

    /// Begins to do some work; see [`tried`].
    pub(super) fn tries(&self, doing: &'static str) -> Tries<'_> {
        Tries { connection: self, doing, begun: Instant::now() }
    }

    /// Returns the client, which is connected if it is not, or not any more.
    pub(super) async fn client(&self) -> Result<Arc<Client>, tokio_postgres::Error> {
        self.connected(&self.client, "").await
    }

    /// Returns the client for transactions, likewise. A transaction of a process that stops in its middle holds no lock for longer
    /// than the silence that is allowed.
    pub(super) async fn writer(&self) -> Result<Arc<Client>, tokio_postgres::Error> {
        let milliseconds = self.silence.as_millis().max(1);
        self.connected(&self.writer, &format!("SET idle_in_transaction_session_timeout = {milliseconds}")).await
    }

    /// Ends the connection for transactions.
    pub(super) async fn forget_writer(&self) {
        *self.writer.lock().await = None;
    }

    async fn connected(&self, slot: &Slot, first: &str) -> Result<Arc<Client>, tokio_postgres::Error> {
        let mut slot = slot.lock().await;
        if let Some(client) = slot.as_ref().filter(|client| !client.client.is_closed()) {
            return Ok(Arc::clone(client));
        }
        let client = self.server.connect().await?;
        if !first.is_empty() {
            client.batch_execute(first).await?;
        }
        let client = Arc::new(Client { client, statements: Mutex::default() });
        *slot = Some(Arc::clone(&client));
        Ok(client)
    }
}

/// Work that is tried again and again while the server is gone, as long as patience lasts.
pub(super) struct Tries<'a> {
    pub(super) connection: &'a Connection,
    doing: &'static str,
    begun: Instant,
}

impl Tries<'_> {
    /// The time that is left for a try.
    pub(super) fn left(&self) -> Duration {
        self.connection.patience.saturating_sub(self.begun.elapsed()).max(PAUSE)
    }

    /// Returns the outcome of a try, or `None` if the work is to be tried again.
    pub(super) async fn outcome<T>(
        &self,
        tried: Result<Result<T, tokio_postgres::Error>, tokio::time::error::Elapsed>,
    ) -> Option<Result<T>> {
        let error = match tried {
            Ok(Ok(done)) => return Some(Ok(done)),
            Ok(Err(error)) if passes(&error) && self.begun.elapsed() < self.connection.patience => {
                tokio::time::sleep(PAUSE).await;
                return None;
            }
            Ok(Err(error)) => explain(error, &self.connection.server),
            Err(_) => {
                // The server may be gone without a word.
                *self.connection.client.lock().await = None;
                let message =
                    format!("the journal's Postgres server does not answer within {:?}", self.connection.patience);
                Error::new(ErrorKind::Unavailable { retry_after: None }, message)
            }
        };
        Some(Err(error.while_doing(self.doing)))
    }
}
