//! The error of every step: one thin concrete type that knows where it happened and whether trying again makes sense.
//!
//! | file | contents |
//! |---|---|
//! | [`kind`] | sorts of failures |
//! | [`path`] | the path of the step that failed |
//! | [`report`] | an error and its causes as text |

mod kind;
pub(crate) mod path;
mod report;

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

pub use kind::ErrorKind;
use path::Path;
pub use path::Segment;
pub use report::StdError;

/// The result of a step. The second parameter is there so that this alias can stand in for the one of `std`.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Arc<dyn std::error::Error + Send + Sync>;

/// What went wrong in a chain: the kind, the path of the step, the attempts made, what was being done, and the original.
///
/// It is one pointer wide, cheap to clone (a settled field of a parallel map may be copied with its record), and made
/// from any `std` error by `?`. It does not implement [`std::error::Error`] itself, which is what makes that conversion
/// possible; it converts into `Box<dyn std::error::Error + Send + Sync>`, so `?` carries it out of a `main` too.
///
/// `Display` is one readable line, `Debug` the whole story.
///
/// ```
/// use catena::{Error, ErrorKind};
///
/// let number = || -> catena::Result<u32> { Ok("seven".parse()?) };
/// let error = number().unwrap_err();
/// assert_eq!(error.kind(), &ErrorKind::Step);
/// assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// ```
#[derive(Clone)]
pub struct Error(Arc<Story>);

#[derive(Clone)]
struct Story {
    kind: ErrorKind,
    message: Cow<'static, str>,
    /// What was being done, outermost last: "asking claude-sonnet".
    doing: Vec<Cow<'static, str>>,
    /// Every enclosing combinator pushes its segment on the way out.
    path: Path,
    /// The name of the step that it has just come out of. What is around the step puts a segment for it into the path; if
    /// that is a step which called it by itself, this name is the segment.
    own: Option<Cow<'static, str>>,
    attempts: u32,
    retryable: Option<bool>,
    /// Whether fallbacks and retries may recover from it, whatever its kind.
    recoverable: bool,
    source: Option<Source>,
    others: Vec<Error>,
    /// In a stream, an error passes through the steps after the one that failed: this keeps them from signing it. How
    /// many sequences deep it is in such steps.
    signed: u32,
}

