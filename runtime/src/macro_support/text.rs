//! Texts in the patterns of a `match`: `match { "yes" => .., _ => .. }`, of a `String` too.

use std::{borrow::Cow, rc::Rc, sync::Arc};

/// A value that a text in a pattern can match.
#[diagnostic::on_unimplemented(
    message = "a text in a pattern matches a `String` or a `&str`, and not `{Self}`",
    label = "no text is matched here, but `{Self}`"
)]
pub trait Text {
    /// Returns the text.
    fn text(value: &Self) -> &str;
}

#[diagnostic::do_not_recommend]
impl Text for str {
    #[inline]
    fn text(value: &str) -> &str {
        value
    }
}

#[diagnostic::do_not_recommend]
impl Text for String {
    #[inline]
    fn text(value: &String) -> &str {
        value
    }
}

macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: Text + ?Sized> Text for $pointer {
            #[inline]
            fn text(value: &Self) -> &str {
                T::text(value)
            }
        }
    )*};
}
pointers!(&T, Box<T>, Rc<T>, Arc<T>);

#[diagnostic::do_not_recommend]
impl Text for Cow<'_, str> {
    #[inline]
    fn text(value: &Self) -> &str {
        value
    }
}
