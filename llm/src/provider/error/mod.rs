//! Errors of providers, in their words and without keys.
//!
//! | file | contents |
//! |---|---|
//! | this file | faults of the wire and errors of the HTTP client, as errors of this crate |
//! | `failure` | [`ProviderError`], their source |
//! | `body` | the message and the code in an error body |
//! | `kind` | the kinds of errors, by the words of providers |
//! | `text` | bodies and causes as readable text |
//! | `retry_after` | the delay that a provider asks for |

mod body;
mod failure;
mod kind;
mod retry_after;
mod text;

#[cfg(feature = "qdrant")]
pub(crate) use text::{causes, readable};

pub use failure::ProviderError;

use super::{kind::Kind, secret::Redactor};
use crate::{FinishReason, Usage, wire::Fault};
use body::Words;
use catena::{Error, ErrorKind};
use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;
use std::time::Duration;

/// The names that errors mention, and the secrets that they must not mention.
///
/// The HTTP client's errors are not kept as sources, because they may print the URL. Their messages are kept without
/// it.
pub(super) struct ErrorContext {
    pub(super) kind: Kind,
    pub(super) host: String,
    /// The environment variable that the key is from, unless the key was given in code.
    pub(super) key_variable: Option<&'static str>,
    pub(super) redactor: Redactor,
}

/// The headers of OpenAI and most others, Anthropic, Azure, and Cloudflare.
const REQUEST_IDS: [&str; 4] = ["x-request-id", "request-id", "apim-request-id", "cf-ray"];

fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = REQUEST_IDS.iter().find_map(|name| headers.get(*name)?.to_str().ok())?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// Adds the tokens that were reported before the error.
pub(super) fn with_usage(error: Error, usage: Option<Usage>) -> Error {
    let Some(usage) = usage else { return error };
    let failure = error.downcast_ref::<ProviderError>().cloned().unwrap_or_default();
    error.with_source(ProviderError { usage: Some(usage), ..failure })
}

impl ErrorContext {
    /// Converts the fault of a whole body of this content type.
    #[cold]
    pub(super) fn whole(&self, fault: Fault, content_type: &str) -> Error {
        let title = self.kind.title();
        match fault {
            Fault::NotJson { text, .. } if text.trim().is_empty() => {
                self.unreadable(&format!("{title} sent an empty body"), "")
            }
            Fault::NotJson { text, why } if text.trim_start().starts_with(['{', '[']) => {
                self.unreadable(&format!("{title} sent JSON that cannot be read: {why}"), &text)
            }
            Fault::NotJson { text, .. } => {
                let content_type = if content_type.is_empty() { "something" } else { content_type };
                let readable = text::readable(&self.redactor.clean(&text));
                self.unreadable(&format!("{title} sent {content_type} instead of JSON: {readable}"), &text)
            }
            fault => self.streamed(fault),
        }
    }

    /// Converts the fault of a stream.
    #[cold]
    pub(super) fn streamed(&self, fault: Fault) -> Error {
        match fault {
            Fault::Reported(body) => self.reported(&body),
            Fault::NotAnAnswer(body) => self.not_an_answer(&body),
            Fault::NotJson { text, why } => self.broken_event(&why, &text),
            Fault::BadCall { call, why } => {
                let shown = text::short(&self.redactor.clean(&call));
                let message = format!("{} sent a tool call that cannot be read ({why}): {shown}", self.kind.title());
                self.unreadable(&message, &call)
            }
            Fault::Blocked { reason, raw } => {
                let message = format!("{} blocked the prompt ({reason})", self.kind.title());
                self.declined(&message, &reason, &raw)
            }
            Fault::Refused { words } => self.refused(&words, &words),
            Fault::Empty { finish, raw } => self.empty(finish.as_ref(), &raw),
            Fault::Early | Fault::NoEvents { blank: false } => self.early_end(),
            Fault::NoEvents { blank: true } => {
                self.unreadable(&format!("{} sent an empty body", self.kind.title()), "")
            }
            Fault::TooLarge { bound } => self.too_large(&bound),
            Fault::Unsupported(why) => self.error(ErrorKind::BadInput, &why),
        }
    }

