//! A chain as data: for audits, for other languages, and for comparisons.
//!
//! | file | contents |
//! |---|---|
//! | [`component`] | a part of a chain: its kind, name, settings and members |
//! | [`details`] | settings that a step reports, without secrets |
//! | [`naming`] | names of parts that have none |
//! | [`diff`] | the difference of two manifests |
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

/// The kinds, names and settings of all parts of a chain; created by [`manifest`](crate::RunnableExt::manifest). Secrets are marked
/// and left out.
///
/// As JSON it has the form of LangChain's `dumpd` (`lc`, `type`, `id`, `kwargs`), with LangChain's names for parts that exist there.
/// Properties that only Catena has are in `catena`, and the graph is in `graph`. A manifest can be read again, drawn, and compared
/// with another one.
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
    /// Creates the manifest of a chain, with the names of its parts.
    pub(crate) fn new(title: Option<&str>, input: String, root: Component) -> Self {
        let mut root = root.simple();
        // Its own name is the title, which a frame around all of it would only repeat.
        while root.kind == ComponentKind::Named && Some(root.name.as_str()) == title {
            let Some(inner) = root.members.pop() else { break };
            root = inner.component;
        }
        Manifest { title: title.unwrap_or_default().to_owned(), input, root }
    }

    /// Returns the chain.
    pub fn component(&self) -> &Component {
        &self.root
    }

    /// Returns the name of the chain, or an empty text.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Returns the name of the input type.
    pub fn input(&self) -> &str {
        &self.input
    }

    /// Returns the manifest as JSON, like `Serialize`.
    pub fn json(&self) -> Value {
        let mut json = langchain::write::write(self);
        json.sort_all_objects();
        json
    }

    /// Reads a manifest from JSON.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] if the JSON is not a manifest, with the position of the mistake.
    pub fn from_json(json: &Value) -> Result<Self> {
        langchain::read::read(json)
            .map_err(|why| Error::new(ErrorKind::BadInput, format!("this is no manifest: {why}")))
    }

    /// Returns the changes from this manifest to another one, in words.
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
    registry::learn(&mut |types| chain.types(types));
    Manifest::new(chain.name(), input(), chain.component())
}
