//! Migration of the tables of a part of a database.

use super::error::explain;
use catena::{Error, ErrorKind, Result};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::path::Path;

/// The tables of one part, as a list of migrations. A released migration never changes; changes are appended.
pub(crate) struct Schema {
    /// The name of the part, such as `history`. It is stored in the file and must not change.
    pub(crate) part: &'static str,
    /// The SQL of the migrations. The first one creates version 1.
    pub(crate) steps: &'static [&'static str],
}

/// Migrates the tables in one transaction. If the process is killed, or another process migrates too, the migration is
/// either complete or not begun.
///
/// The version is in a table instead of `user_version`, which a file has only once, because several parts share the
/// file.
pub(super) fn migrate(connection: &mut Connection, schema: &Schema, path: Option<&Path>) -> Result<()> {
    let known = schema.steps.len();
    // In most cases nothing is to be done. Reading takes no lock that others wait for.
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
    // A query sees tables that another process has just created; `table_exists` uses what the connection has cached.
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'catena_versions'";
    if connection.query_row(sql, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(0);
    }
    let sql = "SELECT version FROM catena_versions WHERE part = ?1";
    let version: Option<i64> = connection.query_row(sql, [schema.part], |row| row.get(0)).optional()?;
    // The file may have any value, but versions begin at 0.
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
