use catena::{Error, Result};
use genai::WebConfig;
use reqwest::{Client, redirect::Policy};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::runtime::{Handle, Id};

/// How long a connection may take to open. What comes after it has the limits the chain sets.
const CONNECT: Duration = Duration::from_secs(10);

/// How many clients are kept. A program has one runtime, mostly, and one or two clients; its tests have one runtime each.
const KEPT: usize = 8;

/// The client of models that are given none.
///
/// It goes through the proxies that the environment names, unless the server is on this machine: a proxy elsewhere cannot
/// reach that.
///
/// Models share it: making one takes a while, as it reads the system's certificates, and models of one provider can
/// share connections. But an open connection is served by the runtime it was opened in, and hangs where that rests: so
/// each runtime has its own.
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
    // A redirect would carry the key along, for it is in a header of the provider's own.
    let builder = Client::builder().redirect(Policy::none());
    let builder = if local { builder.no_proxy() } else { builder };
    WebConfig::default()
        .with_connect_timeout(CONNECT)
        .apply_to_builder(builder)
        .build()
        .map_err(|error| Error::from(error).while_doing("setting up an HTTP client"))
}
