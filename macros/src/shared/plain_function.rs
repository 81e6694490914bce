//! Checks of functions that steps and tools share.

use super::diagnostics::Diagnostics;
use syn::{Signature, spanned::Spanned};

/// Checks that a function is safe Rust with a fixed number of parameters. `what` names it in errors: `"a step"`.
pub(crate) fn check(what: &str, sig: &Signature, diagnostics: &Diagnostics) {
    if let Some(abi) = &sig.abi {
        diagnostics.error(abi.span(), format!("{what} is a Rust function, without an ABI of its own"));
    }
    if let Some(variadic) = &sig.variadic {
        diagnostics.error(variadic.span(), format!("{what} takes a fixed number of parameters"));
    }
    if let syn::Safety::Unsafe(keyword) = &sig.safety {
        diagnostics.error(keyword.span(), format!("{what} is safe to call: wrap the unsafe part inside it"));
    }
}

/// Checks that a function with the option `blocking` is not async.
pub(crate) fn check_blocking(blocking: bool, sig: &Signature, diagnostics: &Diagnostics) {
    if blocking && let Some(asyncness) = &sig.asyncness {
        diagnostics.error(asyncness.span(), "`blocking` is for functions that block: an async one must not");
    }
}
