//! The tools of an excursion, and its plan.

#![allow(clippy::unused_async, reason = "a real forecast would be asked for over the network")]

use catena::Result;
use catena_llm::tool;

/// Tomorrow's weather in a city.
#[tool(timeout = "2s", idempotent)]
pub(crate) async fn weather(
    /// Its English name.
    city: &str,
) -> Result<&'static str> {
    match city {
        "Zurich" => Ok("18 degrees, rain"),
        "Lugano" => Ok("27 degrees, sunny"),
        other => Err(catena::Error::msg(format!("no forecast for {other}: there are Zurich and Lugano"))),
    }
}

/// The trains of tomorrow morning.
#[tool(idempotent)]
pub(crate) fn trains(from: &str, to: &str) -> Vec<String> {
    vec![format!("{from} 7:05 - {to} 9:02"), format!("{from} 8:05 - {to} 10:02")]
}

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