    /// Returns the error of a body that exceeds a bound.
    #[cold]
    pub(super) fn too_large(&self, bound: &str) -> Error {
        self.unreadable(&format!("{} sent too much: {bound}", self.kind.title()), "").with_retryable(false)
    }

    /// Returns the error of a server that sends nothing for this long.
    #[cold]
    pub(super) fn silent(&self, limit: Duration) -> Error {
        self.error(ErrorKind::Timeout { after: limit }, &format!("{} sent nothing for {limit:?}", self.host))
    }

    /// Returns the error of a redirect, which is not followed.
    #[cold]
    pub(super) fn redirected(&self, to: Option<&str>) -> Error {
        let to = to.unwrap_or("another place");
        let message = format!(
            "{} redirects to {to}, which is not followed, because the key would be sent there: set the base URL",
            self.host
        );
        self.error(ErrorKind::BadInput, &message)
    }

    /// Returns the error of a response with status 200 whose body is JSON, but neither an answer nor an error.
    #[cold]
    pub(super) fn not_an_answer(&self, body: &Value) -> Error {
        if let Some(reason) = body::blocked(body) {
            let message = format!("{} blocked the prompt ({reason})", self.kind.title());
            return self.error(ErrorKind::BadInput, &message);
        }
        if body::has_error(body) {
            return self.reported(body);
        }
        self.unreadable(&format!("{} sent JSON that is not an answer", self.kind.title()), &body.to_string())
    }

    /// Returns the error of a complete answer without content.
    #[cold]
    pub(super) fn empty(&self, finish: Option<&FinishReason>, raw: &str) -> Error {
        let why = match finish {
            Some(FinishReason::Length) => " (it reached its limit of tokens before it said anything)".to_owned(),
            // A retry would be withheld too.
            Some(reason @ FinishReason::ContentFilter) => {
                let why = body::stopped(raw).map_or_else(String::new, |why| format!(" ({why})"));
                let message = format!("{} withheld the whole answer{why}", self.kind.title());
                return self.declined(&message, reason.as_str(), raw);
            }
            Some(FinishReason::Stop) | None => String::new(),
            Some(reason) => {
                let why = body::stopped(raw).unwrap_or_else(|| reason.to_string());
                format!(" (finish reason {why})")
            }
        };
        self.unreadable(&format!("the answer is empty{why}"), raw)
    }

    /// Returns the error of an answer that the model refused.
    #[cold]
    pub(super) fn refused(&self, words: &str, raw: &str) -> Error {
        let words = text::short(&self.redactor.clean(words));
        self.declined(&format!("the model refused to answer: {words}"), "refusal", raw)
    }

    fn declined(&self, message: &str, code: &str, raw: &str) -> Error {
        let failure =
            ProviderError { code: Some(code.to_owned()), body: self.redactor.clean(raw), ..ProviderError::default() };
        self.error(ErrorKind::BadInput, message).with_source(failure)
    }

    /// Returns the error of a body that has text, but no event.
    #[cold]
    pub(super) fn no_stream(&self, stray: &str) -> Error {
        let readable = text::readable(&self.redactor.clean(stray));
        let message = format!("{} sent something that is not a stream of events: {readable}", self.kind.title());
        self.unreadable(&message, stray)
    }

    /// Returns the error of a stream that ended before the answer was complete.
    #[cold]
    pub(super) fn early_end(&self) -> Error {
        self.unavailable("the stream ended before the answer was complete")
    }

    #[cold]
    pub(super) fn broken_event(&self, why: &str, last: &str) -> Error {
        let last = text::short(&self.redactor.clean(last));
        self.unavailable(&format!("the stream has an event that cannot be read ({why}): {last}"))
    }

    /// Converts an error of the HTTP client.
    #[cold]
    pub(super) fn reqwest(&self, error: &reqwest::Error) -> Error {
        let cause = text::causes(error);
        let ErrorContext { host, .. } = self;
        if error.is_builder() {
            self.error(ErrorKind::BadInput, &format!("the request cannot be made: {cause}"))
        } else if error.is_connect() {
            self.unavailable(&format!("cannot connect to {host}: {cause}"))
        } else if error.is_timeout() {
            self.unavailable(&format!("{host} did not answer within the HTTP client's own limit: {cause}"))
        } else if error.is_body() || error.is_decode() {
            self.unavailable(&format!("the answer broke off: {cause}"))
        } else {
            self.unavailable(&format!("the connection to {host} failed: {cause}"))
        }
    }

