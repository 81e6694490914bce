//! The plan of an excursion, and the tool that buys for it.

use catena_llm::tool;

/// Buys a ticket.
#[tool]
pub(crate) fn buy_ticket(train: &str) -> String {
    format!("bought: {train}")
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize, schemars::JsonSchema)]
pub(crate) struct Plan {
    pub(crate) city: String,
    /// The train to take.
    pub(crate) train: String,
    pub(crate) reason: String,
}
