use catena::{Error, Result};
use reqwest::{Client, redirect::Policy};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::runtime::{Handle, Id};

/// The timeout of opening a connection. The chain limits the time after that.
const CONNECT: Duration = Duration::from_secs(10);

/// The maximum number of shared clients. A program usually has one runtime with one or two clients; its tests have one
/// runtime each.
const KEPT: usize = 8;

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
    // A redirect would pass on the key, which is in a header of the provider's own.
    let builder = Client::builder().redirect(Policy::none());
    let builder = if local { builder.no_proxy() } else { builder };
    builder
        .connect_timeout(CONNECT)
        .build()
        .map_err(|error| Error::other(error).while_doing("setting up an HTTP client"))
}
