//! What a run took, and what its spans tell: over real HTTP, against the simulator.
#![cfg(all(feature = "providers", feature = "simulator"))]

#[cfg(feature = "otlp")]
mod collector;
#[cfg(feature = "otlp")]
mod otlp;
#[cfg(feature = "otlp")]
mod phoenix;
mod spans;
mod spending;

use catena_llm::{Model, anthropic, gemini, openai, simulator::Simulator};

pub(crate) fn gpt(sim: &Simulator) -> Model {
    openai("gpt-4o").base_url(sim.openai_url()).api_key("k").build().unwrap()
}

pub(crate) fn claude(sim: &Simulator) -> Model {
    anthropic("claude-sonnet-4-5").base_url(sim.anthropic_url()).api_key("k").build().unwrap()
}

pub(crate) fn flash(sim: &Simulator) -> Model {
    gemini("gemini-2.5-flash").base_url(sim.gemini_url()).api_key("k").build().unwrap()
}
