//! The pictures of chains: goldens of samples, random chains, and what the real parsers of the formats say.

mod checks;
mod goldens;
mod random;
mod real_parsers;
mod samples;
