//! The settings of TLS, which are taken out of those of a connection: `tokio-postgres` knows no certificates, and not all values of
//! `sslmode`.

use crate::{identity::Identity, ssl_mode::SslMode};
use percent_encoding::percent_decode_str;
use std::path::PathBuf;

/// The roots that sign the certificate of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Roots {
    /// Not set.
    #[default]
    Unset,
    /// Those of the operating system.
    System,
    /// Those of a file in PEM.
    File(PathBuf),
}

/// The settings of a connection.
#[derive(Debug)]
pub(crate) struct Settings {
    /// All that is not about TLS.
    pub(crate) rest: String,
    pub(crate) mode: SslMode,
    pub(crate) roots: Roots,
    /// `None` presents no certificate.
    pub(crate) identity: Option<Identity>,
}

impl Settings {
    /// Parses the settings of TLS in a URL, or in words such as `host=db sslmode=require`. The error says what is wrong, and the cure.
    pub(crate) fn parse(settings: &str) -> Result<Self, String> {
        let (rest, found) = if settings.starts_with("postgres://") || settings.starts_with("postgresql://") {
            split_url(settings)
        } else {
            split_words(settings)
        };
        let (mut mode, mut roots, mut certificate, mut key_file) = (None, Roots::default(), None, None);
        for (key, value) in found {
            match key {
                Key::Mode => mode = Some(mode_of(&value)?),
                Key::Roots if value.is_empty() => roots = Roots::Unset,
                Key::Roots if value == "system" => roots = Roots::System,
                Key::Roots => roots = Roots::File(value.into()),
                Key::Certificate => certificate = Some(value).filter(|file| !file.is_empty()),
                Key::Private => key_file = Some(value).filter(|file| !file.is_empty()),
            }
        }
        let default = if roots == Roots::System { SslMode::VerifyFull } else { SslMode::default() };
        let mode = mode.unwrap_or(default);
        match (mode, &roots) {
            (SslMode::VerifyFull, _) | (_, Roots::File(_)) => {}
            (SslMode::VerifyCa, Roots::Unset) => {
                return Err("`sslmode=verify-ca` needs `sslrootcert=FILE`, the certificates of the roots; \
                    `verify-full` takes those of the system"
                    .to_owned());
            }
            (_, Roots::System) => {
                return Err(format!(
                    "`sslmode={}` is too weak for `sslrootcert=system`, with which anyone can have a certificate: \
                    use `sslmode=verify-full`",
                    mode.name()
                ));
            }
            _ => {}
        }
        let identity = match (certificate, key_file) {
            (Some(certificate), Some(key)) => Some(Identity { certificate: certificate.into(), key: key.into() }),
            (None, None) => None,
            (Some(_), None) => return Err("`sslcert` needs `sslkey=FILE`, the key of the certificate".to_owned()),
            (None, Some(_)) => return Err("`sslkey` needs `sslcert=FILE`, the certificate of the key".to_owned()),
        };
        Ok(Settings { rest, mode, roots, identity })
    }
}

fn mode_of(name: &str) -> Result<SslMode, String> {
    SslMode::of(name).ok_or_else(|| {
        let known = SslMode::ALL.map(|mode| format!("`{}`", mode.name())).join(", ");
        format!("there is no such `sslmode`: it is one of {known}")
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Mode,
    Roots,
    Certificate,
    Private,
}

impl Key {
    fn of(name: &str) -> Option<Self> {
        match name {
            "sslmode" => Some(Key::Mode),
            "sslrootcert" => Some(Key::Roots),
            "sslcert" => Some(Key::Certificate),
            "sslkey" => Some(Key::Private),
            _ => None,
        }
    }
}

type Split = (String, Vec<(Key, String)>);

fn split_url(url: &str) -> Split {
    // A password may have a `?`.
    let host = url.find('@').map_or(0, |at| at + 1);
    let Some(query) = url[host..].find('?').map(|at| host + at) else { return (url.to_owned(), Vec::new()) };
    let mut found = Vec::new();
    let mut rest = Vec::new();
    for pair in url[query + 1..].split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match Key::of(name) {
            Some(key) => found.push((key, percent_decode_str(value).decode_utf8_lossy().into_owned())),
            None => rest.push(pair),
        }
    }
    let mut url = url[..query].to_owned();
    if !rest.is_empty() {
        url.push('?');
        url.push_str(&rest.join("&"));
    }
    (url, found)
}

/// Words that cannot be read stay in the rest, and `tokio-postgres` says why they cannot.
fn split_words(words: &str) -> Split {
    let (mut rest, mut found) = (String::new(), Vec::new());
    let mut left = words.trim_start();
    while let Some((key, value, after)) = word(left) {
        if let Some(key) = Key::of(key) {
            found.push((key, value));
        } else {
            rest.push_str(left[..left.len() - after.len()].trim_end());
            rest.push(' ');
        }
        left = after.trim_start();
    }
    rest.push_str(left);
    (rest, found)
}

/// Reads `key = value`, in which a value in quotes may have spaces, and a backslash takes the character after it as it is. Returns the
/// text after it too.
fn word(text: &str) -> Option<(&str, String, &str)> {
    let (key, value) = text.split_once('=')?;
    let (key, value) = (key.trim_end(), value.trim_start());
    if key.contains(char::is_whitespace) {
        return None;
    }
    let quoted = value.starts_with('\'');
    let mut characters = value.char_indices().skip(usize::from(quoted));
    let mut read = String::new();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => read.extend(characters.next().map(|(_, escaped)| escaped)),
            '\'' if quoted => return Some((key, read, &value[at + 1..])),
            space if !quoted && space.is_whitespace() => return Some((key, read, &value[at..])),
            other => read.push(other),
        }
    }
    // An open quote is no value.
    (!quoted).then_some((key, read, ""))
}

