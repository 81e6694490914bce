//! The address of a server.

/// A host and its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Server<'a> {
    pub(super) address: Option<&'a str>,
    /// `None` if it is the default of the protocol.
    pub(super) port: Option<u16>,
}

impl<'a> Server<'a> {
    /// Returns the server of a host such as `api.openai.com`, `127.0.0.1:8080` or `[::1]:8080`.
    pub(super) fn of(host: Option<&'a str>) -> Self {
        let split = host.and_then(|host| host.rsplit_once(':')).map(|(host, port)| (host, port.parse()));
        match split {
            Some((address, Ok(port))) => Server { address: Some(address), port: Some(port) },
            _ => Server { address: host, port: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Server;

    #[test]
    fn a_port_is_not_part_of_the_address() {
        for (host, address, port) in [
            ("api.openai.com", "api.openai.com", None),
            ("127.0.0.1:8080", "127.0.0.1", Some(8080)),
            ("[::1]:80", "[::1]", Some(80)),
            ("[::1]", "[::1]", None),
        ] {
            assert_eq!(Server::of(Some(host)), Server { address: Some(address), port }, "{host}");
        }
        assert_eq!(Server::of(None), Server { address: None, port: None });
    }
}
