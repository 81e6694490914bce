use super::tape::{Exchange, Tape};
use crate::{Chat, ChatModel, ChatRequest, Message, MessageAssembler, MessageChunk, Redactor, message, model::same_as};
use catena::{Assemble, Chunks, Context, Details, Error, ErrorKind, Result};
use futures_util::stream;
use serde_json::{Value, json};
use std::{
    env, fmt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The mode of a [`Cassette`]: whether it calls its model or replays its tape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CassetteMode {
    /// Replays the tape, and never calls the model.
    #[default]
    Replay,
    /// Calls the model, and starts a new tape.
    Record,
    /// Replays the tape. For requests that are not on it, calls the model and records the answer.
    Auto,
}

impl CassetteMode {
    /// The environment variable that sets the mode: `replay`, `record` or `auto`.
    pub const VARIABLE: &str = "CATENA_CASSETTE";

    /// Returns the mode of the environment variable. Without one, returns [`Replay`](CassetteMode::Replay).
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] if the variable has another value.
    pub fn from_env() -> Result<Self> {
        match env::var(CassetteMode::VARIABLE) {
            Ok(mode) if !mode.trim().is_empty() => mode.parse(),
            _ => Ok(CassetteMode::Replay),
        }
    }
}

impl FromStr for CassetteMode {
    type Err = Error;

    fn from_str(mode: &str) -> Result<Self> {
        match mode.trim().to_ascii_lowercase().as_str() {
            "replay" => Ok(CassetteMode::Replay),
            "record" => Ok(CassetteMode::Record),
            "auto" => Ok(CassetteMode::Auto),
            _ => {
                let message = format!("{} is `{mode}`: it has to be replay, record or auto", CassetteMode::VARIABLE);
                Err(Error::new(ErrorKind::BadInput, message))
            }
        }
    }
}

/// A model whose answers are recorded to a file, its tape, and replayed from it. Tests with real answers then need no
/// network, money or key. Created by [`Chat::on_cassette`]. A clone is the same cassette.
///
/// ```no_run
/// use catena::RunnableExt;
///
/// # async fn test() -> catena::Result<()> {
/// // Once, with a key: `CATENA_CASSETTE=record cargo test`. Afterwards: `cargo test`.
/// let key = std::env::var("OPENAI_API_KEY").unwrap_or("none is needed to replay".to_owned());
/// let chat = catena_llm::openai("gpt-4o-mini").api_key(key).build()?.on_cassette("tests/cassettes/capital.json")?;
/// assert!(chat.invoke("The capital of France?").await?.text().contains("Paris"));
/// # Ok(()) }
/// ```
///
/// # The tape
/// A JSON file to be kept with the tests. It has each request and its answer, a stream as its chunks. A request is
/// identified by its whole content and the name of the model. Equal requests get their answers in the order of the
/// recording; the last answer is repeated. A request that is not on the tape is an error of kind
/// [`ErrorKind::BadInput`] with the differences to the most similar one.
///
/// Errors are not recorded, and neither are streams that broke off. After each recording the file is written
/// immediately, which blocks the thread; if that fails, the call fails. Two cassettes that record to one file overwrite
/// each other.
///
/// # Secrets
/// Headers are not part of a request, so keys in headers are not on the tape. The credentials that the model sends are
/// recorded as `[redacted]` wherever they occur in messages and answers, in every encoding, and so are words that look
/// like a key (`sk-..`, `AIza..`, `Bearer ..` and such). All other parts of a prompt are on the tape, unless
/// [`redacting`](Cassette::redacting) removes them.
#[derive(Clone)]
pub struct Cassette<M> {
    model: M,
    mode: CassetteMode,
    path: Arc<Path>,
    tape: Arc<Mutex<Tape>>,
    secrets: Arc<Redactor>,
}

impl<M: ChatModel> Chat<M> {
    /// Records the answers to this file, or replays them, as the variable [`CATENA_CASSETTE`](CassetteMode::VARIABLE)
    /// says.
    ///
    /// # Errors
    /// Those of [`Cassette::new`].
    pub fn on_cassette(self, path: impl Into<PathBuf>) -> Result<Chat<Cassette<M>>> {
        let mode = CassetteMode::from_env()?;
        self.on_cassette_in(mode, path)
    }

    /// Records the answers to this file, or replays them, in this mode.
    ///
    /// # Errors
    /// Those of [`Cassette::new`].
    pub fn on_cassette_in(self, mode: CassetteMode, path: impl Into<PathBuf>) -> Result<Chat<Cassette<M>>> {
        let tape = open(mode, &path.into())?;
        Ok(self.map_model(|model| Cassette::with(model, mode, tape)))
    }
}

