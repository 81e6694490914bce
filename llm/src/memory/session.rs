//! The session of a turn.

use catena::{ConfigKey, Context, Error, ErrorKind, Keys, Result};
use std::borrow::Cow;

/// The session of a run: the conversation that its steps [with a history](super::HistoryExt::with_history) continue.
///
/// There is no default. A run without a session fails, so that no user can get the conversation of another.
pub static SESSION: ConfigKey<Option<String>> =
    ConfigKey::new("session_id", None).title("Session ID").describe("the conversation to continue");

/// The source of a session's id. A text is the same for all runs; a key is set by each run. Several keys can be
/// combined, such as one for the user and one for the conversation.
///
/// ```
/// use catena::ConfigKey;
/// use catena_llm::memory::{SESSION, Session};
///
/// static USER: ConfigKey<Option<String>> = ConfigKey::new("user_id", None);
/// static CONVERSATION: ConfigKey<Option<String>> = ConfigKey::new("conversation_id", None);
///
/// let fixed = Session::from("terminal");
/// let of_the_run = Session::from(&SESSION);
/// let of_both = Session::from([&USER, &CONVERSATION]);
/// # let _ = (fixed, of_the_run, of_both);
/// ```
#[derive(Clone, Debug)]
pub struct Session(From);

#[derive(Clone, Debug)]
enum From {
    Fixed(String),
    Key(&'static ConfigKey<Option<String>>),
    Keys(Vec<&'static ConfigKey<Option<String>>>),
}

impl Session {
    /// Returns the id of the session in a run.
    ///
    /// For several keys it is a JSON array of their values, `["anna","c1"]`, so that different values never result in
    /// the same id. A single value that begins with `[` becomes such an array too: a client that sets a key cannot name
    /// the session of several.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] if a key is not set, or has a blank value.
    pub fn id<'a>(&'a self, cx: &'a Context) -> Result<Cow<'a, str>> {
        match &self.0 {
            From::Fixed(session) if session.trim().is_empty() => {
                Err(Error::new(ErrorKind::BadInput, "the session of this history has a blank id"))
            }
            From::Fixed(session) => Ok(session.into()),
            From::Key(key) => match value(key, cx)? {
                array if array.starts_with('[') => Ok(serde_json::to_string(&[array])?.into()),
                session => Ok(session.into()),
            },
            From::Keys(keys) => {
                let values: Vec<&str> = keys.iter().map(|key| value(key, cx)).collect::<Result<_>>()?;
                Ok(serde_json::to_string(&values)?.into())
            }
        }
    }

    pub(super) fn keys(&self, keys: &mut Keys) {
        match &self.0 {
            From::Fixed(_) => {}
            From::Key(key) => keys.add(key),
            From::Keys(all) => all.iter().for_each(|key| keys.add(key)),
        }
    }
}

fn value<'a>(key: &'static ConfigKey<Option<String>>, cx: &'a Context) -> Result<&'a str> {
    let missing = |what: &str| {
        let id = key.id();
        let message = format!("{what} session for this history: set `{id}`, as by `Config::new().set(&.., Some(..))`");
        Error::new(ErrorKind::BadInput, message)
    };
    match cx.set_value(key) {
        Some(Some(session)) if session.trim().is_empty() => Err(missing("a blank text is no")),
        Some(Some(session)) => Ok(session),
        _ => Err(missing("there is no")),
    }
}

impl std::convert::From<&str> for Session {
    fn from(session: &str) -> Self {
        Session(From::Fixed(session.to_owned()))
    }
}

impl std::convert::From<String> for Session {
    fn from(session: String) -> Self {
        Session(From::Fixed(session))
    }
}

impl std::convert::From<&'static ConfigKey<Option<String>>> for Session {
    fn from(key: &'static ConfigKey<Option<String>>) -> Self {
        Session(From::Key(key))
    }
}

impl<const N: usize> std::convert::From<[&'static ConfigKey<Option<String>>; N]> for Session {
    fn from(keys: [&'static ConfigKey<Option<String>>; N]) -> Self {
        Session(From::Keys(keys.into()))
    }
}
