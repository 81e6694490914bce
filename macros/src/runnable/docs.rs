//! Additions to the docs of a step.

use quote::ToTokens;
use syn::{Attribute, parse_quote};

/// Adds how the step behaves in a stream, unless its docs have a section of that name.
///
/// A step without docs stays without, for the lint `missing_docs` to report.
pub(crate) fn streaming(docs: &mut Vec<Attribute>, takes_pieces: bool, gives_pieces: bool) {
    let written: Vec<&Attribute> = docs.iter().filter(|attribute| attribute.path().is_ident("doc")).collect();
    let has_section = written.iter().any(|attribute| attribute.to_token_stream().to_string().contains("# Streaming"));
    if written.is_empty() || has_section {
        return;
    }
    let text = match (takes_pieces, gives_pieces) {
        (true, _) => "Takes the chunks of the step before as they come, and gives its own as it makes them.",
        (false, true) => "Waits for its whole input, and gives its chunks as it makes them.",
        (false, false) => "Waits for its whole input, and gives its output in one.",
    };
    let text = format!("\n# Streaming\n{text}");
    docs.push(parse_quote!(#[doc = #text]));
}
