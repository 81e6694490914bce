use catena::{Error, Result};
use serde::Serialize;
use serde_json::Value;

/// A type that a tool can return: any `Serialize` type.
#[diagnostic::on_unimplemented(
    message = "a tool cannot give a `{Self}`: the model gets its result as text",
    label = "this is not `serde::Serialize`",
    note = "derive `serde::Serialize` for it, or return a `String`"
)]
pub trait ToolOutput {
    /// Converts the value to JSON.
    #[doc(hidden)]
    fn json(&self) -> serde_json::Result<Value>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> ToolOutput for T {
    fn json(&self) -> serde_json::Result<Value> {
        serde_json::to_value(self)
    }
}

/// Converts the output of a tool to text for the model: a string unchanged, any other value as JSON.
///
/// # Errors
/// If serialization fails.
#[doc(hidden)]
pub fn content<T: ToolOutput>(output: &T) -> Result<String> {
    match output.json() {
        Ok(Value::String(text)) => Ok(text),
        // A tool that returns nothing has done its work.
        Ok(Value::Null) if std::mem::size_of::<T>() == 0 => Ok("done".to_owned()),
        Ok(value) => Ok(value.to_string()),
        Err(error) => Err(Error::from(error).while_doing("writing the tool's result as JSON")),
    }
}
