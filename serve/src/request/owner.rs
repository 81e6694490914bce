//! The user that a stream belongs to.

use axum::http::{
    HeaderMap,
    header::{AUTHORIZATION, COOKIE},
};
use catena::Config;
use std::sync::Arc;

/// The user that a run belongs to. [`Server::configure`](crate::Server::configure) adds it to the configuration of a
/// run, and only a request with the same owner [resumes](crate::Server::resumable) the run's stream.
///
/// Without an owner, a stream belongs to the credentials of its request: the headers `Authorization` and `Cookie`, byte
/// for byte. Name an owner if tokens or cookies change while a stream goes on, or if users are known by something else.
///
/// ```
/// use catena::{Config, Error, ErrorKind};
/// use catena_serve::{Owner, Server};
///
/// let server = Server::new().configure(|request| {
///     let user = request.headers.get("x-user").and_then(|user| user.to_str().ok());
///     let user = user.ok_or_else(|| Error::new(ErrorKind::Auth, "a request needs the header `x-user`"))?;
///     Ok(Config::new().with(Owner::new(user)))
/// });
/// # let _ = server;
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Owner(Arc<str>);

impl Owner {
    /// Creates an owner by an id of the application's choice, such as that of a user and a tenant.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Owner(id.into())
    }
}

/// The user for whom a stream is kept.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    Owner(Owner),
    Credentials(Vec<Vec<u8>>),
}

impl Holder {
    /// Returns the user by the configuration of a request, or else by its credentials.
    pub(super) fn of(config: &Config, headers: &HeaderMap) -> Self {
        if let Some(owner) = config.get::<Owner>() {
            return Holder::Owner(owner.clone());
        }
        let values = [AUTHORIZATION, COOKIE].into_iter().flat_map(|name| headers.get_all(name));
        Holder::Credentials(values.map(|value| value.as_bytes().to_vec()).collect())
    }
}
