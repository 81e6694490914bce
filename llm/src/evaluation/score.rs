use serde::{Deserialize, Serialize};

/// The score of an output, from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    value: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Score {
    /// Creates a score. Values outside of 0 to 1 are clamped; one that is not a number is 0.
    pub fn new(value: f64) -> Self {
        Score { value: if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) }, reason: None }
    }

    /// Sets the reason, which reports show.
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Returns the score, from 0 to 1.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Returns the reason, if the scorer gives one.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

impl From<bool> for Score {
    fn from(right: bool) -> Self {
        Score::new(f64::from(u8::from(right)))
    }
}

impl From<f64> for Score {
    fn from(value: f64) -> Self {
        Score::new(value)
    }
}
