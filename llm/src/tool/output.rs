use catena::{Error, Result};
use serde::Serialize;
use serde_json::Value;

/// What a tool may give: anything that `serde` writes.
#[diagnostic::on_unimplemented(
    message = "a tool cannot give a `{Self}`: the model gets its result as text",
    label = "this is not `serde::Serialize`",
    note = "derive `serde::Serialize` for it, or return a `String`"
)]
pub trait ToolOutput {
    /// As JSON.
    #[doc(hidden)]
    fn json(&self) -> serde_json::Result<Value>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> ToolOutput for T {
    fn json(&self) -> serde_json::Result<Value> {
        serde_json::to_value(self)
    }
}

/// What a tool gave, as text for the model: a text as it is, anything else as JSON.
///
/// # Errors
/// When `serde` cannot write it.
#[doc(hidden)]
pub fn content<T: ToolOutput>(output: &T) -> Result<String> {
    match output.json() {
        Ok(Value::String(text)) => Ok(text),
        // A tool that gives nothing has done something.
        Ok(Value::Null) if std::mem::size_of::<T>() == 0 => Ok("done".to_owned()),
        Ok(value) => Ok(value.to_string()),
        Err(error) => Err(Error::from(error).while_doing("writing the tool's result as JSON")),
    }
}
