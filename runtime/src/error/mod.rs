//! The error of every step: one thin type with the path of the step, and whether a retry makes sense.
//!
//! | file | contents |
//! |---|---|
//! | [`kind`] | the kinds of failures |
//! | [`path`] | the path of the step that failed |
//! | [`original`] | the error that another one was made from |
//! | [`failure`] | errors of any type, for `?` |
//! | [`convert`] | errors of `std` and of others, for `?` |
//! | [`report`] | an error and its causes as text |

mod convert;
pub(crate) mod failure;
mod kind;
mod original;
pub(crate) mod path;
mod report;

use std::{any::Any, backtrace::Backtrace, borrow::Cow, fmt, sync::Arc, time::Duration};

use crate::util::visible::visible;
pub use kind::ErrorKind;
pub use original::BoxError;
use original::Original;
use path::Path;
pub use path::Segment;

/// The result of a step. The second parameter is there so that this alias can stand in for the one of `std`.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The error of a chain: its kind, the path of the step, the number of attempts, what was being done, and the original.
///
/// It is one pointer wide, and a clone copies the pointer. `Display` writes one line, `Debug` everything that is known.
///
/// It is a [`std::error::Error`], so `?` takes it into `anyhow::Result`, `Box<dyn Error>`, or an enum of your own with
/// `#[from] catena::Error`.
///
/// # Errors of other types
/// Functions under `#[runnable]` and closures in `chain!` fail with any error that goes into a
/// `Box<dyn std::error::Error + Send + Sync>`: your own enums, `anyhow::Error`, `String`. A function that returns
/// `catena::Result`, such as a hand-written step, has `?` for the errors of `std` and of `serde_json`, and
/// [`Error::other`] for the rest. The original is not lost: see [`downcast_ref`](Error::downcast_ref) and
/// [`source`](Error::source).
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
    /// The activities during which it occurred, outermost last: "asking claude-sonnet".
    doing: Vec<Cow<'static, str>>,
    /// Every enclosing combinator pushes its segment on the way out.
    path: Path,
    /// The name of the step that it has just come out of. What is around the step puts a segment for it into the path; if
    /// that is a step which called it by itself, this name is the segment.
    own: Option<Cow<'static, str>>,
    attempts: u32,
    retryable: Option<bool>,
    /// `true` if fallbacks and retries may recover from it, whatever its kind.
    recoverable: bool,
    source: Option<Original>,
    others: Vec<Error>,
    /// In a stream, an error passes through the steps after the one that failed: this keeps them from signing it. How
    /// many sequences deep it is in such steps.
    signed: u32,
}

impl Error {
    /// Creates an error of this kind, with a message that says what is wrong and, if possible, what to do.
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

    /// Creates an error of the kind [`ErrorKind::Step`] from a message.
    ///
    /// ```
    /// let error = catena::Error::msg("the ledger does not balance");
    /// assert!(error.is_retryable());
    /// ```
    #[cold]
    pub fn msg(message: impl Into<Cow<'static, str>>) -> Self {
        Error::new(ErrorKind::Step, message)
    }

