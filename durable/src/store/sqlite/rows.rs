//! The queries.

use super::{
    super::{Answered, Beginning, Claim, Deleted, Ending, Granted, Held, Lease, Wait},
    Shared,
};
use crate::{
    journal::info::{RunDetails, RunInfo, RunState, StepInfo, WaitInfo, time},
    record::{Entry, Record, digest::Digest},
};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

/// Returns the process that runs a run, if one does.
fn runner(shared: &Shared, id: &str, generation: i64, owner: Option<&str>, process: String) -> Option<String> {
    let is_held = match owner {
        None => false,
        // Of this journal: it is, unless a transaction that has claimed it was rolled back, or it was abandoned.
        Some(owner) if owner == shared.owner.id() => shared.active(|active| active.get(id) == Some(&generation)),
        Some(owner) => shared.owner.is_alive(owner),
    };
    is_held.then_some(process)
}

pub(super) fn claim(connection: &Connection, shared: &Shared, new: &Beginning) -> Result<Claim> {
    let known = connection
        .prepare_cached("SELECT generation, owner, process, cancelled FROM catena_runs WHERE id = ?1")?
        .query_row([&new.run], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?, row.get(2)?, row.get::<_, bool>(3)?))
        })
        .optional()?;
    let generation = match known {
        None => 1,
        Some((_, _, _, true)) => return Ok(Claim::Cancelled),
        Some((generation, owner, process, false)) => {
            if let Some(process) = runner(shared, &new.run, generation, owner.as_deref(), process) {
                return Ok(Claim::Held(process));
            }
            generation + 1
        }
    };
    connection
        .prepare_cached(
            "INSERT INTO catena_runs (id, state, generation, owner, process, chain, created, changed)
            VALUES (?1, 'running', ?2, ?3, ?4, ?5, ?6, ?6)
            ON CONFLICT (id) DO UPDATE SET state = 'running', generation = ?2, owner = ?3, process = ?4, chain = ?5,
                changed = ?6, error = NULL",
        )?
        .execute(params![new.run, generation, shared.owner.id(), new.process, new.chain, new.now])?;
    let entries = connection
        .prepare_cached("SELECT key, input FROM catena_steps WHERE run = ?1")?
        .query_map([&new.run], |row| Ok(Entry { key: row.get(0)?, input: Digest::stored(row.get(1)?) }))?
        .collect::<Result<_>>()?;
    let waits = waits(connection, &new.run)?;
    shared.active(|active| active.insert(new.run.clone(), generation));
    Ok(Claim::Granted(Granted { lease: Lease { run: new.run.clone(), generation }, entries, waits }))
}

pub(super) fn held(connection: &Connection, lease: &Lease) -> Result<Held> {
    let row = connection
        .prepare_cached("SELECT generation, cancelled FROM catena_runs WHERE id = ?1")?
        .query_row([&lease.run], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?)))
        .optional()?;
    Ok(match row {
        Some((generation, _)) if generation != lease.generation => Held::Lost,
        Some((_, true)) => Held::Cancelled,
        Some(_) => Held::Yes,
        None => Held::Lost,
    })
}

pub(super) fn note_gone(connection: &Connection, lease: &Lease, gone: &[String]) -> Result<()> {
    let gone = serde_json::to_string(gone).unwrap_or_else(|_| "[]".to_owned());
    let sql = "UPDATE catena_runs SET gone = ?3 WHERE id = ?1 AND generation = ?2";
    connection.prepare_cached(sql)?.execute(params![lease.run, lease.generation, gone]).map(drop)
}

pub(super) fn release(connection: &Connection, shared: &Shared, lease: &Lease, ending: &Ending) -> Result<()> {
    // A run that was cancelled stays so.
    connection
        .prepare_cached(
            "UPDATE catena_runs SET owner = NULL, error = ?4, changed = ?5,
                state = CASE WHEN cancelled THEN 'cancelled' ELSE ?3 END
            WHERE id = ?1 AND generation = ?2",
        )?
        .execute(params![lease.run, lease.generation, ending.state.name(), ending.error, ending.now])?;
    shared.active(|active| {
        if active.get(&lease.run) == Some(&lease.generation) {
            active.remove(&lease.run);
        }
    });
    Ok(())
}

