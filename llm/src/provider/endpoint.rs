use super::{headers::is_secret, kind::Kind, secret::Secret};
use catena::{Error, ErrorKind, Result};
use reqwest::Url;
use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// The server of a provider.
#[derive(Debug)]
pub(super) struct Endpoint {
    /// The base URL, with a closing slash, which the client requires.
    pub(super) url: String,
    /// The host for messages, with its port unless that is the default one.
    pub(super) host: String,
    /// `true` if the server is on this machine.
    pub(super) local: bool,
    /// The last path and its URL. Most models have one path, and a URL takes 20,000 instructions to parse
    /// (`benches/wire`).
    last: Mutex<Option<(String, Url)>>,
}

/// Returns whether a host is this machine: `localhost`, or a loopback address.
pub(super) fn is_local(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or_else(|_| host == "localhost" || host.ends_with(".localhost"), |address| address.is_loopback())
}

impl Endpoint {
    /// Parses a base URL, with or without a closing slash.
    pub(super) fn parse(kind: Kind, given: &str) -> Result<Self> {
        let wrong = |why: &str| {
            // A query, or a user before an `@`, may be a secret.
            let shown = given.split(['?', '#']).next().unwrap_or_default();
            let shown = shown.rsplit('@').next().unwrap_or_default();
            let message = format!("the base URL `{shown}` {why}: it should look like {}", kind.default_url());
            Error::new(ErrorKind::BadInput, message)
        };
        let mut url = Url::parse(given.trim()).map_err(|error| wrong(&format!("cannot be read ({error})")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("does not start with http:// or https://"));
        }
        let Some(host) = url.host_str() else { return Err(wrong("has no host")) };
        let local = is_local(host);
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("has a user or a password in it, which no provider takes"));
        }
        // OpenAI-compatible services may need a query in each request. The URLs of others are concatenated as text.
        if (url.query().is_some() && !kind.is_openai()) || url.fragment().is_some() {
            return Err(wrong("has something after its path"));
        }
        let mut path = url.path().trim_end_matches('/').to_owned() + "/";
        if path == "/" {
            kind.version_path().clone_into(&mut path);
        }
        // Both protocols of Gemini share a variable, which may be set for either.
        match (kind, path.strip_suffix("openai/").map(str::len)) {
            (Kind::GeminiOpenAi, None) => path.push_str("openai/"),
            (Kind::Gemini, Some(length)) => path.truncate(length),
            _ => {}
        }
        url.set_path(&path);
        Ok(Endpoint { url: url.into(), host, local, last: Mutex::default() })
    }

    /// Returns the values of the query, as they are written and as they are meant. Some services take a key there.
    pub(super) fn secrets(&self) -> impl Iterator<Item = Secret> {
        let url = Url::parse(&self.url).ok();
        let meant = url.iter().flat_map(Url::query_pairs).filter(|(name, _)| !is_version(name));
        let meant: Vec<String> = meant.map(|(_, value)| value.into_owned()).collect();
        let written = self.query().filter(|(name, _)| !is_version(name)).map(|(_, value)| value.to_owned());
        let values: Vec<String> = meant.into_iter().chain(written).filter(|value| is_secret(value)).collect();
        values.into_iter().filter_map(|value| Secret::new(&value))
    }

    /// Returns the URL for descriptions, without the values of its query.
    pub(super) fn shown(&self) -> String {
        let base = self.url.split('?').next().unwrap_or_default();
        let pairs = self.query().map(|(name, value)| {
            let value = if is_version(name) { value } else { "[redacted]" };
            format!("{name}={value}")
        });
        match pairs.collect::<Vec<_>>().join("&") {
            query if query.is_empty() => base.to_owned(),
            query => format!("{base}?{query}"),
        }
    }

    /// Returns the names and the values of the query, as they are written.
    fn query(&self) -> impl Iterator<Item = (&str, &str)> {
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }

    /// Returns the URL of a path below the base URL.
    pub(super) fn locate(&self, path: &str) -> Result<Url> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, url)) = last.as_ref().filter(|(known, _)| known == path) {
            return Ok(url.clone());
        }
        let url = Url::parse(&self.join(path))
            .map_err(|error| Error::new(ErrorKind::BadInput, format!("the request has no valid URL: {error}")))?;
        *last = Some((path.to_owned(), url.clone()));
        Ok(url)
    }

    /// Returns the text of the URL of a path. Both may have a query.
    fn join(&self, path: &str) -> String {
        let (base, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        match (query, path.contains('?')) {
            ("", _) => format!("{base}{path}"),
            (query, false) => format!("{base}{path}?{query}"),
            (query, true) => format!("{base}{path}&{query}"),
        }
    }
}

/// Returns whether a parameter of a query is the version of an API, such as Azure's, which is no secret.
fn is_version(name: &str) -> bool {
    matches!(name, "api-version" | "api_version" | "version")
}