    /// Creates an error from one of any type, which becomes its source. It is meant for `map_err`, if `?` alone does not
    /// convert the error.
    ///
    /// A [`catena::Error`](Error) is returned as it is. If there is one among the sources, its kind is taken over, and so
    /// is whether a retry makes sense. Otherwise the kind is [`ErrorKind::Step`].
    ///
    /// ```
    /// use catena::Error;
    ///
    /// #[derive(Debug, PartialEq)]
    /// struct Unknown(u32);
    /// impl std::fmt::Display for Unknown {
    ///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    ///         write!(f, "there is no customer {}", self.0)
    ///     }
    /// }
    /// impl std::error::Error for Unknown {}
    ///
    /// fn customer(id: u32) -> catena::Result<String> {
    ///     Err(Unknown(id)).map_err(Error::other)
    /// }
    /// let error = customer(7).unwrap_err();
    /// assert_eq!(error.to_string(), "there is no customer 7");
    /// assert_eq!(error.downcast_ref::<Unknown>(), Some(&Unknown(7)));
    /// ```
    #[cold]
    pub fn other<E: Into<BoxError> + 'static>(error: E) -> Self {
        original::adopt(error)
    }

    /// Creates the error for a panic that was caught: `who` panicked, with the message of the panic.
    ///
    /// ```
    /// use catena::{Error, ErrorKind};
    ///
    /// let panic = std::panic::catch_unwind(|| panic!("out of ink")).unwrap_err();
    /// let error = Error::panicked("the printer", &*panic);
    /// assert_eq!((error.kind(), error.message()), (&ErrorKind::Panic, "the printer panicked: out of ink"));
    /// ```
    #[cold]
    pub fn panicked(who: impl fmt::Display, panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Error::new(ErrorKind::Panic, format!("{who} panicked: {}", text.unwrap_or("without a message")))
    }

    /// Creates an error of this kind from another one, which becomes its source.
    #[cold]
    pub fn from_source<E: Into<BoxError> + 'static>(kind: ErrorKind, source: E) -> Self {
        let source = Original::of(source);
        let mut error = Error::new(kind, source.to_string());
        error.story().source = Some(source);
        error
    }

    /// Sets the original error as the source.
    pub fn with_source<E: Into<BoxError> + 'static>(mut self, source: E) -> Self {
        self.story().source = Some(Original::of(source));
        self
    }

    /// Adds the activity during which it occurred, as the end of the phrase "while ..".
    ///
    /// ```
    /// let error = catena::Error::msg("disk full").while_doing("saving the answer");
    /// assert_eq!(error.to_string(), "disk full (while saving the answer)");
    /// ```
    pub fn while_doing(mut self, what: impl Into<Cow<'static, str>>) -> Self {
        self.story().doing.push(what.into());
        self
    }

    /// Sets whether a retry makes sense, if the kind alone would decide wrongly.
    pub fn with_retryable(mut self, retryable: bool) -> Self {
        self.story().retryable = Some(retryable);
        self
    }

    /// Attaches the errors of the other alternatives that failed.
    pub fn with_others(mut self, others: impl IntoIterator<Item = Error>) -> Self {
        self.story().others.extend(others);
        self
    }

    /// Sets the number of attempts.
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.story().attempts = attempts;
        self
    }

    /// Lets fallbacks and retries recover, even if the kind forbids it.
    #[doc(hidden)]
    pub fn with_recoverable(mut self) -> Self {
        self.story().recoverable = true;
        self
    }

    /// Returns `true` if a fallback or a retry may take over.
    pub(crate) fn is_recoverable(&self) -> bool {
        self.0.recoverable || !matches!(self.0.kind, ErrorKind::Recursion { .. } | ErrorKind::Paused)
    }

    /// Returns the kind of failure.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Returns the message, without the path and the attempts.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the activities during which it occurred, innermost first.
    pub fn doing(&self) -> impl Iterator<Item = &str> {
        self.0.doing.iter().map(AsRef::as_ref)
    }

    /// Returns the path of the step that failed, outermost first: `compare.<claude>.sonnet`. Empty outside a chain.
    ///
    /// If a sequence has several steps of one name, the second of them is `trim#2`, the third `trim#3`. A step that another step
    /// calls stands after that one: `agent.search`.
    pub fn path(&self) -> String {
        path::render(self.segments())
    }

    /// Returns the segments of the path, outermost first.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.0.path.segments()
    }

    /// Returns the number of attempts; at least 1.
    pub fn attempts(&self) -> u32 {
        self.0.attempts.max(1)
    }

    /// Returns `true` if the same call may succeed later: for a timeout, a rate limit, an outage, an unreadable answer, a step's own
    /// error. Never for bad input, missing credentials, a passed deadline, a cancelled run or runaway recursion.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable.unwrap_or(self.0.kind.is_retryable())
    }

    /// Returns the time that the provider asked to wait before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.0.kind {
            ErrorKind::RateLimited { retry_after } | ErrorKind::Unavailable { retry_after } => retry_after,
            _ => None,
        }
    }

    /// Returns the answer of the model, if the failure is that it could not be read.
    pub fn raw_output(&self) -> Option<&str> {
        match &self.0.kind {
            ErrorKind::Parse { raw } => Some(raw),
            _ => None,
        }
    }

    /// Returns the error that this one was made from, like [`std::error::Error::source`], but without an import.
    pub fn source(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.0.source.as_ref().map(Original::get)
    }

    /// Returns the backtrace of the original, if that is an `anyhow::Error` which captured one.
    ///
    /// Needs the feature `anyhow`, which is on by default.
    pub fn backtrace(&self) -> Option<&Backtrace> {
        self.0.source.as_ref()?.backtrace()
    }

    /// Returns the errors of the other alternatives, if all alternatives of a fallback or a race failed.
    pub fn others(&self) -> &[Error] {
        &self.0.others
    }

    /// Returns the original of this type, if it is the source, or one of the source's own sources.
    ///
    /// An original inside an `anyhow::Error` is found too, and so is its context.
    pub fn downcast_ref<E: std::error::Error + Send + Sync + 'static>(&self) -> Option<&E> {
        self.0.source.as_ref()?.downcast_ref()
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

/// The maximum length of a message in the one-line form. `Debug` shows the whole message.
const LINE: usize = 400;

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match visible(&line) {
        Cow::Borrowed(_) => line,
        Cow::Owned(visible) => visible,
    }
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

/// Its source, as a [`std::error::Error`], is the original, so that it is found among the causes. A report with all
/// causes, such as `{:#}` of `anyhow`, therefore repeats its words; `{}` says all of them once.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Error::source(self).map(|error| error as _)
    }
}

/// Serializes the error as a JSON object for logs and `--json` outputs: kind, path, message, attempts, and the others.
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