pub(super) fn put(connection: &Connection, lease: &Lease, record: &Record) -> Result<Held> {
    if held(connection, lease)? == Held::Lost {
        return Ok(Held::Lost);
    }
    connection
        .prepare_cached(
            "INSERT INTO catena_steps (run, key, input, checksum, usage, chain, process, started, finished, payload)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (run, key) DO UPDATE SET input = ?3, checksum = ?4, usage = ?5, chain = ?6, process = ?7,
                started = ?8, finished = ?9, payload = ?10",
        )?
        .execute(params![
            lease.run,
            record.key,
            record.input.text(),
            record.checksum(),
            serde_json::to_string(&record.usage).unwrap_or_else(|_| "{}".to_owned()),
            record.chain,
            record.process,
            record.started,
            record.finished,
            record.payload,
        ])?;
    Ok(Held::Yes)
}

pub(super) fn get(connection: &Connection, run: &str, key: &str) -> Result<Option<Record>> {
    let found = connection
        .prepare_cached(
            "SELECT key, input, payload, usage, chain, process, started, finished, checksum FROM catena_steps
            WHERE run = ?1 AND key = ?2",
        )?
        .query_row([run, key], |row| {
            let record = Record {
                key: row.get(0)?,
                input: Digest::stored(row.get(1)?),
                payload: row.get(2)?,
                usage: serde_json::from_str(&row.get::<_, String>(3)?).unwrap_or_default(),
                chain: row.get(4)?,
                process: row.get(5)?,
                started: row.get(6)?,
                finished: row.get(7)?,
            };
            Ok((record, row.get::<_, String>(8)?))
        })
        .optional()?;
    Ok(found.filter(|(record, checksum)| record.checksum() == *checksum).map(|(record, _)| record))
}

fn wait_of(row: &Row<'_>) -> Result<Wait> {
    Ok(Wait {
        key: row.get(0)?,
        expects: row.get(1)?,
        input: row.get(2)?,
        since: row.get(3)?,
        until: row.get(4)?,
        answer: row.get(5)?,
        answered: row.get(6)?,
    })
}

fn waits(connection: &Connection, run: &str) -> Result<Vec<Wait>> {
    connection
        .prepare_cached(
            "SELECT key, expects, input, since, until, answer, answered FROM catena_waits WHERE run = ?1 ORDER BY since, key",
        )?
        .query_map([run], wait_of)?
        .collect()
}

pub(super) fn wait(connection: &Connection, lease: &Lease, wait: &Wait) -> Result<Option<Wait>> {
    if held(connection, lease)? == Held::Lost {
        return Ok(None);
    }
    connection
        .prepare_cached(
            "INSERT INTO catena_waits (run, key, expects, input, since, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (run, key) DO UPDATE SET expects = ?3, input = ?4 WHERE answer IS NULL",
        )?
        .execute(params![lease.run, wait.key, wait.expects, wait.input, wait.since, wait.until])?;
    connection
        .prepare_cached(
            "SELECT key, expects, input, since, until, answer, answered FROM catena_waits WHERE run = ?1 AND key = ?2",
        )?
        .query_row([&lease.run, &wait.key], wait_of)
        .optional()
}

pub(super) fn unanswer(connection: &Connection, lease: &Lease, key: &str) -> Result<()> {
    let sql = "UPDATE catena_waits SET answer = NULL, answered = NULL WHERE run = ?1 AND key = ?2";
    connection.prepare_cached(sql)?.execute([&lease.run, key]).map(drop)
}

pub(super) fn answer(
    connection: &Connection,
    run: &str,
    key: &str,
    expects: &str,
    json: &str,
    now: i64,
) -> Result<Answered> {
    let exists: bool =
        connection.query_row("SELECT EXISTS (SELECT 1 FROM catena_runs WHERE id = ?1)", [run], |row| row.get(0))?;
    if !exists {
        return Ok(Answered::NoRun);
    }
    let waits = waits(connection, run)?;
    let Some(wait) = waits.iter().find(|wait| wait.key == key && wait.until.is_none()) else {
        let open = waits.into_iter().filter(|wait| wait.until.is_none() && wait.answer.is_none());
        return Ok(Answered::NoPause(open.map(|wait| wait.key).collect()));
    };
    if let Some(answer) = &wait.answer {
        return Ok(Answered::Already(answer.clone()));
    }
    if wait.expects != expects {
        return Ok(Answered::OtherType(wait.expects.clone()));
    }
    let sql = "UPDATE catena_waits SET answer = ?3, answered = ?4 WHERE run = ?1 AND key = ?2";
    connection.prepare_cached(sql)?.execute(params![run, key, json, now])?;
    Ok(Answered::Kept)
}

