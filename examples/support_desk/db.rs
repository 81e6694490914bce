//! The shop's data in SQLite, behind a handle that is cheap to clone.

use anyhow::{Context as _, Result};
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Clone)]
pub(crate) struct Db(Arc<Mutex<Connection>>);

impl Db {
    pub(crate) fn open(path: impl AsRef<std::path::Path>) -> Result<Self> {
        let connection = Connection::open(path).context("cannot open the shop's database")?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
             CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, status TEXT NOT NULL);
             INSERT OR IGNORE INTO customers VALUES (1, 'Anna'), (2, 'Ben');
             INSERT OR IGNORE INTO orders VALUES (1001, 'shipped on Monday'), (1002, 'waiting for stock');",
        )?;
        Ok(Db(Arc::new(Mutex::new(connection))))
    }

    pub(crate) async fn customer(&self, id: i64) -> Result<String> {
        self.one("SELECT name FROM customers WHERE id = ?", id)
            .await
            .with_context(|| format!("there is no customer {id}"))
    }

    pub(crate) async fn order(&self, id: i64) -> Result<String> {
        self.one("SELECT status FROM orders WHERE id = ?", id).await.with_context(|| format!("there is no order {id}"))
    }

    async fn one(&self, sql: &'static str, id: i64) -> Result<String> {
        let db = Arc::clone(&self.0);
        let query = move || db.lock().unwrap_or_else(PoisonError::into_inner).query_row(sql, [id], |row| row.get(0));
        Ok(tokio::task::spawn_blocking(query).await??)
    }
}
