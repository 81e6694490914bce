//! A simulator of the providers' wire protocols, for tests and examples.
//!
//! It is a server on a free port of the loopback interface that speaks, over real HTTP, what OpenAI, Anthropic and
//! Gemini (its own protocol and its OpenAI-compatible endpoint) have published: paths, headers, bodies, server-sent
//! events, error envelopes, request checks. What it says is up to the test; by default it repeats the user's words.
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
//! They are checked as the provider checks them, and refused in its words: no key (any will do, unless
//! [`Builder::api_key`] says which), a body that is not JSON, a missing `model`, `messages`, `contents` or (Anthropic)
//! `max_tokens`, an unknown role; a model not in [`Builder::models`], where that was called. What is refused is
//! recorded, but concerns neither scripts nor the responder.
//!
//! # Answers
//!
//! They are the script's (see [`Simulator::script`]), or else the responder's (see [`Builder::respond`]). An answer
//! longer than the request's limit of tokens is cut there and finishes with [`Finish::Length`]. [`tokens`] counts,
//! from the actual texts.
//!
//! # Embeddings
//!
//! OpenAI's protocol (`embeddings`) and Gemini's (`embedContent`, `batchEmbedContents`) give vectors in which texts that
//! share words are near: [`HashingEmbedder`](crate::retrieval::HashingEmbedder), of 256 numbers unless the request says. Scripts and
//! responders are asked as for an answer, and their faults and delays count; what they say does not.
//!
//! # Faults
//!
//! Any request may [go wrong](Fault), in one of two dozen ways; [what a user gets](crate::faults) of each.
//!
//! # As a program
//!
//! `catena-simulator`, of this crate's feature `simulator`, serves until Ctrl-C, for programs that are to run without keys.
//! It prints the variables to set, which the [models](crate::openai) of this crate and most others read:
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
//! All delays are on tokio's clock. Under `#[tokio::test(start_paused = true)]` they take no time, but since that
//! clock jumps ahead whenever all tasks wait, also for the network, timeouts may then strike early.

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
    /// When no port can be opened.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// To start one that is set up otherwise.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The server's root, `http://127.0.0.1:{port}`, without a closing slash.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address the server listens at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL for a client of this protocol, with a closing slash: clients append `chat/completions`, `messages`,
    /// or `models/{model}:generateContent`. For clients that bring their own slash, trim it.
    pub fn base_url(&self, provider: Provider) -> String {
        self.url() + provider.base_path()
    }

    /// The base URL for an OpenAI client, `http://127.0.0.1:{port}/v1/`.
    pub fn openai_url(&self) -> String {
        self.base_url(Provider::OpenAi)
    }

    /// The base URL for an Anthropic client, `http://127.0.0.1:{port}/v1/`. For one that appends `/v1/messages`, it
    /// is [`url`](Self::url).
    pub fn anthropic_url(&self) -> String {
        self.base_url(Provider::Anthropic)
    }

    /// The base URL for a Gemini client, `http://127.0.0.1:{port}/v1beta/`.
    pub fn gemini_url(&self) -> String {
        self.base_url(Provider::Gemini)
    }

    /// The base URL for an OpenAI client of Gemini, `http://127.0.0.1:{port}/v1beta/openai/`.
    pub fn gemini_openai_url(&self) -> String {
        self.base_url(Provider::GeminiOpenAi)
    }

    /// Says what happens to the next requests of a target: a model's name, a [`Provider`], a pair of both, or
    /// [`Target::any`]. Where scripts for several targets fit a request, the most precise one not at its end goes
    /// first; scripts for the same target follow one another.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use catena_llm::simulator::{Fault, Provider, Simulator};
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sim = Simulator::start().await?;
    /// // Twice over the limit, then a stream that breaks off, then the responder's answers.
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

    /// All requests received, in order of their arrival.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.recorder.all()
    }

    /// The requests received for a target, in order of their arrival.
    pub fn requests_for(&self, target: impl Into<Target>) -> Vec<Recorded> {
        let target = target.into();
        let fits = |recorded: &Recorded| target.matches(recorded.request.provider, &recorded.request.model);
        self.requests().into_iter().filter(fits).collect()
    }

    /// Forgets the requests received so far. The counters go on.
    pub fn clear_requests(&self) {
        self.shared.recorder.clear();
    }

    /// How many requests are being answered.
    pub fn in_flight(&self) -> usize {
        self.shared.recorder.load().in_flight
    }

    /// The most requests that were being answered at once.
    pub fn peak_in_flight(&self) -> usize {
        self.shared.recorder.load().peak
    }

    /// Waits until so many requests have been received since the start.
    pub async fn received(&self, count: usize) {
        self.shared.recorder.until(|load| load.received >= count).await;
    }

    /// Waits until no request is being answered: all are sent, cut, or abandoned by the client.
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
        // Its connections are in a set it owns, and are aborted with it.
        self.server.abort();
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("address", &self.address).finish_non_exhaustive()
    }
}