const INFO: &str = "SELECT id, state, generation, owner, process, chain, error, created, changed, gone,
    (SELECT count(*) FROM catena_steps WHERE run = id) FROM catena_runs";

/// A run, and the names of what is gone.
fn info_of(shared: &Shared, row: &Row<'_>) -> Result<(RunInfo, String)> {
    let id: String = row.get(0)?;
    let (generation, owner, process): (_, Option<String>, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
    let runs = runner(shared, &id, generation, owner.as_deref(), process.clone()).is_some();
    let info = RunInfo {
        id,
        state: RunState::of(&row.get::<_, String>(1)?, runs),
        process,
        chain: row.get(5)?,
        error: row.get(6)?,
        created: time(row.get(7)?),
        changed: time(row.get(8)?),
        steps: usize::try_from(row.get::<_, i64>(10)?).unwrap_or_default(),
    };
    Ok((info, row.get(9)?))
}

pub(super) fn runs(connection: &Connection, shared: &Shared) -> Result<Vec<RunInfo>> {
    let mut rows = connection.prepare_cached(&format!("{INFO} ORDER BY changed DESC, id"))?;
    rows.query_map([], |row| info_of(shared, row).map(|(info, _)| info))?.collect()
}

pub(super) fn inspect(connection: &Connection, shared: &Shared, run: &str) -> Result<Option<RunDetails>> {
    let mut rows = connection.prepare_cached(&format!("{INFO} WHERE id = ?1"))?;
    let Some((info, gone)) = rows.query_row([run], |row| info_of(shared, row)).optional()? else { return Ok(None) };
    let steps = connection
        .prepare_cached(
            "SELECT key, usage, chain, process, started, finished, length(payload), substr(payload, 1, 8)
            FROM catena_steps WHERE run = ?1 ORDER BY sequence",
        )?
        .query_map([run], |row| {
            Ok(StepInfo {
                key: row.get(0)?,
                usage: serde_json::from_str(&row.get::<_, String>(1)?).unwrap_or_default(),
                chain: row.get(2)?,
                process: row.get(3)?,
                started: time(row.get(4)?),
                finished: time(row.get(5)?),
                bytes: usize::try_from(row.get::<_, i64>(6)?).unwrap_or_default(),
                failed: row.get::<_, Vec<u8>>(7)? == b"{\"error\"",
            })
        })?
        .collect::<Result<_>>()?;
    let waits = waits(connection, run)?.into_iter().map(WaitInfo::from).collect();
    let gone = serde_json::from_str(&gone).unwrap_or_default();
    Ok(Some(RunDetails { info, steps, waits, gone }))
}

pub(super) fn cancel(connection: &Connection, run: &str, now: i64) -> Result<bool> {
    let sql = "UPDATE catena_runs SET cancelled = 1, changed = ?2,
        state = CASE WHEN owner IS NULL THEN 'cancelled' ELSE state END WHERE id = ?1";
    Ok(connection.prepare_cached(sql)?.execute(params![run, now])? > 0)
}

pub(super) fn delete(connection: &Connection, shared: &Shared, run: &str) -> Result<Deleted> {
    let known = connection
        .prepare_cached("SELECT generation, owner, process FROM catena_runs WHERE id = ?1")?
        .query_row([run], |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?, row.get(2)?)))
        .optional()?;
    let Some((generation, owner, process)) = known else { return Ok(Deleted::NoRun) };
    if let Some(process) = runner(shared, run, generation, owner.as_deref(), process) {
        return Ok(Deleted::InUse(process));
    }
    for sql in [
        "DELETE FROM catena_steps WHERE run = ?1",
        "DELETE FROM catena_waits WHERE run = ?1",
        "DELETE FROM catena_runs WHERE id = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([run])?;
    }
    Ok(Deleted::Yes)
}

pub(super) fn prune(connection: &Connection, shared: &Shared, before: i64, states: &[RunState]) -> Result<usize> {
    let mut rows = connection.prepare_cached(&format!("{INFO} WHERE changed < ?1"))?;
    let old: Vec<(RunInfo, String)> = rows.query_map([before], |row| info_of(shared, row))?.collect::<Result<_>>()?;
    let mut deleted = 0;
    for (info, _) in old.iter().filter(|(info, _)| states.contains(&info.state)) {
        if delete(connection, shared, &info.id)? == Deleted::Yes {
            deleted += 1;
        }
    }
    Ok(deleted)
}
