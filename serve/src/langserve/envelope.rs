//! The bodies of requests.

use crate::failure::Failure;
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

/// The body of `invoke` and of the streams.
#[derive(Deserialize)]
pub(super) struct One<'a> {
    #[serde(borrow)]
    pub(super) input: &'a RawValue,
    #[serde(default)]
    pub(super) config: Option<Map<String, Value>>,
    #[serde(default)]
    kwargs: Option<Map<String, Value>>,
}

/// The body of `batch`.
#[derive(Deserialize)]
pub(super) struct Many<'a> {
    #[serde(borrow)]
    pub(super) inputs: Vec<&'a RawValue>,
    #[serde(default)]
    pub(super) config: Option<OneOrEach>,
    #[serde(default)]
    kwargs: Option<OneOrEach>,
}

/// One object for all inputs, or one for each.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrEach {
    One(Map<String, Value>),
    Each(Vec<Map<String, Value>>),
}

/// The steps whose events are wanted, in the bodies of `stream_events` and `stream_log`.
#[derive(Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    pub(super) include_names: Option<Vec<String>>,
    #[serde(default)]
    pub(super) include_types: Option<Vec<String>>,
    #[serde(default)]
    pub(super) include_tags: Option<Vec<String>>,
    #[serde(default)]
    pub(super) exclude_names: Option<Vec<String>>,
    #[serde(default)]
    pub(super) exclude_types: Option<Vec<String>>,
    #[serde(default)]
    pub(super) exclude_tags: Option<Vec<String>>,
}

impl Filter {
    pub(super) fn is_empty(&self) -> bool {
        let Filter { include_names, include_types, include_tags, exclude_names, exclude_types, exclude_tags } = self;
        [include_names, include_types, include_tags, exclude_names, exclude_types, exclude_tags]
            .into_iter()
            .all(Option::is_none)
    }
}

impl One<'_> {
    /// # Errors
    /// For arguments beside the input, which no chain takes.
    pub(super) fn checked(self) -> Result<Self, Failure> {
        refuse(self.kwargs.iter())?;
        Ok(self)
    }
}

impl Many<'_> {
    /// # Errors
    /// As [`One::checked`].
    pub(super) fn checked(self) -> Result<Self, Failure> {
        match &self.kwargs {
            None => {}
            Some(OneOrEach::One(kwargs)) => refuse([kwargs])?,
            Some(OneOrEach::Each(list)) => refuse(list)?,
        }
        Ok(self)
    }
}

fn refuse<'a>(kwargs: impl IntoIterator<Item = &'a Map<String, Value>>) -> Result<(), Failure> {
    // JavaScript's `streamEvents` sends the version of the events here: there is one.
    let wanted = |(name, value): &(&String, &Value)| !value.is_null() && (*name != "version" || *value != "v2");
    match kwargs.into_iter().flatten().find(wanted) {
        None => Ok(()),
        Some((name, _)) => {
            let message = format!("a chain takes no argument `{name}` beside its input");
            Err(Failure::unprocessable(message).at(format!("kwargs.{name}")))
        }
    }
}
