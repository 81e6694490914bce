use super::{CaseReport, Report, table::number};
use catena::__private::visible;
use std::{collections::HashMap, fmt};

/// The difference between two runs of an evaluation; created by [`Report::compare`]. `Display` is in words.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// The ids of cases that passed before and fail now.
    pub broken: Vec<String>,
    /// The ids of cases that failed before and pass now.
    pub mended: Vec<String>,
    /// The ids of cases that are new.
    pub added: Vec<String>,
    /// The ids of cases that are gone.
    pub gone: Vec<String>,
    /// The mean of each scorer, before and now. `None` if there was no such scorer.
    pub means: Vec<(String, Option<f64>, Option<f64>)>,
}

impl Comparison {
    pub(super) fn new(before: &Report, now: &Report) -> Self {
        fn by_id(report: &Report) -> HashMap<&str, &CaseReport> {
            report.cases().iter().map(|case| (case.id.as_str(), case)).collect()
        }
        let (old, new) = (by_id(before), by_id(now));
        let ids = |report: &Report, keep: &dyn Fn(&CaseReport) -> bool| {
            report.cases().iter().filter(|case| keep(case)).map(|case| case.id.clone()).collect::<Vec<_>>()
        };
        let was = |case: &CaseReport, passed: bool| old.get(case.id.as_str()).is_some_and(|old| old.passed() == passed);
        let mut scorers = now.scorers().to_vec();
        scorers.extend(before.scorers().iter().filter(|name| !now.scorers().contains(name)).cloned());
        Comparison {
            broken: ids(now, &|case| was(case, true) && !case.passed()),
            mended: ids(now, &|case| was(case, false) && case.passed()),
            added: ids(now, &|case| !old.contains_key(case.id.as_str())),
            gone: ids(before, &|case| !new.contains_key(case.id.as_str())),
            means: scorers.into_iter().map(|name| (name.clone(), before.mean(&name), now.mean(&name))).collect(),
        }
    }

    /// Returns `true` if a case is broken that passed before.
    pub fn is_worse(&self) -> bool {
        !self.broken.is_empty()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (scorer, before, now) in &self.means {
            writeln!(f, "{}: {} before, {} now", visible(scorer), number(*before), number(*now))?;
        }
        let lists = [("broken", &self.broken), ("mended", &self.mended), ("new", &self.added), ("gone", &self.gone)];
        for (word, ids) in lists.into_iter().filter(|(_, ids)| !ids.is_empty()) {
            let ids: Vec<_> = ids.iter().map(|id| visible(id)).collect();
            writeln!(f, "{word}: {}", ids.join(", "))?;
        }
        Ok(())
    }
}
