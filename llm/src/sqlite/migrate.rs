//! The tables of a part of a database, brought up to date.

use super::error::explain;
use catena::{Error, ErrorKind, Result};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::path::Path;

/// The tables of one part, by the steps in which they came about. Once released a step is never changed; new ones are added.
pub(crate) struct Schema {
    /// Whose tables: `history`. Part of the file, so it stays.
    pub(crate) part: &'static str,
    /// SQL; the first leads from nothing to version 1.
    pub(crate) steps: &'static [&'static str],
}

/// In one transaction: a process that is killed on the way, or another one that does the same, finds it done or not begun.
///
/// The version is in a table, not in `user_version`, which a file has only one of: several parts share it.
pub(super) fn migrate(connection: &mut Connection, schema: &Schema, path: Option<&Path>) -> Result<()> {
    let known = schema.steps.len();
    // Mostly there is nothing to do, and reading takes no lock that others wait for.
    let version = version(connection, schema).map_err(|error| explain(error, path))?;
    if version < known {
        return run(connection, schema, path);
    }
    check(version, schema, path)
}

fn run(connection: &mut Connection, schema: &Schema, path: Option<&Path>) -> Result<()> {
    let explained = |error| explain(error, path);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(explained)?;
    let version = version(&transaction, schema).map_err(explained)?;
    check(version, schema, path)?;
    let write = || {
        transaction.execute_batch(
            "CREATE TABLE IF NOT EXISTS catena_versions (part TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID",
        )?;
        schema.steps[version..].iter().try_for_each(|step| transaction.execute_batch(step))?;
        transaction.execute(
            "INSERT OR REPLACE INTO catena_versions (part, version) VALUES (?1, ?2)",
            (schema.part, i64::try_from(schema.steps.len()).unwrap_or(i64::MAX)),
        )
    };
    write().map_err(explained)?;
    transaction.commit().map_err(explained)
}

fn version(connection: &Connection, schema: &Schema) -> rusqlite::Result<usize> {
    // By a query, which sees what another process has just made: `table_exists` looks at what the connection remembers.
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'catena_versions'";
    if connection.query_row(sql, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(0);
    }
    let sql = "SELECT version FROM catena_versions WHERE part = ?1";
    let version: Option<i64> = connection.query_row(sql, [schema.part], |row| row.get(0)).optional()?;
    // A file can say anything, but a part begins at 0.
    Ok(version.map_or(0, |version| usize::try_from(version).unwrap_or_default()))
}

fn check(version: usize, schema: &Schema, path: Option<&Path>) -> Result<()> {
    let known = schema.steps.len();
    if version <= known {
        return Ok(());
    }
    let file = path.map_or_else(String::new, |path| format!(" in {}", path.display()));
    let part = schema.part;
    let message = format!("the {part}{file} is of version {version}, and this program knows {known}: use a newer one");
    Err(Error::new(ErrorKind::BadInput, message))
}