#[cfg(test)]
mod tests {
    use super::{Identity, Roots, Settings, SslMode};

    #[test]
    fn settings_of_tls_are_taken_out_and_the_rest_is_left_as_it_is() {
        for (settings, rest, mode, roots) in [
            ("host=db user=me", "host=db user=me ", SslMode::Prefer, None),
            ("host=db sslmode = require user=me", "host=db user=me ", SslMode::Require, None),
            (
                r"password='a\'b sslmode=disable' sslrootcert='/a b/c\'d.pem' sslmode=verify-ca",
                r"password='a\'b sslmode=disable' ",
                SslMode::VerifyCa,
                Some("/a b/c'd.pem"),
            ),
            ("sslmode=disable\tsslmode=verify-full", "", SslMode::VerifyFull, None),
            ("postgres://me:s?slmode=@db/x", "postgres://me:s?slmode=@db/x", SslMode::Prefer, None),
            ("postgres://db/x?sslmode=require", "postgres://db/x", SslMode::Require, None),
            (
                "postgresql://me@db?connect_timeout=3&sslrootcert=%2Fa%20b.pem&sslmode=verify-full&options=-c",
                "postgresql://me@db?connect_timeout=3&options=-c",
                SslMode::VerifyFull,
                Some("/a b.pem"),
            ),
            // These are none, and `tokio-postgres` says so.
            ("host=db password='open", "host=db password='open", SslMode::Prefer, None),
            ("host", "host", SslMode::Prefer, None),
            ("a b=c", "a b=c", SslMode::Prefer, None),
        ] {
            let parsed = Settings::parse(settings).unwrap();
            let roots = roots.map_or(Roots::Unset, |file| Roots::File(file.into()));
            assert_eq!((&*parsed.rest, parsed.mode, parsed.roots), (rest, mode, roots), "{settings}");
        }
        let system = Settings::parse("host=db sslrootcert=system").unwrap();
        assert_eq!((system.mode, system.roots), (SslMode::VerifyFull, Roots::System));
        let mine = Identity { certificate: "/my.crt".into(), key: "/my key".into() };
        for settings in
            ["host=db sslkey='/my key' sslcert=/my.crt", "postgres://db?sslcert=%2Fmy.crt&sslkey=%2Fmy%20key"]
        {
            assert_eq!(Settings::parse(settings).unwrap().identity.as_ref(), Some(&mine), "{settings}");
        }
        // As with `libpq`, an empty value is as none.
        assert_eq!(Settings::parse("host=db sslcert='' sslkey=''").unwrap().identity, None);
    }

    #[test]
    fn settings_that_promise_less_than_they_seem_to_are_refused() {
        for (settings, cure) in [
            ("sslmode=verify", "one of `disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`"),
            ("sslmode=verify-ca", "needs `sslrootcert=FILE`"),
            ("sslmode=require sslrootcert=system", "use `sslmode=verify-full`"),
            ("sslcert=my.crt", "needs `sslkey=FILE`"),
            ("sslcert='' sslkey=my.key", "needs `sslcert=FILE`"),
        ] {
            let error = Settings::parse(settings).unwrap_err();
            assert!(error.contains(cure), "{error}");
        }
    }
}
