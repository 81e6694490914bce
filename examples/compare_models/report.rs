//! What the program says: each answer as it arrives, and all of it in the end.

use crate::{Answer, WatchPair, Watches, agreement::Agreement, models::Models};
use catena::{Error, Live, Result};
use catena_llm::{Cost, Message, PriceTable, Spending};
use serde::{Serialize, Serializer};
use std::{
    fmt::Write,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The answers so far, in the order they came.
pub(crate) struct Arrivals {
    start: Instant,
    quiet: bool,
    live: Option<Live>,
    seen: Mutex<Vec<(&'static str, Message)>>,
}

impl Arrivals {
    pub(crate) fn begin(models: &Models, question: &str, quiet: bool, live: Option<Live>) -> Self {
        if !quiet {
            println!("{}\n\n{question}\n", models.who());
        }
        Arrivals { start: Instant::now(), quiet, live, seen: Mutex::default() }
    }

    /// An answer is there.
    pub(crate) fn show(&self, who: &'static str, answer: &Message) {
        if !self.quiet {
            let print = || println!("{who:<7} {:>5.2} s  {}", self.start.elapsed().as_secs_f64(), answer.text());
            match &self.live {
                Some(live) => live.suspend(print),
                None => print(),
            }
        }
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push((who, answer.clone()));
    }

    fn of(&self, who: &str) -> Option<Message> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().find(|(name, _)| *name == who).map(|(_, answer)| answer.clone())
    }
}

/// All of it.
#[derive(Serialize)]
pub(crate) struct Report {
    question: String,
    simulated: bool,
    pub(crate) models: Vec<Fared>,
    pub(crate) agreement: Option<Agreement>,
    elapsed_ms: f64,
    /// What the three took, one after another.
    sum_ms: f64,
    speed_up: f64,
    input_tokens: u64,
    output_tokens: u64,
    #[serde(serialize_with = "dollars")]
    cost: Option<Cost>,
    pub(crate) interrupted: bool,
    /// Why there is no comparison, if there is none.
    pub(crate) error: Option<Error>,
}

/// One model.
#[derive(Serialize)]
pub(crate) struct Fared {
    field: &'static str,
    pub(crate) outcome: Outcome,
    answer: Option<String>,
    model: Option<String>,
    input_tokens: u64,
    output_tokens: u64,
    #[serde(serialize_with = "dollars")]
    cost: Option<Cost>,
    took_ms: f64,
    /// What went wrong with each attempt at the first choice.
    pub(crate) errors: Vec<Error>,
    /// What remained of it in the end.
    error: Option<Error>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Answered,
    AnsweredAfterRetry,
    AnsweredByBackup,
    Failed,
    Interrupted,
}

// serde hands a reference to it.
#[allow(clippy::ref_option)]
fn dollars<S: Serializer>(cost: &Option<Cost>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_some(&cost.map(Cost::as_dollars))
}

impl Report {
    pub(crate) fn new(
        question: &str,
        models: &Models,
        arrivals: &Arrivals,
        outcome: Option<Result<Vec<Answer>>>,
        watch: &Watches,
        spending: &Spending,
        elapsed: Duration,
    ) -> Self {
        let watches = [("gpt", &watch.gpt), ("claude", &watch.claude), ("gemini", &watch.gemini)];
        let interrupted = outcome.is_none();
        let fared: Vec<Fared> =
            watches.into_iter().map(|(field, watch)| Fared::new(field, arrivals.of(field), watch)).collect();
        let answers: Vec<(&'static str, &str)> =
            fared.iter().filter_map(|fared| Some((fared.field, fared.answer.as_deref()?))).collect();
        let sum: Duration = watches.iter().map(|(_, watch)| watch.whole.took()).sum();
        Report {
            question: question.to_owned(),
            simulated: models.simulator.is_some(),
            agreement: Agreement::of(&answers, fared.len()),
            elapsed_ms: elapsed.as_secs_f64() * 1e3,
            sum_ms: sum.as_secs_f64() * 1e3,
            speed_up: sum.as_secs_f64() / elapsed.as_secs_f64().max(f64::EPSILON),
            // With what failed attempts took, and the backup.
            input_tokens: spending.usage().input_tokens,
            output_tokens: spending.usage().output_tokens,
            cost: spending.cost(&PriceTable::default()),
            interrupted,
            error: outcome.and_then(Result::err),
            models: fared,
        }
    }

    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out).map_or_else(|_| String::new(), |()| out)
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        for fared in &self.models {
            fared.write_trouble(out)?;
        }
        if let Some(agreement) = &self.agreement {
            let Agreement { most_common, agreeing, asked, consensus_rate } = agreement;
            writeln!(out, "\nmost common answer   {most_common}")?;
            writeln!(out, "agreement            {} of {asked} asked: {}", agreeing.len(), agreeing.join(", "))?;
            writeln!(out, "consensus rate       {:.0} %\n", consensus_rate * 100.0)?;
        }
        writeln!(out, "{:<8} {:<28} {:>8} {:>7} {:>12} {:>8}", "", "model", "in", "out", "cost", "time")?;
        for fared in self.models.iter().filter(|fared| fared.answer.is_some()) {
            let cost = fared.cost.map_or_else(|| "unknown".to_owned(), |cost| cost.to_string());
            let model = fared.model.as_deref().unwrap_or("unknown");
            let seconds = fared.took_ms / 1e3;
            let Fared { field, input_tokens, output_tokens, .. } = fared;
            writeln!(out, "{field:<8} {model:<28} {input_tokens:>8} {output_tokens:>7} {cost:>12} {seconds:>6.2} s")?;
        }
        let cost = self.cost.map_or_else(|| "unknown".to_owned(), |cost| cost.to_string());
        writeln!(out, "{:<37} {:>8} {:>7} {cost:>12}", "in all", self.input_tokens, self.output_tokens)?;
        let (elapsed, sum) = (self.elapsed_ms / 1e3, self.sum_ms / 1e3);
        writeln!(out, "\n{elapsed:.2} s, against {sum:.2} s one after another: {:.1} times as fast", self.speed_up)?;
        if self.interrupted {
            writeln!(out, "interrupted: what was not answered yet is missing")?;
        }
        Ok(())
    }
}

