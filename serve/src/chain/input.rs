//! The inputs of served chains.

use serde::de::DeserializeOwned;

/// A type that a request's body can be read as. Implemented for all types with `serde::Deserialize` that borrow
/// nothing.
///
/// A JSON Schema of the type makes the pages and the descriptions of the chain complete, but is not required: derive
/// `schemars::JsonSchema` for it.
///
/// ```
/// #[derive(Clone, serde::Deserialize, schemars::JsonSchema)]
/// struct Question { text: String }
///
/// fn served<In: catena_serve::Input>() {}
/// served::<Question>();
/// ```
#[diagnostic::on_unimplemented(
    message = "a chain over `{Self}` cannot be served: no request can be read as `{Self}`",
    label = "takes `{Self}`, which does not implement `Deserialize`",
    note = "derive `serde::Deserialize` for `{Self}`; for an inline record, write a struct"
)]
pub trait Input: DeserializeOwned + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + Send + 'static> Input for T {}
