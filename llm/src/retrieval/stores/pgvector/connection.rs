//! The connection, which is made again when it breaks.

use super::{failure, schema};
use catena::{Error, ErrorKind, Result};
use catena_postgres::Server;
use std::{sync::Arc, time::Duration};
use tokio_postgres::{
    Client, Row,
    types::{ToSql, Type},
};

pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

pub(super) type Parameters<'a> = &'a [Parameter<'a>];

/// A connection for all requests. They are sent as they come, without waiting for the answers of those before.
pub(super) struct Connection {
    server: Server,
    timeout: Duration,
    client: tokio::sync::Mutex<Option<Arc<Client>>>,
}

impl Connection {
    pub(super) async fn open(settings: &str, timeout: Duration) -> Result<Self> {
        let server = Server::new(settings, "the vectors in Postgres", "catena-llm")?;
        let connection = Connection { server, timeout, client: tokio::sync::Mutex::default() };
        let rows = connection.query("preparing the vectors in Postgres", schema::IS_PREPARED, &[]).await?;
        if !rows.first().is_some_and(|row| row.get(0)) {
            connection.batch("preparing the vectors in Postgres", schema::PREPARE).await?;
        }
        let rows = connection.query("reading the version of the vectors in Postgres", schema::VERSION_OF, &[]).await?;
        schema::refuse_newer(rows.first().map(|row| row.get(0)))?;
        Ok(connection)
    }

    pub(super) async fn query(&self, doing: &'static str, sql: &str, parameters: Parameters<'_>) -> Result<Vec<Row>> {
        let work = async { self.client().await?.query_typed(sql, parameters).await };
        self.limited(doing, work).await
    }

    /// Executes several statements, all or none.
    pub(super) async fn batch(&self, doing: &'static str, sql: &str) -> Result<()> {
        let work = async { self.client().await?.batch_execute(sql).await };
        self.limited(doing, work).await
    }

    /// Executes statements on a connection of their own, however long they take.
    pub(super) async fn batch_alone(&self, doing: &'static str, sql: &str) -> Result<()> {
        let work = async { self.server.connect().await?.batch_execute(sql).await };
        work.await.map_err(|error| failure::explain(error, &self.server).while_doing(doing))
    }

    /// Returns the client, which is connected if it is not, or not any more.
    async fn client(&self) -> Result<Arc<Client>, tokio_postgres::Error> {
        let mut slot = self.client.lock().await;
        if let Some(client) = slot.as_ref().filter(|client| !client.is_closed()) {
            return Ok(Arc::clone(client));
        }
        let client = Arc::new(self.server.connect().await?);
        *slot = Some(Arc::clone(&client));
        Ok(client)
    }

    async fn limited<T>(
        &self,
        doing: &'static str,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        let Ok(outcome) = tokio::time::timeout(self.timeout, work).await else {
            // The server may be gone without a word.
            *self.client.lock().await = None;
            let message = format!("the Postgres server of the vectors does not answer within {:?}", self.timeout);
            return Err(Error::new(ErrorKind::Unavailable { retry_after: None }, message).while_doing(doing));
        };
        outcome.map_err(|error| failure::explain(error, &self.server).while_doing(doing))
    }
}
