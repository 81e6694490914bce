//! A chat in the terminal that streams, and remembers: what was said is in a SQLite file and there again the next time.
//!
//! ```text
//! cargo run --release --example chat_with_memory
//! cargo run --release --example chat_with_memory -- --session work --history ~/chats.db
//! printf 'My name is Anna.\nWhat is my name?\n' | cargo run --release --example chat_with_memory
//! ```
//!
//! Each session is a conversation of its own; `--forget` begins it again. Ctrl-D ends the chat, Ctrl-C stops it: what was answered
//! to the end is kept, what was not is as if it had not been said. With `OPENAI_API_KEY` the real provider answers; without, or
//! with `--simulate`, a simulator of its protocol on loopback does.

mod simulated;
#[cfg(test)]
mod tests;

use catena::{CancellationToken, Config, Result, prelude::*};
use catena_examples::{Printed, ctrl_c, finish, unless_cancelled};
use catena_llm::{
    MessageChunk, Model,
    memory::{HistoryExt, HistoryStore, SESSION, SqliteHistory, Trim, Turn},
    prompt,
};
use clap::Parser;
use futures_util::TryStreamExt;
use std::{
    io::{BufRead, Write},
    path::PathBuf,
    process::ExitCode,
};
use tokio::sync::mpsc;

/// The chain: instructions, what was said before, what is said now. The step around it reads and stores the history.
fn chat(model: &Model, history: SqliteHistory) -> impl Runnable<String, Chunk = MessageChunk> {
    let ask = prompt!(
        system: "You are a friendly assistant in a terminal. Answer in a few lines.",
        ..history,
        user: "{input}",
    );
    chain!(Turn<String> => ask | model.clone()).with_history(history, &SESSION).trimmed(Trim::tokens(4000))
}

/// Chat with a model that remembers.
#[derive(Parser)]
#[command(name = "chat_with_memory")]
struct Args {
    /// Which conversation to go on with.
    #[arg(long, default_value = "default")]
    session: String,

    /// The file with the conversations.
    #[arg(long, default_value_os_t = std::env::temp_dir().join("catena_chat_with_memory.db"))]
    history: PathBuf,

    /// Forget what was said in this session before.
    #[arg(long)]
    forget: bool,

    /// Use the simulator even where there is a key.
    #[arg(long)]
    simulate: bool,
}

/// Reads lines and answers each; gives whether it was stopped.
async fn talk(
    args: &Args,
    mut lines: mpsc::Receiver<String>,
    out: &mut impl Write,
    stop: CancellationToken,
) -> Result<bool> {
    let (model, _simulator) = simulated::model(args.simulate).await?;
    let history = SqliteHistory::open(&args.history).await?;
    if args.forget {
        history.clear(&args.session).await?;
    }
    let before = history.get(&args.session).await?.len();
    writeln!(out, "Session `{}`, {before} messages so far, in {}.", args.session, args.history.display())?;
    let chat = chat(&model, history);
    loop {
        write!(out, "> ").and_then(|()| out.flush())?;
        let line = tokio::select! {
            line = lines.recv() => line,
            () = stop.cancelled() => return Ok(true),
        };
        let Some(line) = line else { return Ok(false) };
        if line.trim().is_empty() {
            continue;
        }
        let config = Config::new().set(&SESSION, Some(args.session.clone())).cancel(stop.clone());
        let mut chunks = chat.stream_with(line, config);
        loop {
            match unless_cancelled(chunks.try_next().await) {
                Some(Ok(Some(chunk))) => write!(out, "{chunk}").and_then(|()| out.flush())?,
                Some(Ok(None)) => break writeln!(out)?,
                // The chat goes on; the line can be said again.
                Some(Err(error)) => break writeln!(out, "\n(no answer: {error})")?,
                None => return Ok(true),
            }
        }
    }
}

/// The lines of the terminal or a pipe, read in a thread of its own, which the program does not wait for at its end.
fn stdin() -> mpsc::Receiver<String> {
    let (send, lines) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(std::result::Result::ok) {
            if send.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let talked = Box::pin(talk(&args, stdin(), &mut std::io::stdout(), ctrl_c())).await;
    finish(talked.map(|interrupted| Printed { text: String::new(), interrupted }))
}
