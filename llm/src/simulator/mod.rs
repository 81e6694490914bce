//! A simulator of the providers' wire protocols, for tests and examples.
//!
//! It is a server on a free port of the loopback interface. Over real HTTP it implements the published protocols of
//! OpenAI (chat completions and responses), Anthropic and Gemini (Gemini's own and its OpenAI-compatible endpoint).
//! That covers paths, headers, bodies, server-sent events, error envelopes, and checks of requests. The test decides on
//! the answers; by default the simulator repeats the user's words.
//!
//! ```
//! use catena_llm::simulator::{Fault, Simulator};
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let sim = Simulator::start().await?;
//! sim.script("gpt-4o").fail(Fault::status(500)).answer("Paris").always();
//!
//! let ask = || {
//!     reqwest::Client::new()
//!         .post(sim.openai_url() + "chat/completions")
//!         .bearer_auth("any key")
//!         .body(r#"{"model": "gpt-4o", "messages": [{"role": "user", "content": "The capital of France?"}]}"#)
//!         .send()
//! };
//! assert_eq!(ask().await?.status(), 500);
//! assert!(ask().await?.text().await?.contains("Paris"));
//! assert_eq!(sim.requests()[1].request.last_user(), "The capital of France?");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # Requests
//!
//! Requests are checked and rejected like the provider does, in its words. A request needs a key; any key is valid,
//! unless [`Builder::api_key`] sets one. The body must be JSON, with `model`, `messages`, `input`, `contents` and
//! (Anthropic) `max_tokens` where the protocol requires them. Unknown roles are rejected, and so are models that are
//! not in
//! [`Builder::models`], if that is set. Rejected requests are recorded, but do not reach scripts or the responder.
//!
//! Conversations are checked, too: a call of a tool without its result, a result without its call, an empty text, a
//! name of a tool or an id that is not allowed, arguments that are not an object. If thinking is enabled, Anthropic's
//! turns have to begin with the thoughts and the signature that the simulator sent. From version 3 on, Gemini's models
//! require the signatures of their calls, and DeepSeek's thinking models their `reasoning_content`. OpenAI's responses
//! refuse reasoning that they cannot read or that nothing follows, and items that came after reasoning without it.
//! Images and files are checked as far as each provider's documentation says: their types, their form, and their place.
//!
//! # Answers
//!
//! Answers are those of the script (see [`Simulator::script`]), or else of the responder (see [`Builder::respond`]). An
//! answer that is longer than the request's limit of tokens is cut off, and finishes with [`Finish::Length`].
//! [`tokens`] counts the actual texts.
//!
//! # Embeddings
//!
//! OpenAI's protocol (`embeddings`) and Gemini's (`embedContent`, `batchEmbedContents`) return vectors of a
//! [`HashingEmbedder`](crate::retrieval::HashingEmbedder): texts that share words have similar vectors. They have 256
//! dimensions, unless the request sets another number. Scripts and responders apply with their faults and delays; the
//! contents of their answers are ignored.
//!
//! # Faults
//!
//! Any request can [fail](Fault), in one of two dozen ways. The [errors](crate::faults) for each of them are
//! documented.
//!
//! # As a program
//!
//! `catena-simulator`, of this crate's feature `simulator`, serves until Ctrl-C, for programs that run without keys. It
//! prints the environment variables to set, which the [models](crate::openai) of this crate and most others read:
//!
//! ```text
//! $ cargo install catena-llm --features simulator
//! $ catena-simulator --port 8080 --fail gpt=429*2 --fail anthropic=cut --chunk-delay 20
//! export OPENAI_BASE_URL=http://127.0.0.1:8080/v1/
//! export OPENAI_API_KEY=simulated
//! ..
//! ```
//!
//! # Time
//!
//! All delays are on tokio's clock. Under `#[tokio::test(start_paused = true)]` they take no time. That clock advances
//! whenever all tasks wait, even for the network, so that timeouts may then occur early.

#![allow(clippy::doc_markdown, reason = "OpenAI is a name, not code")]

mod answer; // an answer, before it is on the wire
mod builder; // a simulator's settings
mod fault; // ways for a request to fail
mod protocol; // the providers' protocols
mod provider; // their names, and the targets of a script
mod recorder; // the requests received
mod request; // a request, read
mod script; // the scripted answers
mod server; // connections and routes
mod sse; // server-sent events
mod wire; // an answer on the wire, with its delays and faults

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::task::JoinHandle;

pub use self::answer::{Answer, Chunking, Finish, ToolCall};
pub use self::builder::Builder;
pub use self::fault::{BadBody, Fault, Status, UnknownFault};
pub use self::provider::{Provider, Target};
pub use self::recorder::{Outcome, Recorded};
pub use self::request::{Request, Role, Turn, tokens};
pub use self::script::Script;
use self::server::Shared;

