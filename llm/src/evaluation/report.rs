use super::{Comparison, Score, html, table};
use catena::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, fmt, fs, path::Path, process::ExitCode};

/// The version of the JSON.
const VERSION: u32 = 1;

/// The result of an [`Evaluation`](super::Evaluation). `Display` is a table for a terminal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    version: u32,
    name: String,
    scorers: Vec<String>,
    required: f64,
    cases: Vec<CaseReport>,
}

/// The outcome of a case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CaseReport {
    /// The id of the case.
    pub id: String,
    /// The input.
    pub input: Value,
    /// The expected output.
    pub expected: Value,
    /// The output, or null if the run failed.
    pub output: Value,
    /// The error of the run, or of a scorer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The scores, by the name of the scorer.
    pub scores: BTreeMap<String, Score>,
    /// The names of the scorers that the case did not pass. All of them, if the run failed.
    #[serde(default)]
    pub failed: Vec<String>,
    /// The time of the run, in seconds.
    pub seconds: f64,
    /// The tokens of the run, in and out.
    pub tokens: u64,
    /// The cost of the run in dollars, or `None` if the price of a model is unknown.
    pub cost: Option<f64>,
    /// The cost of the models that judged.
    pub judging_cost: Option<f64>,
    /// The drawing of the run, as SVG, if the case failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawing: Option<String>,
}

impl CaseReport {
    /// Returns `true` if the run gave an output, and all scorers passed it.
    pub fn passed(&self) -> bool {
        self.error.is_none() && self.failed.is_empty()
    }
}

impl Report {
    pub(super) fn new(name: String, scorers: Vec<String>, required: f64, cases: Vec<CaseReport>) -> Self {
        Report { version: VERSION, name, scorers, required, cases }
    }

    /// Returns the name of the evaluation.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the names of the scorers, in their order.
    pub fn scorers(&self) -> &[String] {
        &self.scorers
    }

    /// Returns the outcomes, in the order of the data set.
    pub fn cases(&self) -> &[CaseReport] {
        &self.cases
    }

    /// Returns the number of cases that passed.
    pub fn passed(&self) -> usize {
        self.cases.iter().filter(|case| case.passed()).count()
    }

    /// Returns the mean score of a scorer, over all cases. A case without that score counts as 0. `None` if there is no such
    /// scorer, or no case.
    #[allow(clippy::cast_precision_loss, reason = "a mean of fewer than 2^52 cases")]
    pub fn mean(&self, scorer: &str) -> Option<f64> {
        let known = self.scorers.iter().any(|name| name == scorer) && !self.cases.is_empty();
        let sum: f64 = self.cases.iter().filter_map(|case| case.scores.get(scorer)).map(Score::value).sum();
        known.then(|| sum / self.cases.len() as f64)
    }

    /// Returns the cost of all runs in dollars, without that of judges. `None` if one of them is unknown.
    pub fn cost(&self) -> Option<f64> {
        self.cases.iter().map(|case| case.cost).sum()
    }

    /// Returns success if enough cases passed: by default all, or [the required part](super::Evaluation::required).
    #[allow(clippy::cast_precision_loss, reason = "a part of fewer than 2^52 cases")]
    pub fn exit_code(&self) -> ExitCode {
        let enough = self.passed() as f64 >= self.required * self.cases.len() as f64;
        if enough { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// Returns a page of HTML: the table, and for each failed case what was expected, what came, and the drawing of its run.
    /// It needs no other file and runs no script.
    pub fn html(&self) -> String {
        html::page(self)
    }

    /// Compares with an earlier run of the same data set, case by case.
    pub fn compare(&self, before: &Report) -> Comparison {
        Comparison::new(before, self)
    }

    /// Writes the report as JSON, for [`load`](Self::load).
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let json = serde_json::to_string_pretty(self)?;
        fs::write(path, json).map_err(|error| Error::from(error).while_doing(format!("writing {}", path.display())))
    }

    /// Reads a report that was [saved](Self::save).
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] if the file is not a report, or is of a newer version; and if it cannot be read.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let path = path.as_ref();
        let doing = || format!("reading the report {}", path.display());
        let text = fs::read_to_string(path).map_err(|error| Error::from(error).while_doing(doing()))?;
        let bad = |why: String| Error::new(ErrorKind::BadInput, why).while_doing(doing());
        let Versioned { version } = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
        if version > VERSION {
            return Err(bad(format!("it is of version {version}, and this program knows {VERSION}")));
        }
        serde_json::from_str(&text).map_err(|error| bad(error.to_string()))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table::write(self, f)
    }
}
