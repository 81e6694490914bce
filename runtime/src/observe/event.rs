//! The events of a run that an observer receives, with the names of LangChain's `astream_events`.

use crate::{Error, Kind, Node, observe::run_scope};
use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeStruct},
};
use serde_json::{Map, Value};
use std::{
    borrow::Cow,
    fmt,
    str::FromStr,
    sync::{Arc, OnceLock},
};

/// The identity of one run of one step: a UUID.
///
/// ```
/// use catena::RunId;
///
/// let id: RunId = "00000000-0000-4000-8000-000000000005".parse()?;
/// assert_eq!(id.to_string(), "00000000-0000-4000-8000-000000000005");
/// # Ok::<(), catena::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(uuid::Uuid);

impl RunId {
    /// Creates a random identity.
    pub fn random() -> Self {
        RunId(uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid())
    }

    /// Creates an identity from the 128 bits of a UUID.
    pub const fn from_u128(bits: u128) -> Self {
        RunId(uuid::Uuid::from_u128(bits))
    }

    /// Returns the 128 bits.
    pub const fn as_u128(&self) -> u128 {
        self.0.as_u128()
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RunId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(RunId)
    }
}

impl Serialize for RunId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The identity of a run, drawn when it is first asked for: an observer that asks for none costs none.
pub(crate) struct RunIdentity(OnceLock<RunId>);

impl RunIdentity {
    /// Creates an identity: the given one, or a random one when it is asked for.
    pub(crate) fn new(given: Option<RunId>) -> Self {
        RunIdentity(given.map_or_else(OnceLock::new, OnceLock::from))
    }

    fn get(&self) -> RunId {
        *self.0.get_or_init(RunId::random)
    }
}

/// The copy of a run has the same identity.
impl Clone for RunIdentity {
    fn clone(&self) -> Self {
        RunIdentity::new(Some(self.get()))
    }
}

impl fmt::Debug for RunIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// One run of one step: the properties that all its events share.
#[derive(Clone, Debug)]
pub struct Run {
    pub(crate) id: RunIdentity,
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: RunKind,
    pub(crate) parent: Option<Arc<Run>>,
    pub(crate) place: Position,
    pub(crate) structure: Structure,
    pub(crate) own_tags: &'static [&'static str],
    pub(crate) tags: Arc<[String]>,
    pub(crate) metadata: Arc<Map<String, Value>>,
    /// The runs that are open in it.
    pub(crate) state: run_scope::State,
}

/// The structure of the step that runs.
#[derive(Clone, Copy)]
pub(crate) struct Structure(pub(crate) &'static Node);

/// All that is in it would hide the rest.
impl fmt::Debug for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.title())
    }
}

/// The position of a step in the step around it, which is the first tag of its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// Not in a place with a name.
    Free,
    /// A step of a sequence, from 1.
    Step(usize),
    /// A field of a parallel map.
    Field(&'static str),
    /// A second or later attempt.
    Attempt(u32),
    /// An arm of a branch, from 1.
    Arm(usize),
    /// The arm of a branch that takes all the rest.
    Default,
}

impl Position {
    fn tag(self) -> Option<String> {
        match self {
            Position::Free | Position::Attempt(..=1) => None,
            Position::Step(number) => Some(format!("seq:step:{number}")),
            Position::Field(name) => Some(format!("map:key:{name}")),
            Position::Attempt(number) => Some(format!("retry:attempt:{number}")),
            Position::Arm(number) => Some(format!("branch:{number}")),
            Position::Default => Some("branch:default".to_owned()),
        }
    }
}

impl Run {
    /// Returns its identity.
    pub fn id(&self) -> RunId {
        self.id.get()
    }

    /// Returns the name of the step, or of the [configuration](crate::Config::run_name).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the kind of the step.
    pub fn kind(&self) -> RunKind {
        self.kind
    }

