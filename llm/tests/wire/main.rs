//! Answers as real servers send them, read over a socket by the public API.
//!
//! `corpus/<protocol>/<case>/` has the bytes of a case, and `case.json`. A case is added by adding its files:
//!
//! - `stream.sse`: the body of a streamed answer
//! - `whole.json`: the body of a whole answer
//! - `case.json`: where it was `reported`, the `kind` of the model, and what is `right`
//!
//! What is right is an `error`, with its `kind`, `words` in its message, whether it is `retryable`, and `after` how many
//! seconds; or else the `text`, the `calls`, and where they are given the `reasoning`, the `finish` reason, the `usage`,
//! `model`, `id`, the number of `images`, and texts that are `kept` anywhere in the answer. Of a model of embeddings it is the
//! `vectors`, of as many texts.
//! `right_whole` and `right_stream` replace fields of `right` for one form. `goes_back` has texts that the next request
//! has to contain, `left_out` those that it must not. `status` and `content_type` are those of the response.
#![cfg(feature = "providers")]

mod case;
mod check;
#[cfg(feature = "simulator")]
mod logs;
#[cfg(feature = "simulator")]
mod round_trip;
mod server;

use case::{Case, Form};
use catena_llm::Message;
use catena_llm::Messages;
use futures_util::StreamExt;

/// Runs one form of a case: at several cuts, with the next request at the first.
async fn run(case: &Case, form: Form, body: &[u8]) -> Result<(), String> {
    let right = case.right(form);
    // The cuts at every byte are tried without a socket.
    let cuts = [vec![], vec![body.len() / 3, body.len() / 3 + 1, body.len() / 2], vec![body.len().saturating_sub(1)]];
    for (number, cuts) in cuts.iter().enumerate() {
        let server = server::Server::start(case.status(), &case.content_type(form), body.to_vec(), cuts.clone());
        if let Some(right) = right.get("vectors") {
            check::check_vectors(right, &case.embed(&server.url).await)?;
            continue;
        }
        let model = case.model(&server.url)?;
        let question = Messages::from([Message::user("What is quantum computing?")]);
        let answer = form.ask(&model, question.clone()).await;
        check::check(&right, &answer).map_err(|why| format!("{why}, cut at {cuts:?}"))?;
        if number == 0
            && case.has_next_request()
            && let Ok(answer) = answer
        {
            server.forget();
            let _ = form.ask(&model, check::next(question, &answer)).await;
            case.check_request(&server.last_request())?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn every_case_is_read_right() {
    let cases = Case::all();
    assert!(cases.len() >= 150, "{} cases", cases.len());
    let only = std::env::var("CASE").unwrap_or_default();
    let chosen = cases.iter().filter(|case| case.name.contains(&only));
    let runs = chosen.flat_map(|case| case.bodies().into_iter().map(move |(form, body)| (case, form, body)));
    let outcomes = futures_util::stream::iter(runs.map(|(case, form, body)| async move {
        let run = tokio::time::timeout(std::time::Duration::from_mins(1), run(case, form, &body)).await;
        let outcome = run.unwrap_or_else(|_| Err("it takes too long".to_owned()));
        outcome.map_err(|why| format!("{} {form:?}: {why}", case.name))
    }));
    let outcomes: Vec<Result<(), String>> = outcomes.buffered(8).collect().await;
    let wrong: Vec<&str> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err().map(String::as_str)).collect();
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), outcomes.len(), wrong.join("\n"));
}

#[test]
fn every_case_says_where_it_was_reported() {
    for case in Case::all() {
        let reported = case.json["reported"].as_array().filter(|list| !list.is_empty());
        let urls = reported.unwrap_or_else(|| panic!("{} has no source", case.name)).iter();
        assert!(urls.clone().all(|url| url.as_str().is_some_and(|url| url.starts_with("https://"))), "{}", case.name);
        assert!(!case.bodies().is_empty(), "{} has no bytes", case.name);
    }
}
