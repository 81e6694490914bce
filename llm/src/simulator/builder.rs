//! The settings of a simulator.

use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use tokio::net::TcpListener;

use super::recorder::Recorder;
use super::script::Rules;
use super::server::{Responder, Shared, serve};
use super::wire::Pace;
use super::{Answer, Chunking, Request, Role, Simulator};

/// A builder of a [`Simulator`].
///
/// ```
/// use std::time::Duration;
/// use catena_llm::simulator::{Answer, Simulator};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sim = Simulator::builder()
///     .models(["gpt-4o", "gpt-4o-mini"])
///     .chunk_delay(Duration::from_millis(20))
///     .respond(|request| match request.model.as_str() {
///         "gpt-4o" => Answer::from("Let me think.").latency(Duration::from_millis(100)),
///         _ => Answer::new(request.last_user().to_uppercase()),
///     })
///     .start()
///     .await?;
/// # let _ = sim;
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[must_use = "nothing runs before `start`"]
pub struct Builder {
    responder: Responder,
    models: Option<Vec<String>>,
    key: Option<String>,
    pace: Pace,
    port: u16,
}

impl Default for Builder {
    fn default() -> Self {
        Self { responder: Box::new(echo), models: None, key: None, pace: Pace::default(), port: 0 }
    }
}

impl Builder {
    /// Sets the responder, which answers requests without a script. It may return an [`Answer`], a text, or a
    /// [`Fault`](super::Fault).
    pub fn respond<A: Into<Answer>>(mut self, responder: impl Fn(&Request) -> A + Send + Sync + 'static) -> Self {
        self.responder = Box::new(move |request| responder(request).into());
        self
    }

    /// Sets the models that exist; requests for others are rejected. By default every model exists.
    pub fn models<S: Into<String>>(mut self, models: impl IntoIterator<Item = S>) -> Self {
        self.models = Some(models.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the only valid key. By default every key is valid.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Sets the latency of answers without a latency of their own. The default is none.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.pace.latency = latency;
        self
    }

    /// Sets the delay before each chunk of answers without a delay of their own. The default is none.
    pub fn chunk_delay(mut self, delay: Duration) -> Self {
        self.pace.chunk_delay = delay;
        self
    }

    /// Sets the splitting into chunks of answers without one of their own. The default is by word.
    pub fn chunking(mut self, chunking: Chunking) -> Self {
        self.pace.chunking = chunking;
        self
    }

    /// Sets the port. By default a free one is chosen.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Starts the server on 127.0.0.1. It runs on the current tokio runtime until the simulator is dropped.
    ///
    /// # Errors
    ///
    /// If the port cannot be opened.
    pub async fn start(self) -> io::Result<Simulator> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            responder: self.responder,
            models: self.models,
            key: self.key,
            pace: self.pace,
            rules: Rules::default(),
            recorder: Arc::new(Recorder::new()),
            numbers: AtomicUsize::new(0),
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Simulator { address, shared, server })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { responder: _, models, key, pace, port } = self;
        let key = key.as_ref().map(|_| "[redacted]");
        f.debug_struct("Builder")
            .field("models", models)
            .field("key", &key)
            .field("pace", pace)
            .field("port", port)
            .finish_non_exhaustive()
    }
}

/// Returns the default answer: the text of the last turn, which is by the user or a tool.
fn echo(request: &Request) -> Answer {
    match request.turns.last() {
        Some(turn) if turn.role == Role::Tool => Answer::new(format!("The tool said: {}", turn.text)),
        _ => Answer::new(format!("You said: {}", request.last_user())),
    }
}
