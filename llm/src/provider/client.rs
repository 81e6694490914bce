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

/// How many runtimes' clients are kept. A program has one runtime, mostly; its tests have one each.
const KEPT: usize = 4;

/// The client of models that are given none.
///
/// Models share it: making one takes a while, as it reads the system's certificates, and models of one provider can
/// share connections. But an open connection is served by the runtime it was opened in, and hangs where that rests: so
/// each runtime has its own.
pub(super) fn shared() -> Result<Client> {
    static CLIENTS: Mutex<Vec<(Id, Client)>> = Mutex::new(Vec::new());
    let Ok(runtime) = Handle::try_current() else { return make() };
    let mut clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, client)) = clients.iter().find(|(id, _)| *id == runtime.id()) {
        return Ok(client.clone());
    }
    let client = make()?;
    clients.truncate(KEPT - 1);
    clients.insert(0, (runtime.id(), client.clone()));
    Ok(client)
}

fn make() -> Result<Client> {
    // A redirect would carry the key along, for it is in a header of the provider's own.
    let builder = Client::builder().redirect(Policy::none());
    WebConfig::default()
        .with_connect_timeout(CONNECT)
        .apply_to_builder(builder)
        .build()
        .map_err(|error| Error::from(error).while_doing("setting up an HTTP client"))
}
