//! Scorers: functions of a case and an output.

use super::{Case, Judge, Score};
use crate::{Chat, ChatModel, parser::AsText};
use catena::{Context, Error, Result};
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde_json::Value;
use std::future::Future;

/// A scorer of outputs. Most are functions: [`Evaluation::score`](super::Evaluation::score).
pub trait Scorer<In, Expected, Out>: Send + Sync {
    /// Scores the output of a case. The context is that of the evaluation: models that are called in it count in the cost of
    /// the case.
    ///
    /// # Errors
    /// If the output cannot be scored. The case then counts as failed, with this error.
    fn score<'a>(
        &'a self,
        case: &'a Case<In, Expected>,
        output: &'a Out,
        cx: &'a Context,
    ) -> impl Future<Output = Result<Score>> + Send;
}

/// A scorer behind a pointer.
pub(super) trait DynScorer<In, Expected, Out>: Send + Sync {
    fn score_boxed<'a>(
        &'a self,
        case: &'a Case<In, Expected>,
        output: &'a Out,
        cx: &'a Context,
    ) -> BoxFuture<'a, Result<Score>>;
}

impl<In, Expected, Out, S: Scorer<In, Expected, Out>> DynScorer<In, Expected, Out> for S {
    fn score_boxed<'a>(
        &'a self,
        case: &'a Case<In, Expected>,
        output: &'a Out,
        cx: &'a Context,
    ) -> BoxFuture<'a, Result<Score>> {
        Box::pin(self.score(case, output, cx))
    }
}

/// A scorer that is a function.
pub(super) struct Function<F>(pub(super) F);

impl<In, Expected, Out, S, F> Scorer<In, Expected, Out> for Function<F>
where
    In: Sync,
    Expected: Sync,
    Out: Sync,
    S: Into<Score>,
    F: Fn(&Case<In, Expected>, &Out) -> S + Send + Sync,
{
    async fn score(&self, case: &Case<In, Expected>, output: &Out, _cx: &Context) -> Result<Score> {
        Ok((self.0)(case, output).into())
    }
}

/// Creates a scorer that gives 1 if the output is the expected text, without white space around it.
pub const fn exact() -> Exact {
    Exact
}

/// The scorer of [`exact`].
#[derive(Clone, Copy, Debug)]
pub struct Exact;

impl<In: Sync, Expected: AsText + Sync, Out: AsText + Sync> Scorer<In, Expected, Out> for Exact {
    async fn score(&self, case: &Case<In, Expected>, output: &Out, _cx: &Context) -> Result<Score> {
        Ok((output.as_text().trim() == case.expected.as_text().trim()).into())
    }
}

/// Creates a scorer that gives 1 if the output contains the expected text, in any case of letters.
pub const fn contains() -> Contains {
    Contains
}

/// The scorer of [`contains`].
#[derive(Clone, Copy, Debug)]
pub struct Contains;

impl<In: Sync, Expected: AsText + Sync, Out: AsText + Sync> Scorer<In, Expected, Out> for Contains {
    async fn score(&self, case: &Case<In, Expected>, output: &Out, _cx: &Context) -> Result<Score> {
        let expected = case.expected.as_text().trim().to_lowercase();
        Ok(output.as_text().to_lowercase().contains(&expected).into())
    }
}

/// Creates a scorer that gives 1 if output and expected value are equal as JSON. The order of fields does not count, and 1 is
/// 1.0. Otherwise the reason has the place of the first difference.
pub const fn json_equality() -> JsonEquality {
    JsonEquality
}

/// The scorer of [`json_equality`].
#[derive(Clone, Copy, Debug)]
pub struct JsonEquality;

impl<In: Sync, Expected: Serialize + Sync, Out: Serialize + Sync> Scorer<In, Expected, Out> for JsonEquality {
    async fn score(&self, case: &Case<In, Expected>, output: &Out, _cx: &Context) -> Result<Score> {
        let json = |value: serde_json::Result<Value>| {
            value.map_err(|error| Error::from(error).while_doing("comparing as JSON"))
        };
        let expected = json(serde_json::to_value(&case.expected))?;
        let output = json(serde_json::to_value(output))?;
        Ok(match difference(&expected, &output, String::new()) {
            None => Score::new(1.0),
            Some(at) => {
                Score::new(0.0).because(format!("another value at {}", if at.is_empty() { "the top" } else { &at }))
            }
        })
    }
}

/// Returns the JSON pointer of the first difference.
fn difference(expected: &Value, output: &Value, at: String) -> Option<String> {
    match (expected, output) {
        (Value::Object(expected), Value::Object(output)) => {
            let gone = expected.keys().find(|key| !output.contains_key(*key));
            let added = output.keys().find(|key| !expected.contains_key(*key));
            if let Some(key) = gone.or(added) {
                return Some(format!("{at}/{key}"));
            }
            expected.iter().find_map(|(key, value)| difference(value, output.get(key)?, format!("{at}/{key}")))
        }
        (Value::Array(expected), Value::Array(output)) => {
            let pairs = expected.iter().zip(output).enumerate();
            let within =
                pairs.into_iter().find_map(|(n, (expected, output))| difference(expected, output, format!("{at}/{n}")));
            within.or_else(|| {
                (expected.len() != output.len()).then(|| format!("{at}/{}", expected.len().min(output.len())))
            })
        }
        (Value::Number(expected), Value::Number(output)) if expected.as_f64() == output.as_f64() => None,
        _ => (expected != output).then_some(at),
    }
}

/// Creates a scorer that asks a model. See [`Judge`].
pub fn judge<M: ChatModel>(model: Chat<M>, criterion: impl Into<String>) -> Judge<M> {
    Judge::new(model, criterion.into())
}
