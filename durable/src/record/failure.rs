//! Errors as JSON, and back.

use catena::{Error, ErrorKind, Segment};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// An error that was kept.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Failure {
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    millis: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    message: String,
    #[serde(default)]
    doing: Vec<String>,
    #[serde(default)]
    path: Vec<Place>,
    attempts: u32,
    retryable: bool,
    /// The messages of the sources, outermost first.
    #[serde(default)]
    sources: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    Step(String),
    Field(String),
    Index(usize),
}

/// The source of an error that was kept: its text, for its type does not survive.
#[derive(Debug)]
struct Original {
    message: String,
    source: Option<Box<Original>>,
}

impl fmt::Display for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Original {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Failure {
    pub(crate) fn of(error: &Error) -> Self {
        let (mut time, mut raw, mut limit) = (None, None, None);
        match error.kind() {
            ErrorKind::Timeout { after } => time = Some(millis(*after)),
            ErrorKind::RateLimited { retry_after } | ErrorKind::Unavailable { retry_after } => {
                time = retry_after.map(millis);
            }
            ErrorKind::Parse { raw: text } => raw = Some(text.clone()),
            ErrorKind::Recursion { limit: most } => limit = Some(*most),
            _ => {}
        }
        let first = error.source().map(|source| source as &(dyn std::error::Error + 'static));
        let sources = std::iter::successors(first, |source| source.source()).map(ToString::to_string).collect();
        let place = |segment: &Segment| match segment {
            Segment::Field(name) => Place::Field(name.clone().into_owned()),
            Segment::Index(index) => Place::Index(*index),
            other => Place::Step(other.to_string()),
        };
        Failure {
            kind: error.kind().name().to_owned(),
            millis: time,
            raw,
            limit,
            message: error.message().to_owned(),
            doing: error.doing().map(str::to_owned).collect(),
            path: error.segments().map(place).collect(),
            attempts: error.attempts(),
            retryable: error.is_retryable(),
            sources,
        }
    }

    pub(crate) fn into_error(self) -> Error {
        let time = self.millis.map(Duration::from_millis);
        let kind = match self.kind.as_str() {
            "timeout" => ErrorKind::Timeout { after: time.unwrap_or_default() },
            "deadline" => ErrorKind::Deadline,
            "cancelled" => ErrorKind::Cancelled,
            "rate_limited" => ErrorKind::RateLimited { retry_after: time },
            "unavailable" => ErrorKind::Unavailable { retry_after: time },
            "bad_input" => ErrorKind::BadInput,
            "parse" => ErrorKind::Parse { raw: self.raw.unwrap_or_default() },
            "auth" => ErrorKind::Auth,
            "recursion" => ErrorKind::Recursion { limit: self.limit.unwrap_or_default() },
            "panic" => ErrorKind::Panic,
            _ => ErrorKind::Step,
        };
        let mut error = Error::new(kind, self.message).with_retryable(self.retryable).with_attempts(self.attempts);
        let source =
            self.sources.into_iter().rev().fold(None, |source, message| Some(Box::new(Original { message, source })));
        if let Some(source) = source {
            error = error.with_source(*source);
        }
        error = self.doing.into_iter().fold(error, Error::while_doing);
        self.path.into_iter().rev().fold(error, |error, place| {
            error.at(match place {
                Place::Step(name) => Segment::Step(name.into()),
                Place::Field(name) => Segment::Field(name.into()),
                Place::Index(index) => Segment::Index(index),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_comes_back_with_all_that_a_caller_reads() {
        let original = Original {
            message: "outer".to_owned(),
            source: Some(Box::new(Original { message: "inner".to_owned(), source: None })),
        };
        let error = Error::new(ErrorKind::Parse { raw: "{".to_owned() }, "no JSON")
            .with_source(original)
            .while_doing("reading")
            .with_attempts(3)
            .with_retryable(false)
            .at(Segment::Index(2))
            .at(Segment::Field("a".into()))
            .at(Segment::Step("ask".into()));
        let json = serde_json::to_string(&Failure::of(&error)).unwrap();
        let back = serde_json::from_str::<Failure>(&json).unwrap().into_error();
        assert_eq!(back.to_string(), error.to_string());
        assert_eq!((back.kind(), back.path(), back.attempts()), (error.kind(), error.path(), 3));
        assert!(!back.is_retryable());
        let source = back.source().unwrap();
        assert_eq!(
            (source.to_string(), source.source().unwrap().to_string()),
            ("outer".to_owned(), "inner".to_owned())
        );
    }
}
