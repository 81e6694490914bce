//! The names of spans, attributes and metrics.

use std::env;

/// The version of OpenTelemetry's conventions for generative AI that names spans, attributes and metrics.
///
/// ```
/// use catena_llm::telemetry::Convention;
///
/// assert_eq!(Convention::of_opt_in("http, gen_ai_latest_experimental"), Convention::Latest);
/// assert_eq!(Convention::of_opt_in(""), Convention::Published);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Convention {
    /// Version 1.41 of OpenTelemetry's semantic conventions, the last one that has those for generative AI.
    #[default]
    Published,
    /// Version 0.1 of the conventions for generative AI alone, which go on where 1.41 ends.
    Latest,
}

impl Convention {
    /// The environment variable by which a process opts in to newer names.
    pub const VARIABLE: &str = "OTEL_SEMCONV_STABILITY_OPT_IN";

    /// Returns the convention that the [variable](Convention::VARIABLE) selects.
    pub fn from_env() -> Self {
        env::var(Convention::VARIABLE).map(|list| Convention::of_opt_in(&list)).unwrap_or_default()
    }

    /// Returns the convention that a value of the variable selects: [`Latest`](Convention::Latest) if its list has
    /// `gen_ai_latest_experimental`.
    pub fn of_opt_in(list: &str) -> Self {
        let opts_in = list.split(',').any(|entry| entry.trim() == "gen_ai_latest_experimental");
        if opts_in { Convention::Latest } else { Convention::Published }
    }
}
