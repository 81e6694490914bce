//! Servers, models, files and texts that mean harm.

#[cfg(feature = "providers")]
mod bodies;
#[cfg(feature = "providers")]
mod client;
#[cfg(feature = "sqlite")]
mod database;
mod flood;
#[cfg(feature = "providers")]
mod identity;
#[cfg(feature = "providers")]
mod leaks;
#[cfg(all(feature = "providers", feature = "templates", feature = "rate-limit"))]
mod numbers;
#[cfg(feature = "providers")]
mod pieces;
