use catena::{Error, ErrorKind, Result};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::{collections::HashSet, fs, path::Path};

/// A case of a [`Dataset`]: an input, and the output that is expected.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Case<In, Expected = ()> {
    /// The name of the case, unique in its data set. In a file it may be left out: it is then the number of the line.
    #[serde(default)]
    pub id: String,
    /// The input of the chain.
    pub input: In,
    /// The expected output, or whatever scorers compare with.
    pub expected: Expected,
    /// All other fields of the line.
    #[serde(flatten)]
    pub metadata: Map<String, Value>,
}

/// The cases of an [`Evaluation`](super::Evaluation).
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset<In, Expected = ()> {
    cases: Vec<Case<In, Expected>>,
}

impl<In, Expected> Dataset<In, Expected> {
    /// Creates a data set of pairs of an input and an expected output. The ids are `1`, `2`, ..
    pub fn new(pairs: impl IntoIterator<Item = (In, Expected)>) -> Self {
        let cases = pairs.into_iter().zip(1_u64..).map(|((input, expected), number)| Case {
            id: number.to_string(),
            input,
            expected,
            metadata: Map::new(),
        });
        Dataset { cases: cases.collect() }
    }

    /// Reads cases as JSONL: a line for each, `{"id": "a", "input": .., "expected": ..}`. Empty lines are skipped. If
    /// nothing is expected, `Expected` is `Option<..>` or `()`, written as `null`.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] with the number of the line, if it is not such a case, or if its id is used twice. A set
    /// without cases is an error, too.
    pub fn parse(text: &str) -> Result<Self>
    where
        In: DeserializeOwned,
        Expected: DeserializeOwned,
    {
        let bad =
            |line: usize, why: String| Error::new(ErrorKind::BadInput, format!("line {line} of the data set: {why}"));
        let mut cases = Vec::new();
        let mut ids = HashSet::new();
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            if line.trim().is_empty() {
                continue;
            }
            let mut case: Case<In, Expected> =
                serde_json::from_str(line).map_err(|error| bad(number, error.to_string()))?;
            if case.id.is_empty() {
                case.id = number.to_string();
            }
            if !ids.insert(case.id.clone()) {
                return Err(bad(number, format!("another case has the id {:?}", case.id)));
            }
            cases.push(case);
        }
        if cases.is_empty() {
            return Err(Error::new(ErrorKind::BadInput, "the data set has no cases"));
        }
        Ok(Dataset { cases })
    }

    /// Reads a file of [JSONL](Self::parse).
    ///
    /// # Errors
    /// Those of [`parse`](Self::parse), and if the file cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self>
    where
        In: DeserializeOwned,
        Expected: DeserializeOwned,
    {
        let path = path.as_ref();
        let doing = || format!("reading the data set {}", path.display());
        let text = fs::read_to_string(path).map_err(|error| Error::from(error).while_doing(doing()))?;
        Self::parse(&text).map_err(|error| error.while_doing(doing()))
    }

    /// Returns the cases.
    pub fn cases(&self) -> &[Case<In, Expected>] {
        &self.cases
    }

    pub(super) fn into_cases(self) -> Vec<Case<In, Expected>> {
        self.cases
    }
}
