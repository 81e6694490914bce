//! Invoices as structs, out of letters as text.
//!
//! ```text
//! cargo run --release --example structured_extraction
//! cargo run --release --example structured_extraction -- letter.txt another.txt
//! ```
//!
//! The schema of `Invoice` is sent to the model, and its fields are shown as they come. An answer that cannot be read is sent
//! back with the reason. With `OPENAI_API_KEY`, `ANTHROPIC_API_KEY` or `GEMINI_API_KEY` that provider is asked; without, a
//! simulator of OpenAI's protocol, which knows one letter and gets its first answer wrong.

mod models;
#[cfg(test)]
mod tests;

use catena::{Error, ErrorKind, Result, prelude::*};
use catena_examples::{Printed, finish};
use catena_llm::{Model, parser::Partial, prompt};
use futures_util::StreamExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::process::ExitCode;

/// What is taken out of a letter. The model is given these docs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Invoice {
    /// Who wants the money.
    sender: String,
    number: String,
    items: Vec<Item>,
    total: f64,
    /// Three letters: EUR.
    currency: String,
    /// YYYY-MM-DD, if the letter says so.
    due: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Item {
    what: String,
    price: f64,
}

/// The chain.
fn extract(model: Model) -> impl Runnable<String, Output = Invoice, Chunk = Partial<Invoice>> {
    let editor = model.clone().tap(|_| eprintln!("An answer could not be read: it went back to the model."));
    chain!(String =>
        prompt!(system: "Take the invoice out of this letter. Make nothing up.", user: "{}")
        | model.structured::<Invoice>().fix_with(editor).attempts(2)
    )
}

/// Shows the fields as they come, and gives the whole.
async fn read(
    chain: &impl Runnable<String, Output = Invoice, Chunk = Partial<Invoice>>,
    letter: String,
) -> Result<Invoice> {
    let (mut partials, mut shown, mut invoice) = (chain.stream(letter), 0, None);
    while let Some(partial) = partials.next().await {
        let partial = partial?;
        let fields = partial.json().as_object().into_iter().flatten();
        fields.skip(shown).for_each(|(name, _)| eprintln!("  {name} .."));
        shown = shown.max(partial.json().as_object().map_or(0, serde_json::Map::len));
        invoice = partial.into_complete();
    }
    invoice.ok_or_else(|| Error::msg("the stream ended without an invoice"))
}

async fn run(
    files: Vec<String>,
    variables: impl Fn(&str) -> Option<String> + Clone + Send + Sync + 'static,
) -> Result<Vec<Invoice>> {
    let (model, _simulator) = models::choose(variables).await?;
    let chain = extract(model);
    let mut letters = vec![models::LETTER.to_owned()];
    if !files.is_empty() {
        let read = |file: &String| {
            let wrong = |error| Error::from_source(ErrorKind::BadInput, error).while_doing(format!("reading {file}"));
            std::fs::read_to_string(file).map_err(wrong)
        };
        letters = files.iter().map(read).collect::<Result<_>>()?;
    }
    let mut invoices = Vec::new();
    for letter in letters {
        invoices.push(read(&chain, letter).await?);
    }
    Ok(invoices)
}

#[tokio::main]
async fn main() -> ExitCode {
    let invoices = run(std::env::args().skip(1).collect(), |name| std::env::var(name).ok()).await;
    let text = invoices.and_then(|invoices| Ok(serde_json::to_string_pretty(&invoices)?));
    finish(text.map(|text| Printed { text, interrupted: false }))
}
