//! Signatures of thoughts and calls.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::{Engine, engine::general_purpose::STANDARD};

/// Returns the signature of a text. It is the same for the same text, so that no state is needed to check it.
pub(super) fn sign(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    STANDARD.encode(format!("simulated signature {:016x}", hasher.finish()))
}
