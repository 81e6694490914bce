//! The tools of an agent that plans excursions.

use catena::Result;
use catena_llm::tool;

/// Tomorrow's weather in a city.
#[tool(timeout = "2s", idempotent)]
#[allow(clippy::unused_async, reason = "a real one asks a service")]
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
