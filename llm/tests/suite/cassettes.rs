//! The models for tests: scripted ones, and recorded ones.

mod cassette;
mod scripted;
#[cfg(all(feature = "genai", feature = "simulator", feature = "sqlite"))]
mod secrets;