impl Error {
    /// An error of this kind, with a message that says what is wrong and, where possible, what to do.
    #[cold]
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Error(Arc::new(Story {
            kind,
            message: message.into(),
            doing: Vec::new(),
            path: Path::default(),
            own: None,
            attempts: 0,
            retryable: None,
            recoverable: false,
            source: None,
            others: Vec::new(),
            signed: 0,
        }))
    }

    /// A step's own failure, from a message alone.
    ///
    /// ```
    /// let error = catena::Error::msg("the ledger does not balance");
    /// assert!(error.is_retryable());
    /// ```
    #[cold]
    pub fn msg(message: impl Into<Cow<'static, str>>) -> Self {
        Error::new(ErrorKind::Step, message)
    }

    /// An error of this kind made from another one, which is kept as its source.
    #[cold]
    pub fn from_source<E>(kind: ErrorKind, source: E) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let message = source.to_string();
        Error::new(kind, message).with_source(source)
    }

    /// Keep the original error.
    pub fn with_source<E>(mut self, source: E) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        self.story().source = Some(Arc::new(source));
        self
    }

    /// Say what was being done when it happened, as the end of the phrase "while ..".
    ///
    /// ```
    /// let error = catena::Error::msg("disk full").while_doing("saving the answer");
    /// assert_eq!(error.to_string(), "disk full (while saving the answer)");
    /// ```
    pub fn while_doing(mut self, what: impl Into<Cow<'static, str>>) -> Self {
        self.story().doing.push(what.into());
        self
    }

    /// Decide whether a retry makes sense, where the kind alone would decide wrongly.
    pub fn with_retryable(mut self, retryable: bool) -> Self {
        self.story().retryable = Some(retryable);
        self
    }

    /// Attach the errors of the alternatives that failed as well.
    pub fn with_others(mut self, others: impl IntoIterator<Item = Error>) -> Self {
        self.story().others.extend(others);
        self
    }

    /// State how often the step was tried.
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.story().attempts = attempts;
        self
    }

    /// Let fallbacks and retries recover, where the kind alone would forbid it.
    #[doc(hidden)]
    pub fn with_recoverable(mut self) -> Self {
        self.story().recoverable = true;
        self
    }

    /// Whether a fallback or a retry may take over.
    pub(crate) fn is_recoverable(&self) -> bool {
        self.0.recoverable || !matches!(self.0.kind, ErrorKind::Recursion { .. })
    }

    /// What sort of failure it is.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The message alone, without path and attempts.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What was being done, innermost first.
    pub fn doing(&self) -> impl Iterator<Item = &str> {
        self.0.doing.iter().map(AsRef::as_ref)
    }

    /// Where in the chain it happened, outermost first: `compare.<claude>.sonnet`. Empty outside a chain.
    ///
    /// If a sequence has several steps of one name, the second of them is `trim#2`, the third `trim#3`. A step that another step
    /// calls stands after that one: `agent.search`.
    pub fn path(&self) -> String {
        path::render(self.segments())
    }

    /// The path as its parts, outermost first.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.0.path.segments()
    }

    /// How often the step was tried in all; at least 1.
    pub fn attempts(&self) -> u32 {
        self.0.attempts.max(1)
    }

    /// Whether the same call may succeed later: a timeout, a rate limit, an outage, an unreadable answer, a step's own
    /// error. Never for bad input, missing credentials, a passed deadline, a cancelled run or runaway recursion.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable.unwrap_or(self.0.kind.is_retryable())
    }

    /// How long the provider asked to wait before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.0.kind {
            ErrorKind::RateLimited { retry_after } | ErrorKind::Unavailable { retry_after } => retry_after,
            _ => None,
        }
    }

    /// What the model said, where the failure is that it could not be read.
    pub fn raw_output(&self) -> Option<&str> {
        match &self.0.kind {
            ErrorKind::Parse { raw } => Some(raw),
            _ => None,
        }
    }

    /// The error this one was made from.
    pub fn source(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.0.source.as_deref()
    }

    /// The other alternatives' errors: of a fallback or a race in which all failed.
    pub fn others(&self) -> &[Error] {
        &self.0.others
    }

    /// The original of this type, looked for among the source and its own sources.
    pub fn downcast_ref<E: std::error::Error + 'static>(&self) -> Option<&E> {
        let mut next = self.0.source.as_deref().map(|e| e as &(dyn std::error::Error + 'static));
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }

    /// This error as a [`std::error::Error`]; `?` does the same where a boxed one is expected.
    pub fn into_std(self) -> StdError {
        StdError(self)
    }

    /// Put a segment in front of the path; for steps that run other steps. It stands for the step that the error comes out of.
    pub fn at(mut self, segment: Segment) -> Self {
        let story = self.story();
        story.own = None;
        story.path.push(segment);
        self
    }

    /// With another segment in place of the outermost.
    pub(crate) fn with_outermost(mut self, segment: Segment) -> Self {
        self.story().path.replace_last(segment);
        self
    }

    /// The error comes out of a step of this name, which is put into the path only if what is around it is a step. The name of
    /// a step inside this one, if it has called that by itself, is.
    #[doc(hidden)]
    pub fn out_of(self, name: Option<impl Into<Cow<'static, str>>>) -> Self {
        let mut error = self.called().sign(0);
        if let Some(name) = name {
            error.story().own = Some(name.into());
        }
        error
    }

    /// The error comes out of a step that was called by what it is in, which puts no segment for it into the path.
    #[doc(hidden)]
    pub fn called(mut self) -> Self {
        if self.0.own.is_some() {
            let story = self.story();
            if let Some(own) = story.own.take() {
                story.path.push(Segment::Step(own));
            }
        }
        self
    }

    /// The error comes out of a step that others know by this name.
    pub(crate) fn known_as(mut self, name: Option<&str>) -> Self {
        if self.0.own.as_deref() != name
            && let Some(name) = name
        {
            self.story().own = Some(name.to_owned().into());
        }
        self
    }

    pub(crate) fn signed(&self) -> u32 {
        self.0.signed
    }

    pub(crate) fn sign(mut self, signed: u32) -> Self {
        if self.0.signed != signed {
            self.story().signed = signed;
        }
        self
    }

    fn story(&mut self) -> &mut Story {
        Arc::make_mut(&mut self.0)
    }
}

/// How much of a message the one-line form shows; `Debug` shows it all.
const LINE: usize = 400;

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.path.is_empty() {
            write!(f, "{}: ", one_line(&self.path()))?;
        }
        let message = one_line(&self.0.message);
        match message.char_indices().nth(LINE) {
            Some((end, _)) => write!(f, "{}…", &message[..end])?,
            None => f.write_str(&message)?,
        }
        for doing in &self.0.doing {
            write!(f, " (while {})", one_line(doing))?;
        }
        if self.0.attempts > 1 {
            write!(f, " (after {} attempts)", self.0.attempts)?;
        }
        match self.0.others.len() {
            0 => Ok(()),
            1 => write!(f, " (the alternative failed too)"),
            n => write!(f, " ({n} alternatives failed too)"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        report::write(self, f, 0)
    }
}

impl<E> From<E> for Error
where
    E: std::error::Error + Send + Sync + 'static,
{
    #[cold]
    fn from(source: E) -> Self {
        // An `Error` that left as a std error and comes back is itself again, not its own source.
        let any: &dyn std::any::Any = &source;
        match any.downcast_ref::<StdError>() {
            Some(StdError(error)) => error.clone(),
            None => Error::from_source(ErrorKind::Step, source),
        }
    }
}

impl From<Error> for Box<dyn std::error::Error + Send + Sync> {
    fn from(error: Error) -> Self {
        Box::new(error.into_std())
    }
}

impl From<Error> for Box<dyn std::error::Error> {
    fn from(error: Error) -> Self {
        Box::new(error.into_std())
    }
}

/// As a JSON object for logs and `--json` outputs: kind, path, message, attempts, and the others.
impl serde::Serialize for Error {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("Error", 5)?;
        out.serialize_field("kind", self.kind().name())?;
        out.serialize_field("path", &self.path())?;
        out.serialize_field("message", self.message())?;
        out.serialize_field("attempts", &self.attempts())?;
        out.serialize_field("others", self.others())?;
        out.end()
    }
}