impl Fared {
    fn new(field: &'static str, answer: Option<Message>, watch: &WatchPair) -> Self {
        let (errors, whole) = (watch.attempts.errors(), watch.whole.calls());
        let first_choice_answered = watch.attempts.calls().iter().any(|call| call.error.is_none());
        let outcome = match &answer {
            Some(_) if !first_choice_answered => Outcome::AnsweredByBackup,
            Some(_) if !errors.is_empty() => Outcome::AnsweredAfterRetry,
            Some(_) => Outcome::Answered,
            None if whole.is_empty() => Outcome::Interrupted,
            None => Outcome::Failed,
        };
        let usage = answer.as_ref().and_then(Message::usage).unwrap_or_default();
        Fared {
            field,
            outcome,
            model: answer.as_ref().and_then(|answer| answer.model().map(str::to_owned)),
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            cost: answer.as_ref().and_then(|answer| PriceTable::default().cost_of(answer)),
            answer: answer.map(|answer| answer.text().to_owned()),
            took_ms: watch.whole.took().as_secs_f64() * 1e3,
            errors,
            error: whole.into_iter().find_map(|call| call.error),
        }
    }

    /// What failed, and how it recovered.
    fn write_trouble(&self, out: &mut String) -> std::fmt::Result {
        let field = self.field;
        for (index, error) in self.errors.iter().enumerate() {
            writeln!(out, "{field:<7} attempt {} failed: {error}", index + 1)?;
        }
        match (self.outcome, &self.error) {
            (Outcome::AnsweredAfterRetry, _) => {
                writeln!(out, "{field:<7} answered at attempt {}", self.errors.len() + 1)
            }
            (Outcome::AnsweredByBackup, _) => {
                let backup = self.model.as_deref().unwrap_or("its backup");
                writeln!(out, "{field:<7} was answered for by {backup}")
            }
            (Outcome::Failed, Some(error)) => {
                let backup = error.others().first().map(|other| format!("; its backup: {other}"));
                writeln!(out, "{field:<7} gave no answer{}", backup.unwrap_or_default())
            }
            _ => Ok(()),
        }
    }
}