    /// Returns the structure of the step.
    pub fn node(&self) -> &'static Node {
        self.structure.0
    }

    /// Returns the run that this one is part of, or `None` for the outermost.
    pub fn parent(&self) -> Option<&Run> {
        self.parent.as_deref()
    }

    /// Returns the identities of the runs around it, outermost first.
    pub fn parents(&self) -> Vec<RunId> {
        let mut ids: Vec<RunId> = std::iter::successors(self.parent(), |run| run.parent()).map(Run::id).collect();
        ids.reverse();
        ids
    }

    /// Returns the tags: the position in the chain (`seq:step:1`, `map:key:gpt`, `branch:default`, `retry:attempt:2`), then the
    /// tags of the step, then the tags of the [configuration](crate::Config::tag).
    pub fn tags(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.place.tag().map(Cow::Owned).into_iter().chain(self.given_tags())
    }

    /// The step's own tags and those of the configuration, without that of the place.
    fn given_tags(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let own = self.own_tags.iter().map(|tag| Cow::Borrowed(*tag));
        own.chain(self.tags.iter().map(|tag| Cow::Borrowed(&**tag)))
    }

    /// Returns `true` if it has this tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags().any(|own| own == tag)
    }

    /// Returns the metadata of the run.
    pub fn metadata(&self) -> &Map<String, Value> {
        &self.metadata
    }
}

/// The family of an event, and of the step that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunKind {
    /// Functions, closures and combinators.
    Chain,
    /// A prompt, which creates the input of a model.
    Prompt,
    /// A language model.
    ChatModel,
    /// A parser, which reads the output of a model.
    Parser,
    /// A tool, which a model may call.
    Tool,
    /// A retriever, which finds documents.
    Retriever,
}

impl RunKind {
    /// Returns the name as in the names of events: `chat_model`.
    pub const fn name(self) -> &'static str {
        self.names()[0]
    }

    /// The family's name, and those of its events in the order of [`EventKind`].
    const fn names(self) -> [&'static str; 5] {
        match self {
            RunKind::Chain => ["chain", "on_chain_start", "on_chain_stream", "on_chain_end", "on_chain_error"],
            RunKind::Prompt => ["prompt", "on_prompt_start", "on_prompt_stream", "on_prompt_end", "on_prompt_error"],
            RunKind::ChatModel => [
                "chat_model",
                "on_chat_model_start",
                "on_chat_model_stream",
                "on_chat_model_end",
                "on_chat_model_error",
            ],
            RunKind::Parser => ["parser", "on_parser_start", "on_parser_stream", "on_parser_end", "on_parser_error"],
            RunKind::Tool => ["tool", "on_tool_start", "on_tool_stream", "on_tool_end", "on_tool_error"],
            RunKind::Retriever => {
                ["retriever", "on_retriever_start", "on_retriever_stream", "on_retriever_end", "on_retriever_error"]
            }
        }
    }

    /// Returns `true` if a value that comes at once is an event of its own, beside the end.
    pub(crate) const fn streams(self) -> bool {
        matches!(self, RunKind::Chain | RunKind::ChatModel | RunKind::Parser)
    }
}

impl From<Kind> for RunKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Prompt => RunKind::Prompt,
            Kind::Model => RunKind::ChatModel,
            Kind::Parser => RunKind::Parser,
            Kind::Tool => RunKind::Tool,
            Kind::Retriever => RunKind::Retriever,
            _ => RunKind::Chain,
        }
    }
}

/// An event of a run.
///
/// A clone is cheap, because everything in it is shared. As JSON it has the fields of LangChain's `astream_events`, version 2:
/// `event`, `name`, `run_id`, `parent_ids`, `tags`, `metadata`, `data`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// The run it belongs to.
    pub run: Arc<Run>,
    /// The kind of the event, with its values.
    pub kind: EventKind,
}