    /// Returns the error of a status other than 200.
    #[cold]
    pub(super) fn status(&self, status: StatusCode, raw: &str, headers: &HeaderMap) -> Error {
        let body = serde_json::from_str(raw).unwrap_or_default();
        let words = Words::of(&body);
        let retry_after = retry_after::from_headers(headers).or_else(|| retry_after::from_body(&body));
        let retry_after = retry_after.or_else(|| retry_after::from_words(words.message.as_deref().unwrap_or(raw)));
        let said = words.message.clone().unwrap_or_else(|| text::readable(&self.redactor.clean(raw)));
        let kind = match (status.as_u16(), words.kind()) {
            // Google sends status 400 for a wrong key.
            (400, Some(ErrorKind::Auth)) | (401 | 403, _) => ErrorKind::Auth,
            (429, _) => ErrorKind::RateLimited { retry_after },
            // The last two are those of Groq and of nginx.
            (408 | 409 | 425 | 498 | 499 | 500.., _) => ErrorKind::Unavailable { retry_after },
            _ => ErrorKind::BadInput,
        };
        let title = status
            .canonical_reason()
            .map_or_else(|| status.as_str().to_owned(), |name| format!("{} {name}", status.as_str()));
        let message = match said.as_str() {
            "" => title,
            // Many pages of gateways have no other text.
            said if said.starts_with(&title) => said.to_owned(),
            said => format!("{title}: {said}"),
        };
        let id = request_id(headers).or_else(|| body::request_id(&body));
        self.explained(kind, &message, &words, Some(status.as_u16()), id, raw)
    }

    /// Returns the error in a body or an event after status 200.
    fn reported(&self, body: &Value) -> Error {
        let words = Words::of(body);
        let raw = body.to_string();
        let said = words.message.as_deref().unwrap_or_default();
        let retry_after = retry_after::from_body(body).or_else(|| retry_after::from_words(said));
        let kind = match words.kind().or_else(|| words.kind_of_message()) {
            Some(ErrorKind::RateLimited { .. }) => ErrorKind::RateLimited { retry_after },
            Some(ErrorKind::Unavailable { .. }) | None => ErrorKind::Unavailable { retry_after },
            Some(kind) => kind,
        };
        let said = words.message.clone().unwrap_or_else(|| raw.clone());
        let message = format!("{} gave up: {said}", self.kind.title());
        self.explained(kind, &message, &words, None, body::request_id(body), &raw)
    }

    fn explained(
        &self,
        kind: ErrorKind,
        message: &str,
        words: &Words,
        status: Option<u16>,
        request_id: Option<String>,
        raw: &str,
    ) -> Error {
        let request_id = request_id.map(|id| text::short(&self.redactor.clean(&id)));
        let hint = match (&kind, self.key_variable) {
            (ErrorKind::Auth, Some(variable)) => format!(" (is the key in {variable} right?)"),
            _ => String::new(),
        };
        let code = words.code.as_deref().map(|code| self.redactor.clean(code));
        let body = self.redactor.clean(raw);
        let message = self.redactor.clean(message) + &hint;
        let error =
            Error::new(kind, message).with_source(ProviderError { status, code, body, request_id, usage: None });
        // A retry does not help if the account is out of money.
        if words.is_out_of_money() { error.with_retryable(false) } else { error }
    }

    pub(super) fn unreadable(&self, message: &str, raw: &str) -> Error {
        self.error(ErrorKind::Parse { raw: self.redactor.clean(raw) }, message)
    }

    fn unavailable(&self, message: &str) -> Error {
        self.error(ErrorKind::Unavailable { retry_after: None }, message)
    }

    fn error(&self, kind: ErrorKind, message: &str) -> Error {
        Error::new(kind, self.redactor.clean(message))
    }
}
