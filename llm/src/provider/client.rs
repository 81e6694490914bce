use catena::{Error, Result};
use reqwest::{Client, ClientBuilder, redirect::Policy};
use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::runtime::{Handle, Id};

/// The timeout of opening a connection. The chain limits the time after that.
const CONNECT: Duration = Duration::from_secs(10);

/// The maximum number of shared clients. A program usually has one runtime with one or two clients; its tests have one
/// runtime each.
const KEPT: usize = 8;

/// An HTTP client for [models](crate::ModelBuilder::http_client) and embedders: with a proxy, certificates, or limits
/// of its own. A clone shares the connections.
///
/// It follows no redirects, because they would pass on the key, whatever its builder says. A redirect is an error that
/// names its target.
///
/// ```
/// use catena_llm::HttpClient;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let proxied = HttpClient::build(reqwest::Client::builder().proxy(reqwest::Proxy::all("http://proxy.example:8080")?))?;
/// let model = catena_llm::openai("gpt-4o-mini").api_key("sk-..").http_client(&proxied).build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct HttpClient(pub(super) Client);

impl HttpClient {
    /// Builds a client.
    ///
    /// # Errors
    /// If the system's certificates cannot be read, or the builder has an invalid setting.
    pub fn build(builder: ClientBuilder) -> Result<Self> {
        let client = builder.redirect(Policy::none()).build();
        client.map(HttpClient).map_err(|error| Error::other(error).while_doing("setting up an HTTP client"))
    }
}

#[cfg(any(feature = "mcp", feature = "qdrant"))]
impl HttpClient {
    pub(crate) fn into_inner(self) -> Client {
        self.0
    }
}

/// Returns the client that is shared by default, for this URL.
#[cfg(any(feature = "mcp", feature = "qdrant"))]
pub(crate) fn shared_client(url: &reqwest::Url) -> Result<HttpClient> {
    shared(url.host_str().is_some_and(super::endpoint::is_local)).map(HttpClient)
}

impl From<&HttpClient> for HttpClient {
    fn from(client: &HttpClient) -> Self {
        client.clone()
    }
}

/// The builder may have secrets in it, such as the password of a proxy.
impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

/// Returns the client that models share by default.
///
/// It uses the proxies of the environment, unless the server is on this machine, which a remote proxy could not reach.
///
/// Clients are shared because creating one is slow, as it reads the system's certificates, and because models of one
/// provider can share connections. Each runtime has its own: a connection is driven by the runtime that opened it, and
/// would hang while that one is idle.
pub(super) fn shared(local: bool) -> Result<Client> {
    static CLIENTS: Mutex<Vec<((Id, bool), Client)>> = Mutex::new(Vec::new());
    let Ok(runtime) = Handle::try_current() else { return make(local) };
    let wanted = (runtime.id(), local);
    let mut clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, client)) = clients.iter().find(|(kept, _)| *kept == wanted) {
        return Ok(client.clone());
    }
    let client = make(local)?;
    clients.truncate(KEPT - 1);
    clients.insert(0, (wanted, client.clone()));
    Ok(client)
}

fn make(local: bool) -> Result<Client> {
    let builder = Client::builder().connect_timeout(CONNECT);
    HttpClient::build(if local { builder.no_proxy() } else { builder }).map(|client| client.0)
}
