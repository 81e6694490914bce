//! Paths as they are written in expressions: `Answers::<T>`.

use syn::{Path, PathArguments};

/// With the `::` before generic arguments that an expression wants, and a type may leave out.
pub(crate) fn turbofish(path: &Path) -> Path {
    let mut path = path.clone();
    for segment in &mut path.segments {
        if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
            arguments.colon2_token.get_or_insert_with(Default::default);
        }
    }
    path
}
