//! The language, each combinator, streams, settings and errors.

mod alternatives;
mod blocking;
mod chunks_as_data;
mod closures;
mod config;
mod config_conformance;
mod config_keys;
mod dynamic;
mod errors;
mod errors_of_others;
mod fallback;
mod fields;
mod inline_record;
mod language;
mod map_race;
mod parallel;
mod paths;
mod recursion;
mod retry;
mod router;
mod schemas;
mod sequence_of;
mod spawned_boxed;
mod streaming;
mod streams;
mod streams_random;
