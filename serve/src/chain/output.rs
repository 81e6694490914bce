//! The outputs of served chains.

use serde::Serialize;

/// A type that a response's body can be written from. Implemented for all types with `serde::Serialize`.
///
/// ```
/// #[derive(serde::Serialize)]
/// struct Verdict { answer: String }
///
/// fn served<Out: catena_serve::Output>() {}
/// served::<Verdict>();
/// ```
#[diagnostic::on_unimplemented(
    message = "a chain that gives `{Self}` cannot be served: no response can be written from `{Self}`",
    label = "gives `{Self}`, which does not implement `Serialize`",
    note = "derive `serde::Serialize` for `{Self}`, or end the chain with a step that gives another type"
)]
pub trait Output: Serialize + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + Send + 'static> Output for T {}
