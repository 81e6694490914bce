use crate::Message;
use serde_json::Value;
use std::{borrow::Cow, sync::Arc};

/// An input of a [parser](crate::parser): text, or a message with its text. The input is borrowed.
#[diagnostic::on_unimplemented(
    message = "a parser cannot read a `{Self}`",
    label = "the parser gets `{Self}`",
    note = "it takes text or a `Message`: put a model before it, or a closure that makes one of them"
)]
pub trait AsText {
    /// Returns the text to parse.
    fn as_text(&self) -> &str;

    /// Returns the value for events: a message as a message, other inputs as their text.
    fn to_json(&self) -> Value {
        self.as_text().into()
    }
}

impl AsText for str {
    fn as_text(&self) -> &str {
        self
    }
}

impl AsText for String {
    fn as_text(&self) -> &str {
        self
    }
}

impl AsText for Cow<'_, str> {
    fn as_text(&self) -> &str {
        self
    }
}

impl AsText for Message {
    fn as_text(&self) -> &str {
        self.text()
    }

    fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_else(|_| self.as_text().into())
    }
}

macro_rules! pointer {
    ($($Pointer:ty),*) => {$(
        impl<T: AsText + ?Sized> AsText for $Pointer {
            fn as_text(&self) -> &str {
                (**self).as_text()
            }

            fn to_json(&self) -> Value {
                (**self).to_json()
            }
        }
    )*};
}
pointer!(&T, Box<T>, Arc<T>);
