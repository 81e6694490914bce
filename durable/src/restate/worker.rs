//! A worker, which Restate calls.

use super::{
    chain::{AnyChain, Typed},
    workflow::{Named, Workflow},
};
use crate::step::OnChange;
use catena::{Config, Error, ErrorKind, Result, Runnable};
use restate_sdk::{
    discovery::ServiceName,
    endpoint::{Endpoint, ServiceOptions},
    http_server::HttpServer,
    service::IntoServiceDefinition,
};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt, future::Future, marker::PhantomData, net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::{TcpListener, TcpSocket};

/// The connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// The silence after which Restate suspends an attempt. One that is at work says so more often.
const SILENCE: Duration = Duration::from_mins(1);

/// Returns a worker of a chain, under a name for Restate: letters, digits, `.`, `-` and `_`.
///
/// ```no_run
/// use catena::prelude::*;
/// use catena_durable::{DurableExt, restate};
///
/// #[runnable]
/// async fn chapters(book: String) -> Vec<String> { book.split("\n\n").map(str::to_owned).collect() }
/// #[runnable]
/// async fn summarise(chapter: String) -> String { chapter.chars().take(20).collect() }
///
/// # async fn work() -> catena::Result<()> {
/// let chain = chain!(String => chapters.durable("chapters/1") | summarise.durable("summarise/1").map());
/// restate::serve("summary", chain).listen(([0, 0, 0, 0], 9080).into()).await?;
/// # Ok(()) }
/// ```
pub fn serve<In, C>(name: impl Into<String>, chain: C) -> Worker
where
    In: DeserializeOwned + Send + 'static,
    C: Runnable<In> + 'static,
    C::Output: Serialize,
{
    Worker {
        chains: Vec::new(),
        config: Config::new(),
        on_change: OnChange::default(),
        attempts: None,
        identity_keys: Vec::new(),
    }
    .chain(name, chain)
}

/// A program that Restate calls to run chains; created by [`serve`].
pub struct Worker {
    chains: Vec<(String, Arc<dyn AnyChain>)>,
    config: Config,
    on_change: OnChange,
    attempts: Option<u64>,
    identity_keys: Vec<String>,
}

impl Worker {
    /// Adds a chain.
    pub fn chain<In, C>(mut self, name: impl Into<String>, chain: C) -> Self
    where
        In: DeserializeOwned + Send + 'static,
        C: Runnable<In> + 'static,
        C::Output: Serialize,
    {
        self.chains.push((name.into(), Arc::new(Typed { chain, input: PhantomData })));
        self
    }

    /// Sets the settings of all runs: values, observers, tags, limits. A deadline is that of an attempt.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets the reaction to a step whose input differs from that of its record. The default is an error, which Restate tries
    /// again until a version of the chain is deployed that fits.
    pub fn on_change(mut self, on_change: OnChange) -> Self {
        self.on_change = on_change;
        self
    }

    /// Sets how often Restate tries a run whose error may pass, such as a rate limit or an outage, before the run fails. The
    /// default is that of the server.
    pub fn attempts(mut self, attempts: u64) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// Accepts requests of the Restate with this public key only: `publickeyv1_..`. Without one, anyone who reaches the address
    /// can run the chains.
    pub fn identity_key(mut self, key: impl Into<String>) -> Self {
        self.identity_keys.push(key.into());
        self
    }

    /// Listens on an address, until Ctrl-C. Runs in flight then have ten seconds.
    ///
    /// On Unix several workers of a machine may listen on one address, and on several machines they are behind a load balancer:
    /// Restate knows them by one URL. A deployment is registered once:
    /// `curl localhost:9070/deployments --json '{"uri": "http://localhost:9080"}'`.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] for a name that Restate does not take, for two chains of one name, for a chain two of whose durable
    /// steps have one name, for an identity key that cannot be read; [`ErrorKind::Unavailable`] if the address cannot be used.
    pub async fn listen(self, address: SocketAddr) -> Result<()> {
        let listener = shared(address).map_err(|error| {
            let message = format!("a worker cannot listen on {address}: {error}");
            Error::new(ErrorKind::Unavailable { retry_after: None }, message).with_source(error)
        })?;
        self.listen_until(listener, async {
            // Without signals it listens until the process ends.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
        .await
    }

    /// Accepts connections of a listener until a future completes. Runs in flight then have ten seconds. The listener should have the
    /// option `TCP_NODELAY`, without which a step takes up to 40 ms longer.
    ///
    /// # Errors
    /// Those of [`listen`](Worker::listen), but for its address.
    pub async fn listen_until(self, listener: TcpListener, end: impl Future<Output = ()>) -> Result<()> {
        let endpoint = self.endpoint()?;
        HttpServer::new(endpoint).serve_with_cancel(listener, end).await;
        Ok(())
    }

    fn endpoint(self) -> Result<Endpoint> {
        let wrong = |message: String| Error::new(ErrorKind::BadInput, message);
        let mut endpoint = Endpoint::builder();
        let mut names: Vec<String> = Vec::new();
        for (name, chain) in self.chains {
            let service = ServiceName::try_from(&name).map_err(|_| {
                let name = name.chars().take(60).collect::<String>();
                wrong(format!(
                    "`{name}` cannot be a name for Restate: it begins with a letter, and has letters, digits, `.`, `-` and `_`"
                ))
            })?;
            if names.contains(&name) {
                return Err(wrong(format!("two chains of a worker are named `{name}`")));
            }
            chain.check().map_err(|error| error.while_doing(format!("serving the chain `{name}`")))?;
            let mut options = ServiceOptions::new().inactivity_timeout(SILENCE);
            if let Some(attempts) = self.attempts {
                options = options.retry_policy_max_attempts(attempts).retry_policy_kill_on_max_attempts();
            }
            let workflow = Arc::new(Workflow { chain, config: self.config.clone(), on_change: self.on_change });
            endpoint = endpoint.bind(Named { name: service, workflow }.into_service_definition().options(options));
            names.push(name);
        }
        for key in &self.identity_keys {
            endpoint = endpoint
                .identity_key(key)
                .map_err(|error| wrong(format!("the identity key cannot be read: {error}")))?;
        }
        Ok(endpoint.build())
    }
}

/// Listens on an address that other workers of this machine may listen on, too.
fn shared(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Connections have it from their listener. Else a record waits until Restate acknowledges the one before, up to 40 ms.
    socket.set_nodelay(true)?;
    #[cfg(unix)]
    {
        socket.set_reuseaddr(true)?;
        socket.set_reuseport(true)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.chains.iter().map(|(name, _)| &**name).collect();
        f.debug_struct("Worker").field("chains", &names).finish_non_exhaustive()
    }
}
