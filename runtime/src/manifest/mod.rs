//! What a chain is made of, as data: for audit, for other languages, and to tell what changed.
//!
//! | file | contents |
//! |---|---|
//! | [`component`] | a part of a chain: its kind, name, settings and members |
//! | [`details`] | settings that a step reports, without secrets |
//! | [`naming`] | names of parts that have none |
//! | [`diff`] | what changed from one manifest to another |
//! | [`langchain`] | manifests as JSON |

pub(crate) mod component;
pub(crate) mod details;
mod diff;
mod langchain;
mod naming;

pub use component::{Component, ComponentKind, Member};
pub use details::Details;
pub use diff::Difference;
pub(crate) use langchain::write::class;

use crate::{
    Error, ErrorKind, Result, Runnable,
    reflect::{registry, type_name},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

/// What a chain is made of: kinds, names and settings of all its parts, with secrets marked and never there. Made by
/// [`manifest`](crate::RunnableExt::manifest).
///
/// As JSON it has the form of LangChain's `dumpd` (`lc`, `type`, `id`, `kwargs`), so that what has a counterpart there is
/// called the same; what is Catena's own is in a `catena` beside, and the graph in `graph`. It can be read again, drawn, and
/// compared with another one.
///
/// ```
/// use catena::{Manifest, prelude::*};
///
/// #[runnable]
/// fn words(text: &str) -> usize { text.split_whitespace().count() }
///
/// let chain = |attempts: u32| chain!(String => words.retry(attempts) | |n| n * 2);
/// let (old, new) = (chain(3).manifest(), chain(5).manifest());
/// let kept = serde_json::to_string(&old)?;
///
/// let kept: Manifest = serde_json::from_str(&kept)?;
/// assert_eq!(kept.difference(&new).to_string(), "words: attempts 3 -> 5\n");
/// assert_eq!(kept.graph().text(), old.graph().text());
/// # Ok::<(), catena::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    pub(crate) title: String,
    pub(crate) input: String,
    pub(crate) root: Component,
}

impl Manifest {
    /// Of a chain. What its parts are called within it is worked out here.
    pub(crate) fn new(title: Option<&str>, input: String, root: Component) -> Self {
        let mut root = root.simple();
        // Its own name is the title, which a frame around all of it would only repeat.
        while root.kind == ComponentKind::Named && Some(root.name.as_str()) == title {
            let Some(inner) = root.members.pop() else { break };
            root = inner.component;
        }
        Manifest { title: title.unwrap_or_default().to_owned(), input, root }
    }

    /// The chain.
    pub fn component(&self) -> &Component {
        &self.root
    }

    /// The name of the chain; empty where it has none.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The name of the type that goes in.
    pub fn input(&self) -> &str {
        &self.input
    }

    /// As JSON: what it serialises as.
    pub fn json(&self) -> Value {
        let mut json = langchain::write::write(self);
        json.sort_all_objects();
        json
    }

    /// From JSON.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] for anything but a manifest, with the place where it is none.
    pub fn from_json(json: &Value) -> Result<Self> {
        langchain::read::read(json)
            .map_err(|why| Error::new(ErrorKind::BadInput, format!("this is no manifest: {why}")))
    }

    /// What has changed from this one to the other, in words.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// #[runnable]
    /// fn trim(text: String) -> String { text.trim().to_owned() }
    /// #[runnable]
    /// fn shout(text: String) -> String { text.to_uppercase() }
    ///
    /// let old = chain!(String => trim | shout).manifest();
    /// let new = chain!(String => <loud: trim | shout, plain: trim>).manifest();
    /// assert!(old.difference(&old).is_empty());
    /// assert_eq!(
    ///     old.difference(&new).to_string(),
    ///     "the chain: gives { loud: String, plain: String }, before String\n\
    ///      the chain: was a sequence of trim, shout, is now a map of loud, plain\n"
    /// );
    /// ```
    pub fn difference(&self, other: &Manifest) -> Difference {
        diff::between(self, other)
    }
}

impl Serialize for Manifest {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Manifest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        Manifest::from_json(&json).map_err(|error| de::Error::custom(error.message()))
    }
}

/// The manifest of a chain.
pub(crate) fn of_chain<In: Send, R: Runnable<In>>(chain: &R) -> Manifest {
    of_chain_over::<In, R>(chain, type_name::short::<In>)
}

/// The manifest of a chain whose input is called this. It is asked for once all is known of the types of the chain.
pub(crate) fn of_chain_over<In: Send, R: Runnable<In>>(chain: &R, input: fn() -> String) -> Manifest {
    registry::learn(|types| chain.types(types));
    Manifest::new(chain.name(), input(), chain.component())
}
