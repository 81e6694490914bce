//! The cost of tokens.

mod cost;

pub use cost::Cost;

use super::catalogue;
use crate::{Catalogue, Message, Usage};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The prices of a model's tokens, in dollars per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Price {
    /// The price of input.
    pub input: Cost,
    /// The price of output, including reasoning.
    pub output: Cost,
    /// The price of input that is read from the provider's cache. If unset, the price of input applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<Cost>,
    /// The price of input that is written to the provider's cache. If unset, the price of input applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<Cost>,
}

impl Price {
    /// Creates the prices of a million input and output tokens.
    ///
    /// ```
    /// use catena_llm::{Cost, Price, Usage};
    ///
    /// let price = Price::per_million("2.50".parse()?, "$10".parse()?);
    /// assert_eq!(price.of(&Usage::new(1000, 100)).to_string(), "$0.0035");
    /// # Ok::<(), catena::Error>(())
    /// ```
    pub const fn per_million(input: Cost, output: Cost) -> Self {
        Price { input, output, cached_input: None, cache_write: None }
    }

    /// Sets the price of input that is read from the provider's cache.
    pub const fn cached_input(mut self, price: Cost) -> Self {
        self.cached_input = Some(price);
        self
    }

    /// Sets the price of input that is written to the provider's cache.
    pub const fn cache_write(mut self, price: Cost) -> Self {
        self.cache_write = Some(price);
        self
    }

    /// Returns the exact cost of these tokens.
    pub fn of(&self, usage: &Usage) -> Cost {
        let cached = usage.cached_input_tokens.min(usage.input_tokens);
        let written = usage.cache_write_tokens.min(usage.input_tokens - cached);
        let fresh = usage.input_tokens - cached - written;
        self.input.per_million(fresh)
            + self.cached_input.unwrap_or(self.input).per_million(cached)
            + self.cache_write.unwrap_or(self.input).per_million(written)
            + self.output.per_million(usage.output_tokens)
    }
}

/// A table of the prices of models.
///
/// The default has the list prices of the default [`Catalogue`]: of common models of OpenAI, Anthropic and Gemini, as
/// published in the [month](crate::ModelInfo::as_of) of each entry, none before [July 2026](PriceTable::AS_OF).
/// **Prices change**, and yours may differ: for batches, priority, long prompts or by contract. Replace those that do
/// not apply.
///
/// ```
/// use catena_llm::{Price, PriceTable, Usage};
///
/// let mut prices = PriceTable::default();
/// let cost = prices.cost("gpt-4o-mini-2024-07-18", &Usage::new(1000, 200)).unwrap();
/// assert_eq!(cost.to_string(), "$0.00027");
///
/// // The cost of an unknown model is unknown.
/// assert_eq!(prices.cost("in-house-7b", &Usage::new(1000, 200)), None);
/// prices.set("in-house-7b", Price::per_million("0.10".parse()?, "0.10".parse()?));
/// assert_eq!(prices.cost("in-house-7b", &Usage::new(1000, 200)).unwrap().to_string(), "$0.00012");
/// # Ok::<(), catena::Error>(())
/// ```
///
/// A model is found by its name, or by the name without a date. The price of `gpt-4o` applies to `gpt-4o-2024-08-06`
/// and `gpt-4o-latest`, unless these have their own prices. It does not apply to `gpt-4o-audio`.
#[derive(Clone, Debug)]
pub struct PriceTable {
    prices: HashMap<String, Price>,
}

impl PriceTable {
    /// The month of the oldest of the default prices.
    pub const AS_OF: &str = "2026-07";

    /// Creates a table without prices.
    pub fn empty() -> Self {
        PriceTable { prices: HashMap::new() }
    }

    /// Sets the price of a model. Replaces an earlier price.
    pub fn set(&mut self, model: impl Into<String>, price: Price) -> &mut Self {
        self.prices.insert(model.into(), price);
        self
    }

    /// Returns the price of a model, if it is known.
    pub fn price(&self, model: &str) -> Option<Price> {
        catalogue::find(&self.prices, model).copied()
    }

    /// Returns the cost of these tokens of a model, or `None` if its price is unknown.
    pub fn cost(&self, model: &str, usage: &Usage) -> Option<Cost> {
        Some(self.price(model)?.of(usage))
    }

    /// Returns the cost of an answer, or `None` if its model, its usage or the price is unknown.
    pub fn cost_of(&self, answer: &Message) -> Option<Cost> {
        self.cost(answer.model()?, &answer.usage()?)
    }
}

impl Default for PriceTable {
    fn default() -> Self {
        Catalogue::default().prices()
    }
}

impl FromIterator<(String, Price)> for PriceTable {
    fn from_iter<I: IntoIterator<Item = (String, Price)>>(prices: I) -> Self {
        PriceTable { prices: prices.into_iter().collect() }
    }
}

impl Extend<(String, Price)> for PriceTable {
    fn extend<I: IntoIterator<Item = (String, Price)>>(&mut self, prices: I) {
        self.prices.extend(prices);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dated_names_have_the_price_of_the_model_and_others_do_not() {
        let table = PriceTable::default();
        let price = |model| table.price(model);
        for (dated, model) in [
            ("gpt-4o-2024-08-06", "gpt-4o"),
            ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
            ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
            ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
            ("claude-3-5-haiku-latest", "claude-3-5-haiku"),
            ("gemini-2.0-flash-001", "gemini-2.0-flash"),
            ("models/gemini-2.5-flash-preview-05-20", "gemini-2.5-flash"),
            ("openai/gpt-4o", "gpt-4o"),
        ] {
            assert!(price(dated).is_some() && price(dated) == price(model), "{dated}");
        }
        for unknown in
            ["gpt-4o-audio-preview", "gpt-5-zeta", "claude-opus-4-99", "gpt-4", "gpt-4o-", "", "-", "ft:gpt-4o:x::y"]
        {
            assert_eq!(price(unknown).is_some(), unknown == "gpt-4", "{unknown}");
        }
    }

    #[test]
    fn cached_tokens_have_their_own_price() {
        let usd = |text: &str| text.parse::<Cost>().unwrap();
        let price = Price::per_million(usd("3"), usd("15")).cached_input(usd("0.30")).cache_write(usd("3.75"));
        let usage = Usage { cached_input_tokens: 600, cache_write_tokens: 100, ..Usage::new(1000, 10) };
        // 300 x 3 + 600 x 0.3 + 100 x 3.75 + 10 x 15, in millionths
        assert_eq!(price.of(&usage), usd("0.001605"));
        // Details that exceed the input do not underflow.
        let odd = Usage { cached_input_tokens: 9, cache_write_tokens: 9, ..Usage::new(5, 0) };
        assert_eq!(price.of(&odd), usd("0.0000015"));
    }
}
