use super::{PgVectors, connection::Connection, schema::Table};
use catena::Result;
use std::{sync::Arc, time::Duration};

/// A builder of a store in Postgres; created by [`PgVectors::builder`].
#[derive(Clone, Debug)]
#[must_use = "there is no store before `connect`"]
pub struct PgVectorsBuilder {
    table: String,
    timeout: Duration,
}

impl Default for PgVectorsBuilder {
    fn default() -> Self {
        PgVectorsBuilder { table: "catena_vectors".to_owned(), timeout: Duration::from_secs(30) }
    }
}

impl PgVectorsBuilder {
    /// Sets the table, which is created when the first document is added. It has vectors of one model. The default is
    /// `catena_vectors`.
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.table = name.into();
        self
    }

    /// Sets the longest time for an answer of the server. The default is 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Connects to a database; see [`PgVectors::connect`].
    ///
    /// # Errors
    /// Those of [`PgVectors::connect`]. [`BadInput`](catena::ErrorKind::BadInput) for a name of a table that is not of
    /// letters, digits and `_`, 50 at most.
    pub async fn connect(self, settings: &str) -> Result<PgVectors> {
        let table = Table::new(self.table)?;
        let connection = Connection::open(settings, self.timeout).await?;
        Ok(PgVectors { connection: Arc::new(connection), table: Arc::new(table) })
    }
}
