//! The tables and their versions.

use super::connection::Client;
use catena::{Error, ErrorKind, Result};

/// The version of the tables that this program knows.
const VERSION: i64 = 1;

/// Creates the tables if there are none, in one transaction. A lock lets one process after the other do so.
const CREATE: &str = "
    BEGIN;
    SELECT pg_advisory_xact_lock(7240119);
    CREATE TABLE IF NOT EXISTS catena_versions (part TEXT PRIMARY KEY, version BIGINT NOT NULL);
    CREATE TABLE IF NOT EXISTS catena_runs (
        id TEXT PRIMARY KEY,
        state TEXT NOT NULL,
        generation BIGINT NOT NULL,
        owner TEXT,
        expires TIMESTAMPTZ NOT NULL,
        process TEXT NOT NULL,
        chain TEXT NOT NULL,
        cancelled BOOLEAN NOT NULL DEFAULT false,
        gone TEXT NOT NULL DEFAULT '[]',
        error TEXT,
        created BIGINT NOT NULL,
        changed BIGINT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS catena_steps (
        sequence BIGINT GENERATED ALWAYS AS IDENTITY,
        run TEXT NOT NULL,
        key TEXT NOT NULL,
        input TEXT NOT NULL,
        checksum TEXT NOT NULL,
        usage TEXT NOT NULL,
        chain TEXT NOT NULL,
        process TEXT NOT NULL,
        started BIGINT NOT NULL,
        finished BIGINT NOT NULL,
        payload BYTEA NOT NULL,
        PRIMARY KEY (run, key)
    );
    CREATE TABLE IF NOT EXISTS catena_waits (
        run TEXT NOT NULL,
        key TEXT NOT NULL,
        expects TEXT NOT NULL,
        input TEXT NOT NULL,
        since BIGINT NOT NULL,
        until BIGINT,
        answer TEXT,
        answered BIGINT,
        PRIMARY KEY (run, key)
    );
    INSERT INTO catena_versions (part, version) VALUES ('durable', 1) ON CONFLICT DO NOTHING;
    COMMIT;
";

/// Creates the tables if there are none. Returns their version.
pub(super) async fn check(client: &Client) -> Result<i64, tokio_postgres::Error> {
    const VERSIONS: &str =
        "SELECT count(*) FROM pg_tables WHERE schemaname = ANY (current_schemas(false)) AND tablename = 'catena_steps'";
    let known: i64 = client.client.query_one(VERSIONS, &[]).await?.get(0);
    if known == 0
        && let Err(error) = client.client.batch_execute(CREATE).await
    {
        // It began a transaction, which has failed.
        let _ = client.client.batch_execute("ROLLBACK").await;
        return Err(error);
    }
    let row = client.client.query_opt("SELECT version FROM catena_versions WHERE part = 'durable'", &[]).await?;
    Ok(row.map_or(VERSION, |row| row.get(0)))
}

pub(super) fn refuse_newer(version: i64) -> Result<()> {
    if version <= VERSION {
        return Ok(());
    }
    let message = format!(
        "the journal in Postgres is of version {version}, and this program knows {VERSION}: use a newer program"
    );
    Err(Error::new(ErrorKind::BadInput, message))
}
