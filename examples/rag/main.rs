//! Retrieval-augmented generation: answers from your own texts, with their sources.
//!
//! ```text
//! cargo run --release --example rag -- "Why does SQLite keep a write-ahead log?"
//! cargo run --release --example rag -- --library ~/notes --index notes.db "What did we decide about retries?"
//! ```
//!
//! The `.txt` and `.md` files of a folder are cut into passages and indexed twice: by words (BM25) and by vectors. A question is
//! looked up in both at once, the lists are merged, and a model answers from the best passages alone. With `OPENAI_API_KEY` the
//! real provider makes the vectors and answers; without, or with `--simulate`, a simulator of its protocol on loopback does.

mod library;
mod simulated;
#[cfg(test)]
mod tests;

use catena::{CancellationToken, Config, Result, prelude::*};
use catena_examples::{Printed, ctrl_c, finish, unless_cancelled};
use catena_llm::{
    EmbeddingModel, Message, Model, prompt,
    retrieval::{Bm25, Document, FormatDocuments, Fuse, Retrieve, VectorIndex},
};
use clap::Parser;
use std::{path::PathBuf, process::ExitCode, time::Duration};

/// An answer, and the passages it is from.
#[derive(Record)]
struct Answered {
    answer: Message,
    found: Vec<Document>,
}

/// The chain. Both searches run at once, and the passages they find go on beside the answer.
fn rag(words: &Bm25, vectors: &VectorIndex<EmbeddingModel>, model: &Model) -> impl Runnable<String, Output = Answered> {
    chain!(String =>
        <
            found: <words: Retrieve::new(words.clone()).top(8), vectors: Retrieve::new(vectors.clone()).top(8)>
                | Fuse::by_rank().same_by_content().top(3),
            question: _,
        >
        | <
            answer: <context: .found | FormatDocuments, question: .question>
                | prompt!(
                    system: "Answer in one or two sentences, from these passages alone, and cite them like [1]. Say so if they do not \
                             answer the question.\n\n{context}",
                    user: "{question}",
                )
                | model.clone().timeout(Duration::from_secs(30)).retry(3),
            found: .found,
        > as Answered
    )
    .named("rag")
}

/// Answer a question from the texts in a folder.
#[derive(Parser)]
#[command(name = "rag")]
struct Args {
    /// What to ask.
    #[arg(default_value = "Why does a database keep a write-ahead log?")]
    question: String,

    /// The folder with the texts, whose folders count too.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/library"))]
    library: PathBuf,

    /// Keep the index in this SQLite file, so that the next time only what is new is indexed; else it is in memory.
    #[arg(long)]
    index: Option<PathBuf>,

    /// Use the simulator even where there is a key.
    #[arg(long)]
    simulate: bool,
}

async fn run(args: Args, stop: CancellationToken) -> Result<Printed> {
    let models = simulated::Models::new(args.simulate).await?;
    let (words, vectors) = library::index(&args.library, args.index.as_deref(), models.embeddings).await?;
    let answered = rag(&words, &vectors, &models.chat).invoke_with(args.question, Config::new().cancel(stop)).await;
    let Some(Answered { answer, found }) = unless_cancelled(answered).transpose()? else {
        return Ok(Printed { text: "Stopped.".to_owned(), interrupted: true });
    };
    let source = |(at, document): (usize, &Document)| format!("[{}] {}", at + 1, document.source().unwrap_or("?"));
    let sources: Vec<String> = found.iter().enumerate().map(source).collect();
    let text = format!("{}{answer}\n\n{}", models.note, sources.join("\n"));
    Ok(Printed { text, interrupted: false })
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    finish(Box::pin(run(args, ctrl_c())).await)
}
