//! Chains as their docs draw them: open the functions below.
//!
//! [`#[runnable]`](catena::runnable) on a function that builds a chain draws it after the first paragraph of the function's
//! docs. The boxes lead to the docs of the steps.
//!
//! The chains are those of many programs; the steps in them only pretend.

use catena::{BoxRunnable, prelude::*};
use catena_llm::prompt;
use std::time::Duration;

mod steps;

pub use steps::{
    Answers, Document, Documents, Grade, Question, Route, Scale, cite, classify, cleaned, consensus, grade, haiku,
    lowercased, mini, numbers, opus, rerank, shout, sonnet, split, summary, trimmed, vectors, words,
};

/// Asks three models at once and says what they agree on.
///
/// The third may fail: its field is settled.
#[runnable]
pub fn compare() -> impl Runnable<Question, Output = String> {
    chain!(Question =>
        prompt!("Answer in one sentence: {text}")
        | <
            opus: opus.timeout(Duration::from_secs(30)).retry(3),
            sonnet: sonnet.fallback(haiku),
            mini?: mini,
        >
        | consensus
    )
}

/// Answers a question by one of several ways, as its sort asks for.
#[runnable]
pub fn route() -> impl Runnable<String, Output = String> {
    chain!(String =>
        classify
        | match {
            Route::Math(term) => prompt!("Compute: {}") | opus.retry(2),
            Route::Code { text, language } => prompt!("In {language}: {text}") | sonnet,
            Route::Numbers(list) if list.len() > 100 => |list| format!("{} numbers", list.len()),
            Route::Numbers(list) => |list: Vec<f64>| list.iter().sum::<f64>().to_string(),
            Route::Other(text) => mini,
        }
        | trimmed
    )
}

/// Finds documents, puts the best first, and answers from them.
#[runnable(name = "answer from documents")]
pub fn retrieve(models: usize) -> impl Runnable<Question, Output = Answers> {
    let find = chain!(Question => .text | vectors | rerank);
    let write = sonnet.retry(Retry::attempts(5).base(Duration::from_millis(200)).total_delay(Duration::from_secs(10)));
    chain!(Question =>
        <documents: find, question: .text>
        | <..,
            answer: |input| format!("{} {}", input.question, input.documents.0.len()) | write,
            models: move |_| models,
        >
        | <answer: .answer | cite, models: .models> as Answers
    )
    .timeout(Duration::from_secs(90))
}

/// A text made shorter, a part at a time, as many at once as are allowed.
#[runnable]
pub fn summarise(at_once: usize) -> impl Runnable<String, Output = String> {
    let part = chain!(String => prompt!("Summarise: {}") | mini.race(haiku).timeout(Duration::from_secs(20)) | trimmed);
    chain!(String => split | part.map().concurrency(at_once) | |parts: Vec<String>| parts.join("\n") | summary)
}

/// One of two chains, which the caller chooses.
#[runnable]
pub fn either(careful: bool) -> impl Runnable<String, Output = String> {
    /// A step of this function alone has no page to lead to, and neither has a private one.
    #[runnable]
    fn dated(text: &str) -> String {
        format!("today: {text}")
    }
    if careful {
        return chain!(String =>
            opus.named("draft") | <text: _, grade: grade> | |draft| format!("{} {}", draft.text, draft.grade.0) | dated
        )
        .boxed();
    }
    let quick: BoxRunnable<String, String> = chain!(String => mini | signed).boxed();
    quick
}

/// A step that is private.
#[runnable]
fn signed(text: &str) -> String {
    format!("{text}, the small one")
}

/// Thirty steps in a row, which should stay readable.
#[runnable]
pub fn thirty() -> impl Runnable<String, Output = String> {
    chain!(String =>
        trimmed | lowercased | cleaned
        | <short: summary | trimmed, long: cleaned | sonnet.retry(3) | trimmed>
        | |both| format!("{} {}", both.short, both.long)
        | words | numbers | |list: Vec<f64>| list.len().to_string()
        | prompt!("Explain: {}") | opus.timeout(Duration::from_secs(20)) | trimmed
        | classify
        | match {
            Route::Math(term) => trimmed | opus,
            Route::Code { text, language } => |code| code.text | cleaned | sonnet,
            Route::Numbers(list) => |list: Vec<f64>| list.len().to_string(),
            Route::Other(text) => _,
        }
        | trimmed | shout | lowercased | summary.fallback(mini) | cleaned | shout | trimmed
    )
}
