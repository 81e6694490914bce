//! The names of faults on a command line.

use std::{fmt, str::FromStr, time::Duration};

use serde_json::json;

use super::{BadBody, Fault};

/// The names, with their descriptions.
const NAMES: [(&str, &str); 19] = [
    ("slow", "the first byte comes a second late"),
    ("hang", "no byte ever comes"),
    ("vanish", "closed before the first byte"),
    ("stall", "stops sending after two chunks"),
    ("cut", "the connection is dropped after two chunks"),
    ("cut-event", "like cut, in the middle of an event"),
    ("early-end", "ends cleanly after two chunks"),
    ("no-end-mark", "the whole stream without the mark of its end"),
    ("malformed", "an event that is not JSON"),
    ("error-event", "the provider's error event after two chunks"),
    ("split", "characters split over packets"),
    ("html", "200 with an HTML page"),
    ("json", "200 with other JSON"),
    ("half", "200 with half of a JSON"),
    ("nothing", "200 with an empty body"),
    ("empty", "an answer without content"),
    ("refusal", "the model refuses"),
    ("arguments", "a tool's arguments are cut off"),
    ("huge", "an answer of a megabyte"),
];

/// The error of an unknown name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFault(String);

impl fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no fault `{}`: it is a status such as 429 or 429:2 (retry after 2 seconds)", self.0)?;
        NAMES.iter().try_for_each(|(name, _)| write!(f, ", {name}"))
    }
}

impl std::error::Error for UnknownFault {}

impl Fault {
    /// Returns the names that [`FromStr`] accepts, with their descriptions. It also accepts statuses such as `429`,
    /// with an optional delay before a retry in seconds, `429:2`.
    pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
        NAMES.into_iter()
    }
}

/// Parses the [name](Fault::names) of a fault.
///
/// ```
/// use catena_llm::simulator::Fault;
///
/// assert_eq!("cut".parse(), Ok(Fault::Cut { after: 2 }));
/// assert_eq!("500".parse(), Ok(Fault::from(Fault::status(500))));
/// assert!("gremlins".parse::<Fault>().is_err());
/// ```
impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        let after = 2;
        Ok(match name {
            "slow" => Fault::Slow(Duration::from_secs(1)),
            "hang" => Fault::Hang,
            "vanish" => Fault::Vanish,
            "stall" => Fault::Stall { after },
            "cut" => Fault::Cut { after },
            "cut-event" => Fault::CutEvent { after },
            "early-end" => Fault::EarlyEnd { after },
            "no-end-mark" => Fault::NoEndMark,
            "malformed" => Fault::MalformedEvent { after },
            "error-event" => Fault::ErrorEvent { after },
            "split" => Fault::SplitUtf8,
            "html" => Fault::html_body(),
            "json" => Fault::Body(BadBody::Json(json!({"status": "ok"}))),
            "half" => Fault::malformed_body(),
            "nothing" => Fault::empty_body(),
            "empty" => Fault::EmptyAnswer,
            "refusal" => Fault::Refusal,
            "arguments" => Fault::TruncatedArguments,
            "huge" => Fault::Huge(1 << 20),
            _ => return status(name).ok_or_else(|| UnknownFault(name.to_owned())),
        })
    }
}

fn status(name: &str) -> Option<Fault> {
    let (code, after) = name.split_once(':').map_or((name, None), |(code, after)| (code, Some(after)));
    let code: u16 = code.parse().ok().filter(|code| (400..600).contains(code))?;
    let status = Fault::status(code);
    Some(match after {
        Some(after) => status.retry_after(Duration::try_from_secs_f64(after.parse().ok()?).ok()?).into(),
        None => status.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_fault_and_nothing_else_is() {
        for (name, _) in Fault::names() {
            assert!(name.parse::<Fault>().is_ok(), "{name}");
        }
        let after = Fault::status(429).retry_after(Duration::from_millis(500));
        assert_eq!("429:0.5".parse(), Ok(Fault::from(after)));
        for name in ["", "200", "42", "429:", "429:-1", "429:soon", "Cut", "cut "] {
            let error = name.parse::<Fault>().unwrap_err();
            assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
        }
    }
}
