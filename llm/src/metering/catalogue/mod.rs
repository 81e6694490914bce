//! The catalogue of models.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Catalogue`] |
//! | `model_info` | [`ModelInfo`], the entry of a model |
//! | `defaults` | the models of the default catalogue |
//! | `names` | names of models, with and without dates |

mod defaults;
mod model_info;
mod names;

pub use model_info::{Capability, ModelInfo};

pub(super) use names::find;

use crate::PriceTable;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A catalogue of models: their limits, their prices and their capabilities.
///
/// The default has common models of OpenAI, Anthropic and Gemini, as their providers' documentation described them at
/// the [date](ModelInfo::as_of) of each entry. Providers change models, so replace entries that do not apply. Nothing
/// in this crate refuses a model because of its entry; the catalogue is for your own decisions.
///
/// ```
/// use catena_llm::{Capability, Catalogue, ModelInfo};
///
/// let mut models = Catalogue::default();
/// let gpt = models.get("gpt-4o-2024-08-06").unwrap();
/// assert_eq!(gpt.context_tokens, Some(128_000));
/// assert!(gpt.can(Capability::Images) && !gpt.can(Capability::Reasoning));
///
/// // Unknown models have no entry.
/// assert!(models.get("in-house-7b").is_none());
/// models.set("in-house-7b", ModelInfo::new("2026-11").context_tokens(32_768).capability(Capability::Tools));
/// assert!(models.get("in-house-7b").unwrap().can(Capability::Tools));
/// ```
///
/// A catalogue can be kept in a file, as JSON:
///
/// ```
/// # use catena_llm::Catalogue;
/// let models: Catalogue = serde_json::from_str(r#"{
///     "in-house-7b": {
///         "as_of": "2026-11", "context_tokens": 32768, "max_output_tokens": 4096,
///         "price": {"input": "$0.10", "output": "$0.10"}, "capabilities": ["tools", "images"]
///     }
/// }"#)?;
/// let prices = models.prices();
/// assert!(prices.price("in-house-7b").is_some());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// A model is found by its name, or by the name without a date: the entry of `gpt-4o` applies to `gpt-4o-2024-08-06`
/// and `openai/gpt-4o`. It does not apply to `gpt-4o-audio`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Catalogue {
    models: HashMap<String, ModelInfo>,
}

impl Catalogue {
    /// Creates a catalogue without models.
    pub fn empty() -> Self {
        Catalogue { models: HashMap::new() }
    }

    /// Sets the entry of a model. Replaces an earlier entry.
    pub fn set(&mut self, model: impl Into<String>, info: ModelInfo) -> &mut Self {
        self.models.insert(model.into(), info);
        self
    }

    /// Returns the entry of a model, if there is one.
    pub fn get(&self, model: &str) -> Option<&ModelInfo> {
        find(&self.models, model)
    }

    /// Returns all names with their entries, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ModelInfo)> {
        let mut all: Vec<_> = self.models.iter().map(|(name, info)| (name.as_str(), info)).collect();
        all.sort_unstable_by_key(|(name, _)| *name);
        all.into_iter()
    }

    /// Returns the prices of the models that have one, for a [budget](crate::budget::Budget::prices), an
    /// [agent](crate::Agent::cost_limit) or a [cost](crate::Spending::cost).
    pub fn prices(&self) -> PriceTable {
        self.models.iter().filter_map(|(name, info)| Some((name.clone(), info.price?))).collect()
    }
}

impl Default for Catalogue {
    fn default() -> Self {
        Catalogue { models: defaults::models().into_iter().collect() }
    }
}

impl Extend<(String, ModelInfo)> for Catalogue {
    fn extend<I: IntoIterator<Item = (String, ModelInfo)>>(&mut self, models: I) {
        self.models.extend(models);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Price;

    #[test]
    fn each_entry_has_a_date_and_limits_that_fit() {
        let models = Catalogue::default();
        assert!(models.iter().count() > 50);
        for (name, info) in models.iter() {
            let (year, month) = info.as_of.split_once('-').unwrap();
            assert!(
                year.parse::<u32>().unwrap() >= 2026 && (1..=12).contains(&month.parse::<u32>().unwrap()),
                "{name}"
            );
            let (context, output) = (info.context_tokens.unwrap(), info.max_output_tokens.unwrap());
            let is_embedder = name.contains("embedding");
            assert!(if is_embedder { output == 0 } else { output <= context && output >= 4096 }, "{name}");
            if let Some(Price { input, output, cached_input, .. }) = info.price {
                assert!((output > input || is_embedder) && cached_input.is_none_or(|cached| cached < input), "{name}");
            }
        }
    }

    #[test]
    fn a_catalogue_survives_being_stored() {
        let models = Catalogue::default();
        let stored = serde_json::to_string(&models).unwrap();
        assert_eq!(serde_json::from_str::<Catalogue>(&stored).unwrap(), models);
        let entry = serde_json::to_value(models.get("gpt-4o-mini")).unwrap();
        assert_eq!(entry["price"], serde_json::json!({"input": "$0.15", "output": "$0.60", "cached_input": "$0.075"}));
        let wrong = serde_json::from_str::<Catalogue>(r#"{"m": {"as_of": "2026-11", "contextt": 3}}"#).unwrap_err();
        assert!(wrong.to_string().contains("contextt"), "{wrong}");
    }

    #[test]
    fn prices_are_those_of_the_table() {
        let (models, table) = (Catalogue::default().prices(), PriceTable::default());
        for name in ["gpt-5", "claude-sonnet-4-5-20250929", "models/gemini-2.5-flash"] {
            assert!(table.price(name).is_some() && models.price(name) == table.price(name), "{name}");
        }
    }
}
