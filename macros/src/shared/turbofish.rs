//! Paths as expressions write them: `Answers::<T>`.

use syn::{Path, PathArguments};

/// Adds the `::` before generic arguments, which an expression needs and a type may leave out.
pub(crate) fn turbofish(path: &Path) -> Path {
    let mut path = path.clone();
    for segment in &mut path.segments {
        if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
            arguments.colon2_token.get_or_insert_with(Default::default);
        }
    }
    path
}
