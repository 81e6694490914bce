//! What chains cost in services: memory of many runs at once, requests over HTTP, models under load, the start of a program.

mod child;
mod compare_models;
mod comparison;
mod http;
mod in_flight;
mod load;
mod processor;
mod shapes;
mod start;
mod under_load;

pub use comparison::{Comparison, Metric, Unit};

/// How it is measured.
pub struct Settings<'a> {
    pub rounds: usize,
    /// Whether valgrind is here, and wanted.
    pub instructions: bool,
    pub wants: &'a dyn Fn(&str) -> bool,
}

/// What comes of a case, or why it cannot be measured here.
type Measure = fn(&Settings<'_>) -> Result<Vec<Comparison>, String>;

/// All comparisons that are wanted; each is printed when it is there. What cannot be measured here is said.
pub fn all(settings: &Settings<'_>) -> Vec<Comparison> {
    let cases: [(&str, Measure); 5] = [
        (in_flight::NAME, in_flight::compare),
        (under_load::NAME, under_load::compare),
        (http::NAME, http::compare),
        (compare_models::NAME, compare_models::compare),
        (start::NAME, start::compare),
    ];
    let mut comparisons = Vec::new();
    for (name, compare) in cases.into_iter().filter(|(name, _)| (settings.wants)(name)) {
        match compare(settings) {
            Ok(measured) => {
                measured.iter().for_each(|comparison| print!("{}", comparison.table()));
                comparisons.extend(measured);
            }
            Err(why) => println!("SKIPPED: {name}, for {why}"),
        }
    }
    comparisons
}
