//! The models for tests: scripted ones, and recorded ones.

mod cassette;
mod scripted;
#[cfg(all(feature = "providers", feature = "simulator", feature = "sqlite"))]
mod secrets;
