//! The server: chains, and the doors in front of them.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Server`], the builder |
//! | `limits` | [`Limits`] |
//! | `routes` | the routes of all doors as one router |
//! | `listen` | a server as a program: an address, and a shutdown that lets runs end |

mod limits;
mod listen;
mod routes;

pub use limits::Limits;

use crate::{
    chain::{FromChat, Input, ModelInput, ModelOutput, Output, Served, detect, erase},
    request::Configure,
};
use axum::http::request::Parts;
use catena::{Config, Runnable};
use std::{sync::Arc, time::Duration};

/// Chains to be served.
///
/// ```
/// use catena::prelude::*;
/// use catena_serve::Server;
///
/// #[runnable]
/// fn shout(text: String) -> String { text.to_uppercase() }
///
/// # fn main() -> catena::Result<()> {
/// // Beside the routes of an application, below a path of its choice.
/// let chains = Server::new().chain("shout", shout).chain("length", chain!(String => |text| text.len())).router()?;
/// let app: axum::Router = axum::Router::new().nest("/chains", chains);
/// # let _ = app;
/// # Ok(()) }
/// ```
#[derive(Default)]
pub struct Server {
    title: Option<String>,
    chains: Vec<Served>,
    limits: Limits,
    debug: bool,
    configure: Option<Configure>,
    origins: Vec<String>,
    resumable: Option<Duration>,
    #[cfg(feature = "mcp")]
    hosts: Vec<String>,
}

impl Server {
    /// Creates a server without chains.
    pub fn new() -> Self {
        Server::default()
    }

    /// Adds a chain under a name: letters, digits, `_`, `-` and `.`.
    ///
    /// Its input has to be readable from JSON, and its output writable. If it takes [`Messages`](catena_llm::Messages),
    /// a
    /// [`Message`](catena_llm::Message), a [`ChatRequest`](catena_llm::ChatRequest) or a `String`, and gives a
    /// `Message` or a `String`, it is also a model for OpenAI's clients, under the same name. This is decided by its
    /// types, at compile time.
    ///
    /// A step that takes several types needs one of them named: `chain!(String => model)`.
    pub fn chain<In, R>(mut self, name: impl Into<String>, chain: R) -> Self
    where
        In: Input,
        R: Runnable<In> + 'static,
        R::Output: Output,
    {
        self.chains.push(Served::new(name.into(), erase(chain, detect::<In>())));
        self
    }

    /// Adds a chain that has to be a model: as [`chain`](Self::chain), but a compile error if its types are not those
    /// of a model. Its input may be any [`ModelInput`].
    ///
    /// ```
    /// use catena::prelude::*;
    /// use catena_llm::{Message, Messages};
    /// use catena_serve::Server;
    ///
    /// #[runnable]
    /// fn count(messages: Messages) -> Message { Message::assistant(format!("{} messages", messages.len())) }
    ///
    /// let server = Server::new().model("count", count);
    /// # let _ = server;
    /// ```
    pub fn model<In, R>(mut self, name: impl Into<String>, chain: R) -> Self
    where
        In: ModelInput,
        R: Runnable<In> + 'static,
        R::Output: ModelOutput,
    {
        self.chains.push(Served::new(name.into(), erase(chain, Some(FromChat::<In>::new()))));
        self
    }

    /// Describes the chain that was added last, for OpenAPI and for the models that see it as a tool.
    ///
    /// ```
    /// # use catena::prelude::*;
    /// # #[runnable]
    /// # fn shout(text: String) -> String { text.to_uppercase() }
    /// let server = catena_serve::Server::new().chain("shout", shout).describe("Writes a text in capital letters.");
    /// # let _ = server;
    /// ```
    pub fn describe(mut self, description: impl Into<String>) -> Self {
        if let Some(last) = self.chains.last_mut() {
            last.description = Some(description.into());
        }
        self
    }

    /// Sets the title of the OpenAPI document.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the configuration of each run by its request: of headers, and of what a middleware of the application has
    /// put into the request's extensions. It takes precedence over the client's settings.
    ///
    /// An error refuses the request, with the [status for its kind](crate::errors): 401 for
    /// [`ErrorKind::Auth`](catena::ErrorKind::Auth).
    ///
    /// ```
    /// use catena::{Config, Error, ErrorKind, prelude::*};
    /// use catena_serve::Server;
    ///
    /// struct Tenant(String);
    ///
    /// #[runnable]
    /// fn greet(name: String, cx: &Context) -> String {
    ///     format!("{name} of {}", cx.get::<Tenant>().map_or("nowhere", |tenant| &tenant.0))
    /// }
    ///
    /// let server = Server::new().chain("greet", greet).configure(|request| {
    ///     let tenant = request.headers.get("x-tenant").and_then(|tenant| tenant.to_str().ok());
    ///     let tenant = tenant.ok_or_else(|| Error::new(ErrorKind::Auth, "a request needs the header `x-tenant`"))?;
    ///     Ok(Config::new().tag(tenant).with(Tenant(tenant.to_owned())))
    /// });
    /// # let _ = server;
    /// ```
    pub fn configure(mut self, configure: impl Fn(&Parts) -> catena::Result<Config> + Send + Sync + 'static) -> Self {
        self.configure = Some(Arc::new(configure));
        self
    }

    /// Lets clients that lose their connection resume their streams within this time. By default, a client that leaves
    /// cancels its run.
    ///
    /// Each event of a stream then has an id, and the response's header `x-stream-id` names the stream:
    /// `GET /<chain>/streams/<name>` with `Last-Event-ID` goes on after that event. The AI SDK resumes the last stream
    /// of a chat by itself (`useChat({ resume: true })`). The last 1024 events of a stream are kept, in memory.
    ///
    /// While a client reads, the run goes on at the client's pace. Without a client it goes on until 1024 events are
    /// unread, and is cancelled if no client comes back in time.
    ///
    /// A stream is resumed only at its own chain and by its own user: the [`Owner`](crate::Owner) in the configuration
    /// of the request, or else its credentials. For others, there is no such stream.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let server = catena_serve::Server::new().resumable(Duration::from_secs(30));
    /// # let _ = server;
    /// ```
    pub fn resumable(mut self, within: Duration) -> Self {
        self.resumable = Some(within);
        self
    }

    /// Allows pages of this origin (`https://app.example`) to call the chains. By default, browsers let no page of
    /// another origin do so. `*` allows all.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// Lets clients of MCP reach the server by this host (`api.example.com`, or with a port). By default they reach it
    /// by the names of the loopback interface alone, so that no page can be led to a local server by a name of its own.
    #[cfg(feature = "mcp")]
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.hosts.push(host.into());
        self
    }

    /// Sets whether the responses of failed runs show the whole error: its message, its path in the chain, its causes,
    /// and all else that [`catena::Error`] knows. Defaults to `false`, since these texts may name files, prompts and
    /// keys. Switch it on where every client is a developer. The log has the errors in any case.
    ///
    /// ```
    /// let server = catena_serve::Server::new().debug(cfg!(debug_assertions));
    /// # let _ = server;
    /// ```
    pub fn debug(mut self, debug: bool) -> Self {
        self.debug = debug;
        self
    }
}
