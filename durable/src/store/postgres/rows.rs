//! The queries. Each write is one statement, and so takes effect as a whole.

use super::{
    super::{Answered, Beginning, Claim, Deleted, Ending, Granted, Held, Lease, Wait},
    connection::Client,
};
use crate::{
    journal::info::{RunDetails, RunInfo, RunState, StepInfo, WaitInfo, time},
    record::{Entry, Record, digest::Digest},
};
use std::{sync::Arc, time::Duration};
use tokio_postgres::{Error, Row, types::ToSql};

type Result<T> = std::result::Result<T, Error>;

type Parameters<'a> = [&'a (dyn ToSql + Sync)];

impl Client {
    async fn rows(&self, sql: &'static str, parameters: &Parameters<'_>) -> Result<Vec<Row>> {
        let statement = self.prepared(sql).await?;
        self.client.query(&statement, parameters).await
    }

    async fn row(&self, sql: &'static str, parameters: &Parameters<'_>) -> Result<Option<Row>> {
        Ok(self.rows(sql, parameters).await?.into_iter().next())
    }

    async fn write(&self, sql: &'static str, parameters: &Parameters<'_>) -> Result<u64> {
        let statement = self.prepared(sql).await?;
        self.client.execute(&statement, parameters).await
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Texts of Postgres have no NUL.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

pub(super) async fn claim(client: Arc<Client>, new: &Beginning, owner: &str, lease: Duration) -> Result<Claim> {
    let row = client
        .row(
            "INSERT INTO catena_runs AS r (id, state, generation, owner, expires, process, chain, created, changed)
            VALUES ($1, 'running', 1, $2, clock_timestamp() + $3 * interval '1 millisecond', $4, $5, $6, $6)
            ON CONFLICT (id) DO UPDATE SET
                state = 'running',
                generation = CASE WHEN r.owner = excluded.owner THEN r.generation ELSE r.generation + 1 END,
                owner = excluded.owner, expires = excluded.expires, process = excluded.process, chain = excluded.chain,
                changed = excluded.changed, error = NULL
            WHERE NOT r.cancelled
                AND (r.owner IS NULL OR r.owner = excluded.owner OR r.expires < clock_timestamp())
            RETURNING generation",
            &[&new.run, &owner, &millis(lease), &new.process, &new.chain, &new.now],
        )
        .await?;
    let Some(row) = row else {
        let row = client.row("SELECT cancelled, process FROM catena_runs WHERE id = $1", &[&new.run]).await?;
        return Ok(match row {
            Some(row) if row.get(0) => Claim::Cancelled,
            Some(row) => Claim::Held(row.get(1)),
            // Deleted in between: the next look finds it so.
            None => Claim::Held(String::new()),
        });
    };
    let entries = client.rows("SELECT key, input FROM catena_steps WHERE run = $1", &[&new.run]).await?;
    let entries = entries.iter().map(|row| Entry { key: row.get(0), input: Digest::stored(row.get(1)) }).collect();
    let waits = waits(&client, &new.run).await?;
    Ok(Claim::Granted(Granted { lease: Lease { run: new.run.clone(), generation: row.get(0) }, entries, waits }))
}

pub(super) async fn renew(client: Arc<Client>, lease: &Lease, time: Duration) -> Result<Held> {
    let row = client
        .row(
            "UPDATE catena_runs SET expires = clock_timestamp() + $3 * interval '1 millisecond'
            WHERE id = $1 AND generation = $2 AND owner IS NOT NULL RETURNING cancelled",
            &[&lease.run, &lease.generation, &millis(time)],
        )
        .await?;
    Ok(match row {
        Some(row) if row.get(0) => Held::Cancelled,
        Some(_) => Held::Yes,
        None => Held::Lost,
    })
}

pub(super) async fn note_gone(client: Arc<Client>, lease: &Lease, gone: &[String]) -> Result<()> {
    let gone = serde_json::to_string(gone).unwrap_or_else(|_| "[]".to_owned());
    let sql = "UPDATE catena_runs SET gone = $3 WHERE id = $1 AND generation = $2";
    client.write(sql, &[&lease.run, &lease.generation, &gone]).await.map(drop)
}

pub(super) async fn release(client: Arc<Client>, lease: &Lease, ending: &Ending) -> Result<()> {
    let error = ending.error.as_deref().map(without_nul);
    client
        .write(
            "UPDATE catena_runs SET owner = NULL, error = $4, changed = $5,
                state = CASE WHEN cancelled THEN 'cancelled' ELSE $3 END
            WHERE id = $1 AND generation = $2 AND owner IS NOT NULL",
            &[&lease.run, &lease.generation, &ending.state.name(), &error, &ending.now],
        )
        .await
        .map(drop)
}

pub(super) async fn put(client: Arc<Client>, lease: &Lease, record: &Record) -> Result<Held> {
    let usage = serde_json::to_string(&record.usage).unwrap_or_else(|_| "{}".to_owned());
    // The lock on the lease holds back a claim until the record is kept, or refuses the record after it.
    let written = client
        .write(
            "WITH lease AS (SELECT id FROM catena_runs WHERE id = $1 AND generation = $2 FOR SHARE)
            INSERT INTO catena_steps (run, key, input, checksum, usage, chain, process, started, finished, payload)
            SELECT lease.id, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::bigint, $10::bigint, $11::bytea
            FROM lease
            ON CONFLICT (run, key) DO UPDATE SET input = excluded.input, checksum = excluded.checksum,
                usage = excluded.usage, chain = excluded.chain, process = excluded.process, started = excluded.started,
                finished = excluded.finished, payload = excluded.payload",
            &[
                &lease.run,
                &lease.generation,
                &record.key,
                &record.input.text(),
                &record.checksum(),
                &usage,
                &record.chain,
                &record.process,
                &record.started,
                &record.finished,
                &record.payload,
            ],
        )
        .await?;
    Ok(if written == 0 { Held::Lost } else { Held::Yes })
}

pub(super) async fn get(client: Arc<Client>, run: &str, key: &str) -> Result<Option<Record>> {
    let row = client
        .row(
            "SELECT key, input, payload, usage, chain, process, started, finished, checksum FROM catena_steps
            WHERE run = $1 AND key = $2",
            &[&run, &key],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let record = Record {
        key: row.get(0),
        input: Digest::stored(row.get(1)),
        payload: row.get(2),
        usage: serde_json::from_str(row.get(3)).unwrap_or_default(),
        chain: row.get(4),
        process: row.get(5),
        started: row.get(6),
        finished: row.get(7),
    };
    Ok(if record.checksum() == row.get::<_, &str>(8) { Some(record) } else { None })
}

fn wait_of(row: &Row) -> Wait {
    Wait {
        key: row.get(0),
        expects: row.get(1),
        input: row.get(2),
        since: row.get(3),
        until: row.get(4),
        answer: row.get(5),
        answered: row.get(6),
    }
}

async fn waits(client: &Client, run: &str) -> Result<Vec<Wait>> {
    let sql = "SELECT key, expects, input, since, until, answer, answered FROM catena_waits WHERE run = $1
        ORDER BY since, key";
    Ok(client.rows(sql, &[&run]).await?.iter().map(wait_of).collect())
}

pub(super) async fn wait(client: Arc<Client>, lease: &Lease, wait: &Wait) -> Result<Option<Wait>> {
    let Wait { key, expects, input, since, until, .. } = wait;
    client
        .write(
            "WITH lease AS (SELECT id FROM catena_runs WHERE id = $1 AND generation = $2 FOR SHARE)
            INSERT INTO catena_waits AS w (run, key, expects, input, since, until)
            SELECT lease.id, $3::text, $4::text, $5::text, $6::bigint, $7::bigint FROM lease
            ON CONFLICT (run, key) DO UPDATE SET expects = excluded.expects, input = excluded.input
            WHERE w.answer IS NULL",
            &[&lease.run, &lease.generation, key, expects, input, since, until],
        )
        .await?;
    let sql = "SELECT 1 FROM catena_runs WHERE id = $1 AND generation = $2";
    if client.row(sql, &[&lease.run, &lease.generation]).await?.is_none() {
        return Ok(None);
    }
    let sql =
        "SELECT key, expects, input, since, until, answer, answered FROM catena_waits WHERE run = $1 AND key = $2";
    Ok(client.row(sql, &[&lease.run, key]).await?.as_ref().map(wait_of))
}

pub(super) async fn unanswer(client: Arc<Client>, lease: &Lease, key: &str) -> Result<()> {
    let sql = "UPDATE catena_waits SET answer = NULL, answered = NULL WHERE run = $1 AND key = $2";
    client.write(sql, &[&lease.run, &key]).await.map(drop)
}

pub(super) async fn answer(
    client: Arc<Client>,
    run: &str,
    key: &str,
    expects: &str,
    json: &str,
    now: i64,
) -> Result<Answered> {
    let answered = client
        .write(
            "UPDATE catena_waits SET answer = $4, answered = $5
            WHERE run = $1 AND key = $2 AND expects = $3 AND until IS NULL AND answer IS NULL",
            &[&run, &key, &expects, &json, &now],
        )
        .await?;
    if answered > 0 {
        return Ok(Answered::Kept);
    }
    if client.row("SELECT 1 FROM catena_runs WHERE id = $1", &[&run]).await?.is_none() {
        return Ok(Answered::NoRun);
    }
    let waits = waits(&client, run).await?;
    Ok(match waits.iter().find(|wait| wait.key == key && wait.until.is_none()) {
        // Its own, of a try whose reply was lost.
        Some(Wait { answer: Some(answer), answered: Some(at), .. }) if answer == json && *at == now => Answered::Kept,
        Some(Wait { answer: Some(answer), .. }) => Answered::Already(answer.clone()),
        Some(wait) => Answered::OtherType(wait.expects.clone()),
        None => {
            let open = waits.into_iter().filter(|wait| wait.until.is_none() && wait.answer.is_none());
            Answered::NoPause(open.map(|wait| wait.key).collect())
        }
    })
}

macro_rules! info {
    ($rest:literal) => {
        concat!(
            "SELECT id, state, owner IS NOT NULL AND expires >= clock_timestamp(), process, chain, error, created, changed,
            gone, (SELECT count(*) FROM catena_steps WHERE run = id) FROM catena_runs ",
            $rest
        )
    };
}

/// A run, and the names of what is gone.
fn info_of(row: &Row) -> (RunInfo, String) {
    let info = RunInfo {
        id: row.get(0),
        state: RunState::of(row.get(1), row.get(2)),
        process: row.get(3),
        chain: row.get(4),
        error: row.get(5),
        created: time(row.get(6)),
        changed: time(row.get(7)),
        steps: usize::try_from(row.get::<_, i64>(9)).unwrap_or_default(),
    };
    (info, row.get(8))
}

pub(super) async fn runs(client: Arc<Client>) -> Result<Vec<RunInfo>> {
    let rows = client.rows(info!("ORDER BY changed DESC, id"), &[]).await?;
    Ok(rows.iter().map(|row| info_of(row).0).collect())
}

pub(super) async fn inspect(client: Arc<Client>, run: &str) -> Result<Option<RunDetails>> {
    let Some(row) = client.row(info!("WHERE id = $1"), &[&run]).await? else { return Ok(None) };
    let (info, gone) = info_of(&row);
    let sql = "SELECT key, usage, chain, process, started, finished, length(payload), substr(payload, 1, 8)
        FROM catena_steps WHERE run = $1 ORDER BY sequence";
    let step = |row: &Row| StepInfo {
        key: row.get(0),
        usage: serde_json::from_str(row.get(1)).unwrap_or_default(),
        chain: row.get(2),
        process: row.get(3),
        started: time(row.get(4)),
        finished: time(row.get(5)),
        bytes: usize::try_from(row.get::<_, i32>(6)).unwrap_or_default(),
        failed: row.get::<_, &[u8]>(7) == b"{\"error\"",
    };
    let steps = client.rows(sql, &[&run]).await?.iter().map(step).collect();
    let waits = waits(&client, run).await?.into_iter().map(WaitInfo::from).collect();
    Ok(Some(RunDetails { info, steps, waits, gone: serde_json::from_str(&gone).unwrap_or_default() }))
}

pub(super) async fn cancel(client: Arc<Client>, run: &str, now: i64) -> Result<bool> {
    let sql = "UPDATE catena_runs SET cancelled = true, changed = $2,
        state = CASE WHEN owner IS NULL THEN 'cancelled' ELSE state END WHERE id = $1";
    Ok(client.write(sql, &[&run, &now]).await? > 0)
}

pub(super) async fn delete(client: Arc<Client>, run: &str) -> Result<Deleted> {
    let row = client
        .row(
            "WITH old AS (
                DELETE FROM catena_runs WHERE id = $1 AND (owner IS NULL OR expires < clock_timestamp()) RETURNING id
            ),
            steps AS (DELETE FROM catena_steps WHERE run IN (SELECT id FROM old)),
            waits AS (DELETE FROM catena_waits WHERE run IN (SELECT id FROM old))
            SELECT count(*) FROM old",
            &[&run],
        )
        .await?;
    if row.is_some_and(|row| row.get::<_, i64>(0) > 0) {
        return Ok(Deleted::Yes);
    }
    let row = client.row("SELECT process FROM catena_runs WHERE id = $1", &[&run]).await?;
    Ok(row.map_or(Deleted::NoRun, |row| Deleted::InUse(row.get(0))))
}

pub(super) async fn prune(client: Arc<Client>, before: i64, states: &[&'static str]) -> Result<usize> {
    let row = client
        .row(
            "WITH old AS (
                DELETE FROM catena_runs
                WHERE changed < $1 AND (owner IS NULL OR expires < clock_timestamp())
                    AND CASE WHEN cancelled THEN 'cancelled' WHEN state = 'running' THEN 'interrupted' ELSE state END
                        = ANY ($2::text[])
                RETURNING id
            ),
            steps AS (DELETE FROM catena_steps WHERE run IN (SELECT id FROM old)),
            waits AS (DELETE FROM catena_waits WHERE run IN (SELECT id FROM old))
            SELECT count(*) FROM old",
            &[&before, &states],
        )
        .await?;
    Ok(row.and_then(|row| usize::try_from(row.get::<_, i64>(0)).ok()).unwrap_or_default())
}
