//! A server, which is connected to as the settings say.

use crate::{
    failure,
    identity::Identity,
    settings::{Roots, Settings},
    ssl_mode::{Attempt, SslMode},
    verifier,
};
use catena::{Error, ErrorKind, Result};
use std::{error::Error as _, time::Duration};
use tokio_postgres::{
    Client, Config, NoTls,
    config::{Host, SslMode as Negotiated, SslNegotiation},
    error::SqlState,
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The longest try to connect.
const CONNECT: Duration = Duration::from_secs(5);

/// A Postgres server, with the settings of connections to it.
pub struct Server {
    config: Config,
    mode: SslMode,
    roots: Roots,
    identity: Option<Identity>,
    /// `None` if no connection is encrypted.
    tls: Option<MakeRustlsConnect>,
}

impl Server {
    /// Creates a server from a URL, or from the key words of `libpq`. The application is the name by which the server lists the
    /// connections, unless the settings have one.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] for settings that cannot be read, and for certificates and keys that cannot. `subject` names what the
    /// settings are for, in the message; the settings may have a password, and are not shown.
    pub fn new(settings: &str, subject: &str, application: &str) -> Result<Self> {
        let unreadable = |why: &dyn std::fmt::Display| {
            Error::new(ErrorKind::BadInput, format!("the settings of {subject} cannot be read: {why}"))
        };
        let Settings { rest, mut mode, roots, identity } = Settings::parse(settings).map_err(|why| unreadable(&why))?;
        let mut config: Config = rest.parse().map_err(|error: tokio_postgres::Error| match error.source() {
            // The name of the setting, and never its value.
            Some(why) => unreadable(&why),
            None => unreadable(&error),
        })?;
        if config.get_ssl_negotiation() == SslNegotiation::Direct && !mode.requires() {
            return Err(unreadable(&"`sslnegotiation=direct` needs `sslmode=require`, `verify-ca` or `verify-full`"));
        }
        config.connect_timeout(CONNECT).keepalives_idle(Duration::from_secs(10));
        if config.get_application_name().is_none() {
            config.application_name(application);
        }
        // An address is the name of its host, if there is no other.
        if config.get_hosts().is_empty() {
            for address in config.get_hostaddrs().to_vec() {
                config.host(address.to_string());
            }
        }
        if config.get_hosts().iter().all(is_socket) {
            mode = SslMode::Disable;
        }
        let tls = if mode == SslMode::Disable {
            None
        } else {
            let configuration = verifier::configuration(mode, &roots, identity.as_ref());
            Some(MakeRustlsConnect::new(configuration.map_err(|why| unreadable(&why))?))
        };
        Ok(Server { config, mode, roots, identity, tls })
    }

    /// Connects. The connection ends with the client.
    ///
    /// # Errors
    /// An error for a server that cannot be reached, refuses the user, or has not the TLS that `sslmode` requires; see
    /// [`explain`](Self::explain).
    pub async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        let (first, second) = self.mode.attempts();
        match (self.attempt(first).await, second) {
            (Err(error), Some(second)) if is_refused(&error) => self.attempt(second).await.map_err(|other| {
                // The refusal of the encrypted attempt is the one to know of, unless the other got further.
                if is_refused(&other) && first != Attempt::Plain { error } else { other }
            }),
            (outcome, _) => outcome,
        }
    }

    /// Explains an error of TLS, with its cure; `None` for any other error.
    pub fn explain(&self, error: &tokio_postgres::Error) -> Option<String> {
        failure::explain(error, self.mode, &self.roots, self.identity.as_ref())
    }

    async fn attempt(&self, attempt: Attempt) -> Result<Client, tokio_postgres::Error> {
        let mut config = self.config.clone();
        let (Some(tls), Attempt::Preferred | Attempt::Encrypted) = (&self.tls, attempt) else {
            let (client, connection) = config.ssl_mode(Negotiated::Disable).connect(NoTls).await?;
            tokio::spawn(connection);
            return Ok(client);
        };
        config.ssl_mode(if attempt == Attempt::Preferred { Negotiated::Prefer } else { Negotiated::Require });
        let (client, connection) = config.connect(tls.clone()).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

#[cfg_attr(not(unix), allow(unused_variables))]
fn is_socket(host: &Host) -> bool {
    match host {
        Host::Tcp(_) => false,
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// Returns `true` if an attempt of the other kind may succeed: the TLS failed, or the server takes no such connections.
fn is_refused(error: &tokio_postgres::Error) -> bool {
    failure::is_tls(error) || error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
}
