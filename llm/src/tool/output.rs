use super::ToolContent;
use catena::{Error, Result};
use serde::Serialize;
use serde_json::Value;

/// A type that a tool can return: any `Serialize` type, and [`ToolContent`].
#[diagnostic::on_unimplemented(
    message = "a tool cannot give a `{Self}`: the model gets its result as text",
    label = "this is not `serde::Serialize`",
    note = "derive `serde::Serialize` for it, or return a `String`"
)]
pub trait ToolOutput {
    /// Converts the value to text, images and files.
    #[doc(hidden)]
    fn content(&self) -> Result<ToolContent>;
}

/// A string becomes a text unchanged, any other value JSON.
#[diagnostic::do_not_recommend]
impl<T: Serialize> ToolOutput for T {
    fn content(&self) -> Result<ToolContent> {
        match serde_json::to_value(self) {
            Ok(Value::String(text)) => Ok(text.into()),
            // A tool that returns nothing has done its work.
            Ok(Value::Null) if std::mem::size_of::<T>() == 0 => Ok("done".into()),
            Ok(value) => Ok(value.to_string().into()),
            Err(error) => Err(Error::from(error).while_doing("writing the tool's result as JSON")),
        }
    }
}

#[diagnostic::do_not_recommend]
impl ToolOutput for ToolContent {
    fn content(&self) -> Result<ToolContent> {
        Ok(self.clone())
    }
}