/// The kind of an [`Event`], with its values as JSON. A value is missing if any part of it cannot be serialized.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EventKind {
    /// The step began.
    Start {
        /// The input. It is not known yet if it arrives in chunks.
        input: Option<Arc<Value>>,
    },
    /// The step yielded a chunk of its output.
    Stream {
        /// The chunk.
        chunk: Option<Arc<Value>>,
    },
    /// The step ended.
    End {
        /// The input.
        input: Option<Arc<Value>>,
        /// The output.
        output: Option<Arc<Value>>,
    },
    /// The step failed or was stopped ([`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled)).
    Error {
        /// The input.
        input: Option<Arc<Value>>,
        /// The error, before the steps around it add their segments to the path.
        error: Error,
    },
    /// The step emitted a custom event with [`Context::emit`](crate::Context::emit).
    Custom {
        /// The name.
        name: Cow<'static, str>,
        /// The data; `None` if it cannot be serialized.
        data: Option<Arc<Value>>,
    },
}

impl Event {
    /// Returns the name of the event as in LangChain: `on_chat_model_stream`, or `on_custom_event` for a custom event.
    pub fn event(&self) -> &'static str {
        let names = self.run.kind.names();
        match self.kind {
            EventKind::Start { .. } => names[1],
            EventKind::Stream { .. } => names[2],
            EventKind::End { .. } => names[3],
            EventKind::Error { .. } => names[4],
            EventKind::Custom { .. } => "on_custom_event",
        }
    }

    /// Returns the tags of the run. A custom event does not have the position of its step, as in `LangChain`.
    pub fn tags(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let place = match self.kind {
            EventKind::Custom { .. } => None,
            _ => self.run.place.tag(),
        };
        place.map(Cow::Owned).into_iter().chain(self.run.given_tags())
    }

    /// Returns the name of the step, or of the custom event.
    pub fn name(&self) -> &str {
        match &self.kind {
            EventKind::Custom { name, .. } => name,
            _ => &self.run.name,
        }
    }

    /// Returns the input, if the event has it.
    pub fn input(&self) -> Option<&Value> {
        match &self.kind {
            EventKind::Start { input } | EventKind::End { input, .. } | EventKind::Error { input, .. } => {
                input.as_deref()
            }
            _ => None,
        }
    }

    /// Returns the output, if the event is an end.
    pub fn output(&self) -> Option<&Value> {
        match &self.kind {
            EventKind::End { output, .. } => output.as_deref(),
            _ => None,
        }
    }

    /// Returns the chunk, if the event is a chunk.
    pub fn chunk(&self) -> Option<&Value> {
        match &self.kind {
            EventKind::Stream { chunk } => chunk.as_deref(),
            _ => None,
        }
    }

    /// Returns the error, if the run failed.
    pub fn error(&self) -> Option<&Error> {
        match &self.kind {
            EventKind::Error { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// The part of an event that depends on its kind.
struct Data<'a>(&'a EventKind);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_map(None)?;
        let mut entry = |name: &'static str, value: &Option<Arc<Value>>| match value {
            Some(value) => out.serialize_entry(name, &**value),
            None => Ok(()),
        };
        match self.0 {
            EventKind::Start { input } => entry("input", input)?,
            EventKind::Stream { chunk } => entry("chunk", chunk)?,
            EventKind::End { input, output } => {
                entry("output", output)?;
                entry("input", input)?;
            }
            EventKind::Error { input, error } => {
                entry("input", input)?;
                out.serialize_entry("error", error)?;
            }
            EventKind::Custom { .. } => {}
        }
        out.end()
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Event", 7)?;
        out.serialize_field("event", self.event())?;
        out.serialize_field("name", self.name())?;
        out.serialize_field("run_id", &self.run.id())?;
        out.serialize_field("parent_ids", &self.run.parents())?;
        out.serialize_field("tags", &self.tags().collect::<Vec<_>>())?;
        out.serialize_field("metadata", &*self.run.metadata)?;
        match &self.kind {
            EventKind::Custom { data: Some(data), .. } => out.serialize_field("data", &**data)?,
            EventKind::Custom { data: None, .. } => {}
            kind => out.serialize_field("data", &Data(kind))?,
        }
        out.end()
    }
}
