use super::{
    Case, CaseReport, Dataset, Report, Score, Scorer,
    scorer::{DynScorer, Function},
};
use crate::{Cost, PriceTable, Spending};
use catena::{Config, Context, Drawing, Error, ErrorKind, Result, Runnable, RunnableExt};
use futures_util::{FutureExt, StreamExt, stream};
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeMap, panic::AssertUnwindSafe, time::Instant};

/// The cases in flight, unless [`Evaluation::concurrency`] sets another number.
const CONCURRENCY: usize = 8;

/// The score that passes, unless [`Evaluation::pass_mark`] sets another one.
const PASS_MARK: f64 = 0.5;

/// A data set, and the scorers of the outputs. See the [module](super).
pub struct Evaluation<In, Expected, Out> {
    name: String,
    cases: Vec<Case<In, Expected>>,
    scorers: Vec<Named<In, Expected, Out>>,
    concurrency: usize,
    config: Config,
    prices: PriceTable,
    required: f64,
}

/// A scorer, its name, and the score that passes.
struct Named<In, Expected, Out> {
    name: String,
    scorer: Box<dyn DynScorer<In, Expected, Out>>,
    pass_mark: f64,
}

impl<In, Expected, Out> Evaluation<In, Expected, Out> {
    /// Creates an evaluation.
    pub fn new(name: impl Into<String>, data: Dataset<In, Expected>) -> Self {
        Evaluation {
            name: name.into(),
            cases: data.into_cases(),
            scorers: Vec::new(),
            concurrency: CONCURRENCY,
            config: Config::new(),
            prices: PriceTable::default(),
            required: 1.0,
        }
    }

    /// Adds a function that scores an output: a `bool`, a number from 0 to 1, or a [`Score`] with a reason.
    pub fn score<S, F>(self, name: impl Into<String>, score: F) -> Self
    where
        In: Sync,
        Expected: Sync,
        Out: Sync,
        S: Into<Score>,
        F: Fn(&Case<In, Expected>, &Out) -> S + Send + Sync + 'static,
    {
        self.scorer(name, Function(score))
    }

    /// Adds a [`Scorer`]. The name is the column of reports. A scorer of the same name is replaced.
    pub fn scorer(mut self, name: impl Into<String>, scorer: impl Scorer<In, Expected, Out> + 'static) -> Self {
        let named = Named { name: name.into(), scorer: Box::new(scorer), pass_mark: PASS_MARK };
        self.scorers.retain(|other| other.name != named.name);
        self.scorers.push(named);
        self
    }

    /// Sets the score with which a case passes, of the scorer that was added last. The default is 0.5.
    pub fn pass_mark(mut self, mark: f64) -> Self {
        if let Some(last) = self.scorers.last_mut() {
            last.pass_mark = mark;
        }
        self
    }

    /// Sets how many cases are in flight at once. The default is 8, the least is 1.
    pub fn concurrency(mut self, cases: usize) -> Self {
        self.concurrency = cases.max(1);
        self
    }

    /// Sets the configuration of each run of the chain: a deadline, tags, a budget.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets the prices for the cost. The default are those of the built-in table.
    pub fn prices(mut self, prices: PriceTable) -> Self {
        self.prices = prices;
        self
    }

    /// Sets the part of the cases that has to pass for [`Report::exit_code`] to be a success, from 0 to 1. The default is 1.
    pub fn required(mut self, part: f64) -> Self {
        self.required = part;
        self
    }

    /// Runs the chain on each case and scores its output. The report has the cases in their order, however they end.
    ///
    /// A run that fails or panics is a failed case. So is one whose scorer fails. Dropping the future cancels all runs.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] if there is no scorer, or an input cannot be written as JSON.
    pub async fn run<R>(&self, chain: &R) -> Result<Report>
    where
        In: Clone + Serialize + Send + Sync,
        Expected: Serialize + Sync,
        Out: Serialize + Sync,
        R: Runnable<In, Output = Out>,
    {
        if self.scorers.is_empty() {
            return Err(Error::new(
                ErrorKind::BadInput,
                "an evaluation needs a scorer: `.scorer(\"exact\", scorer::exact())`",
            ));
        }
        let mut cases: Vec<(usize, CaseReport)> = stream::iter(self.cases.iter().enumerate())
            .map(|(place, case)| async move { self.case(chain, case).await.map(|report| (place, report)) })
            .buffer_unordered(self.concurrency)
            .collect::<Vec<_>>()
            .await
            .into_iter()
            .collect::<Result<_>>()?;
        cases.sort_by_key(|(place, _)| *place);
        let scorers = self.scorers.iter().map(|scorer| scorer.name.clone()).collect();
        Ok(Report::new(self.name.clone(), scorers, self.required, cases.into_iter().map(|(_, case)| case).collect()))
    }

    async fn case<R>(&self, chain: &R, case: &Case<In, Expected>) -> Result<CaseReport>
    where
        In: Clone + Serialize + Send + Sync,
        Expected: Serialize + Sync,
        Out: Serialize + Sync,
        R: Runnable<In, Output = Out>,
    {
        let json = |value: serde_json::Result<Value>, what: &str| {
            value.map_err(|error| {
                Error::from(error).while_doing(format!("writing the {what} of the case {:?}", case.id))
            })
        };
        let (drawing, spending) = (Drawing::new(&case.id), Spending::new());
        let config = self.config.clone().observe(drawing.clone()).with(spending.clone());
        let mut report = CaseReport {
            id: case.id.clone(),
            input: json(serde_json::to_value(&case.input), "input")?,
            expected: json(serde_json::to_value(&case.expected), "expected output")?,
            ..CaseReport::default()
        };
        let begun = Instant::now();
        let run = AssertUnwindSafe(chain.invoke_with(case.input.clone(), config)).catch_unwind().await;
        let outcome = run.unwrap_or_else(|panic| Err(Error::panicked("the chain", &*panic)));
        report.seconds = begun.elapsed().as_secs_f64();
        match outcome {
            Ok(output) => {
                report.output = json(serde_json::to_value(&output), "output")?;
                let judging = Spending::new();
                let cx = Context::new().configured(&self.config.clone().with(judging.clone()));
                let mut failed = Vec::new();
                for scorer in &self.scorers {
                    match scorer.scorer.score_boxed(case, &output, &cx).await {
                        Ok(score) => {
                            if score.value() < scorer.pass_mark {
                                failed.push(scorer.name.clone());
                            }
                            report.scores.insert(scorer.name.clone(), score);
                        }
                        Err(error) => {
                            report.error = Some(format!("the scorer {:?}: {error}", scorer.name));
                            failed.push(scorer.name.clone());
                        }
                    }
                }
                report.failed = failed;
                report.judging_cost = judging.cost(&self.prices).map(Cost::as_dollars);
            }
            Err(error) => {
                report.error = Some(error.to_string());
                report.failed = self.scorers.iter().map(|scorer| scorer.name.clone()).collect();
            }
        }
        let usage = spending.usage();
        report.tokens = usage.input_tokens + usage.output_tokens;
        report.cost = spending.cost(&self.prices).map(Cost::as_dollars);
        report.drawing = (!report.passed()).then(|| drawing.svg());
        Ok(report)
    }
}

impl<In, Expected, Out> std::fmt::Debug for Evaluation<In, Expected, Out> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scorers: BTreeMap<_, _> = self.scorers.iter().map(|scorer| (&scorer.name, scorer.pass_mark)).collect();
        f.debug_struct("Evaluation")
            .field("name", &self.name)
            .field("cases", &self.cases.len())
            .field("scorers", &scorers)
            .finish_non_exhaustive()
    }
}