/// Opens the tape, and returns it with its path.
fn open(mode: CassetteMode, path: &Path) -> Result<(Tape, PathBuf)> {
    let tape = match mode {
        CassetteMode::Record => Tape::default(),
        CassetteMode::Auto => Tape::read(path)?.unwrap_or_default(),
        CassetteMode::Replay => Tape::read(path)?.ok_or_else(|| {
            let (path, variable) = (path.display(), CassetteMode::VARIABLE);
            Error::new(ErrorKind::BadInput, format!("there is no cassette {path}: record one with {variable}=record"))
        })?,
    };
    Ok((tape, path.to_owned()))
}

impl<M: ChatModel> Cassette<M> {
    /// Creates a cassette of this model with the tape at this path.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] if there is no tape to replay, or the file is not a tape.
    pub fn new(model: M, mode: CassetteMode, path: impl Into<PathBuf>) -> Result<Self> {
        Ok(Cassette::with(model, mode, open(mode, &path.into())?))
    }

    fn with(model: M, mode: CassetteMode, (tape, path): (Tape, PathBuf)) -> Self {
        let mut secrets = Redactor::new();
        model.secrets(&mut secrets);
        Cassette { model, mode, path: path.into(), tape: Arc::new(Mutex::new(tape)), secrets: Arc::new(secrets) }
    }

    /// Removes these texts from the tape as well, in every encoding. Empty texts are ignored.
    pub fn redacting<S: Into<String>>(mut self, secrets: impl IntoIterator<Item = S>) -> Self {
        let all = Arc::make_mut(&mut self.secrets);
        secrets.into_iter().for_each(|secret| all.add(&secret.into()));
        self
    }

    /// Returns the mode.
    pub fn mode(&self) -> CassetteMode {
        self.mode
    }

    fn asked(&self, request: &ChatRequest) -> Value {
        let mut asked = request.to_json();
        asked["model"] = json!(self.model.name());
        self.secrets.clean_json(&mut asked);
        asked
    }

    fn tape(&self) -> MutexGuard<'_, Tape> {
        self.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the answer on the tape; `None` if the model has to be called.
    fn recorded(&self, asked: &Value) -> Result<Option<Vec<MessageChunk>>> {
        if self.mode == CassetteMode::Record {
            return Ok(None);
        }
        match (self.tape().play(asked), self.mode) {
            (Ok(answer), _) => Ok(Some(answer)),
            (Err(_), CassetteMode::Auto) => Ok(None),
            (Err(nearest), _) => {
                let (path, variable) = (self.path.display(), CassetteMode::VARIABLE);
                let message = format!(
                    "the cassette {path} does not have this request ({nearest}): record it with {variable}=auto"
                );
                Err(Error::new(ErrorKind::BadInput, message))
            }
        }
    }

    fn record(&self, asked: Value, answer: &[MessageChunk]) -> Result<()> {
        let mut whole = serde_json::to_value(assembled(answer.iter().cloned())?)?;
        let is_dirty =
            self.secrets.clean_json(&mut whole) | self.secrets.clean_json(&mut serde_json::to_value(answer)?);
        let mut tape = self.tape();
        tape.add(if is_dirty {
            // A secret may be split over several chunks, none of which looks like one.
            Exchange::new(asked, chunks_of(serde_json::from_value(whole)?))
        } else {
            Exchange::new(asked, answer.to_vec())
        });
        tape.write(&self.path)
    }
}

fn assembled(chunks: impl IntoIterator<Item = MessageChunk>) -> Result<Message> {
    let mut assembler = MessageAssembler::default();
    chunks.into_iter().for_each(|chunk| assembler.push(chunk));
    assembler.finish()
}

fn chunks_of(message: Message) -> Vec<MessageChunk> {
    let mut chunks = Vec::new();
    MessageAssembler::default().split(message, &mut |chunk| chunks.push(chunk));
    chunks
}

impl<M: ChatModel> ChatModel for Cassette<M> {
    same_as!(self, self.model);

    fn details(&self, details: &mut Details) {
        self.model.details(details);
        details.set("cassette", self.path.display().to_string());
    }

    async fn complete(&self, request: ChatRequest, cx: &Context) -> Result<Message> {
        let asked = self.asked(&request);
        if let Some(chunks) = self.recorded(&asked)? {
            return assembled(chunks);
        }
        let answer = self.model.complete(request, cx).await?;
        self.record(asked, &chunks_of(answer.clone()))?;
        Ok(answer)
    }

    fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk> {
        Chunks::open(async move {
            let asked = self.asked(&request);
            if let Some(chunks) = self.recorded(&asked)? {
                return Ok(Chunks::new(stream::iter(chunks.into_iter().map(Ok))));
            }
            let add = |seen: &mut Vec<MessageChunk>, chunk: &MessageChunk| {
                seen.push(chunk.clone());
                chunk.finish_reason().is_some()
            };
            Ok(message::recorded(self.model.stream(request, cx), Vec::new(), add, move |seen| async move {
                self.record(asked, &seen)
            }))
        })
    }
}

impl<M: ChatModel> fmt::Debug for Cassette<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cassette")
            .field("model", &self.model.name())
            .field("mode", &self.mode)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