/// A running simulator; see the [module](self). Dropping it stops the server, its connections, and all its tasks.
pub struct Simulator {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Simulator {
    /// Starts a simulator that repeats the user's words.
    ///
    /// # Errors
    ///
    /// If no port can be opened.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Returns a builder of a simulator with other settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Returns the root of the server, `http://127.0.0.1:{port}`, without a closing slash.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the base URL for a client of this protocol, with a closing slash. Clients append `chat/completions`,
    /// `messages`, or `models/{model}:generateContent`. For clients that append a path with a leading slash, trim it.
    pub fn base_url(&self, provider: Provider) -> String {
        self.url() + provider.base_path()
    }

    /// Returns the base URL for an OpenAI client, `http://127.0.0.1:{port}/v1/`.
    pub fn openai_url(&self) -> String {
        self.base_url(Provider::OpenAi)
    }

    /// Returns the base URL for an Anthropic client, `http://127.0.0.1:{port}/v1/`. For a client that appends
    /// `/v1/messages`, use [`url`](Self::url).
    pub fn anthropic_url(&self) -> String {
        self.base_url(Provider::Anthropic)
    }

    /// Returns the base URL for a Gemini client, `http://127.0.0.1:{port}/v1beta/`.
    pub fn gemini_url(&self) -> String {
        self.base_url(Provider::Gemini)
    }

    /// Returns the base URL for an OpenAI client of Gemini, `http://127.0.0.1:{port}/v1beta/openai/`.
    pub fn gemini_openai_url(&self) -> String {
        self.base_url(Provider::GeminiOpenAi)
    }

    /// Returns a script for the next requests of a target: a model's name, a [`Provider`], a pair of both, or
    /// [`Target::any`]. If scripts for several targets match a request, the most precise one that has not ended
    /// applies. Scripts for the same target follow one another.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use catena_llm::simulator::{Fault, Provider, Simulator};
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sim = Simulator::start().await?;
    /// // Two rate-limited requests, then a stream that breaks off, then the answers of the responder.
    /// sim.script("gpt-4o")
    ///     .fail(Fault::status(429).retry_after(Duration::from_millis(50))).times(2)
    ///     .fail(Fault::Cut { after: 3 });
    /// // All of Anthropic is down.
    /// sim.script(Provider::Anthropic).fail(Fault::status(529)).always();
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    #[must_use = "it does nothing until a step is written"]
    pub fn script(&self, target: impl Into<Target>) -> Script<'_> {
        Script::new(&self.shared.rules, target.into())
    }

    /// Returns all requests, in order of arrival.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.recorder.all()
    }

    /// Returns the requests for a target, in order of arrival.
    pub fn requests_for(&self, target: impl Into<Target>) -> Vec<Recorded> {
        let target = target.into();
        let fits = |recorded: &Recorded| target.matches(recorded.request.provider, &recorded.request.model);
        self.requests().into_iter().filter(fits).collect()
    }

    /// Removes the recorded requests. The counters continue.
    pub fn clear_requests(&self) {
        self.shared.recorder.clear();
    }

    /// Returns the number of requests in flight.
    pub fn in_flight(&self) -> usize {
        self.shared.recorder.load().in_flight
    }

    /// Returns the maximum number of requests in flight so far.
    pub fn peak_in_flight(&self) -> usize {
        self.shared.recorder.load().peak
    }

    /// Waits until `count` requests have been received since the start.
    pub async fn received(&self, count: usize) {
        self.shared.recorder.until(|load| load.received >= count).await;
    }

    /// Waits until no request is in flight: all are answered, cut off, or abandoned by the client.
    ///
    /// ```
    /// # use catena_llm::simulator::{Fault, Outcome, Simulator};
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sim = Simulator::start().await?;
    /// sim.script("gpt-4o").fail(Fault::Hang);
    /// let call = reqwest::Client::new()
    ///     .post(sim.openai_url() + "chat/completions")
    ///     .bearer_auth("any key")
    ///     .body(r#"{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}"#)
    ///     .send();
    /// let call = tokio::spawn(call);
    /// sim.received(1).await;
    /// call.abort();
    /// sim.idle().await;
    /// assert_eq!(sim.requests()[0].outcome, Outcome::ClientLeft);
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub async fn idle(&self) {
        self.shared.recorder.until(|load| load.in_flight == 0).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // The task owns the connections and aborts them.
        self.server.abort();
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("address", &self.address).finish_non_exhaustive()
    }
}