/// Returns the URL for a value of `OLLAMA_HOST`, which may be a host, a port, or both.
pub(super) fn ollama_url(host: &str) -> String {
    const PORT: u16 = 11434;
    let host = host.trim().trim_end_matches('/');
    if host.contains("://") {
        return host.to_owned();
    }
    let (host, path) = host.split_once('/').map_or((host, ""), |(host, path)| (host, path));
    let (name, port) = match host.rsplit_once(':') {
        // Not within an IPv6 address.
        Some((name, port)) if port.parse::<u16>().is_ok() && (!name.contains(':') || name.ends_with(']')) => {
            (name, port.to_owned())
        }
        _ => (host, PORT.to_string()),
    };
    // A server may listen on all addresses, which are not addresses to connect to.
    let name = match name {
        "" | "0.0.0.0" | "[::]" => "localhost",
        name => name,
    };
    let path = if path.is_empty() { String::new() } else { format!("/{path}") };
    format!("http://{name}:{port}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_has_its_own_url() {
        let endpoint = Endpoint::parse(Kind::Compatible, "https://x.example/v1?api-version=1").unwrap();
        for path in ["chat", "chat", "a?b=1", "chat"] {
            assert_eq!(endpoint.locate(path).unwrap().as_str(), endpoint.join(path));
        }
    }

    #[test]
    fn base_urls_may_be_written_in_many_ways() {
        for (kind, given, wanted) in [
            (Kind::OpenAi, "https://api.openai.com/v1", "https://api.openai.com/v1/"),
            (Kind::OpenAi, " http://127.0.0.1:8080/v1//", "http://127.0.0.1:8080/v1/"),
            (Kind::Compatible, "https://api.deepseek.com", "https://api.deepseek.com/"),
            (Kind::Compatible, "https://x.example/openai?api-version=1", "https://x.example/openai/?api-version=1"),
            (Kind::Anthropic, "https://api.anthropic.com", "https://api.anthropic.com/v1/"),
            (Kind::Anthropic, "http://localhost:1/proxy/v1/", "http://localhost:1/proxy/v1/"),
            (Kind::Gemini, "http://localhost:1/", "http://localhost:1/v1beta/"),
            (Kind::Gemini, "http://localhost:1/v1beta/openai", "http://localhost:1/v1beta/"),
            (Kind::GeminiOpenAi, "http://localhost:1/v1beta", "http://localhost:1/v1beta/openai/"),
            (Kind::GeminiOpenAi, "http://localhost:1/v1beta/openai/", "http://localhost:1/v1beta/openai/"),
        ] {
            assert_eq!(Endpoint::parse(kind, given).unwrap().url, wanted, "{kind:?} {given}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_the_secrets_in_it() {
        for given in [
            "api.openai.com/v1",
            "localhost:8080",
            "ftp://x.example/",
            "https://user:hunter2@x.example/v1",
            "https://x.example/v1beta/?key=hunter2",
        ] {
            let error = Endpoint::parse(Kind::Gemini, given).unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::BadInput, "{given}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }

    #[test]
    fn this_machine_is_known_by_its_names_and_addresses() {
        for (url, local) in [
            ("http://localhost:11434", true),
            ("http://models.localhost/v1", true),
            ("http://127.0.0.1:8080/v1", true),
            ("http://127.1.2.3/v1", true),
            ("http://[::1]:8080/v1", true),
            ("http://localhost.example/v1", false),
            ("http://127.0.0.1.example/v1", false),
            ("http://10.0.0.1/v1", false),
            ("https://api.openai.com/v1", false),
        ] {
            assert_eq!(Endpoint::parse(Kind::Compatible, url).unwrap().local, local, "{url}");
        }
    }

    #[test]
    fn the_host_has_its_port_where_it_is_unusual() {
        assert_eq!(Endpoint::parse(Kind::OpenAi, Kind::OpenAi.default_url()).unwrap().host, "api.openai.com");
        assert_eq!(Endpoint::parse(Kind::OpenAi, "http://127.0.0.1:8080/v1").unwrap().host, "127.0.0.1:8080");
    }

    #[test]
    fn ollamas_host_may_be_written_in_many_ways() {
        for (given, wanted) in [
            ("localhost", "http://localhost:11434"),
            ("10.0.0.7:8080", "http://10.0.0.7:8080"),
            ("0.0.0.0", "http://localhost:11434"),
            (":9999", "http://localhost:9999"),
            ("[::1]:9999/", "http://[::1]:9999"),
            ("gpu.example/ollama", "http://gpu.example:11434/ollama"),
            ("https://gpu.example/", "https://gpu.example"),
        ] {
            assert_eq!(ollama_url(given), wanted);
        }
    }
}
