//! The bounds on inputs and outputs of durable steps.

use serde::{Serialize, de::DeserializeOwned};

/// An input of a durable step: it is written as JSON, of which a hash is kept.
#[diagnostic::on_unimplemented(
    message = "a durable step cannot take `{Self}`: it cannot be written as JSON",
    label = "`{Self}` does not implement `Serialize`",
    note = "derive `serde::Serialize` for `{Self}`: a record is only used for the same input"
)]
pub trait Input: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> Input for T {}

/// An output of a durable step: it is kept as JSON.
#[diagnostic::on_unimplemented(
    message = "a durable step cannot give `{Self}`: it cannot be kept as JSON",
    label = "`{Self}` does not implement `Serialize` and `Deserialize`",
    note = "derive `serde::Serialize` and `serde::Deserialize` for `{Self}`; a parallel map gives such a struct by `<..> as Struct`"
)]
pub trait Output: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Output for T {}
