//! The identity of a request.

use catena::RunId;
use std::{fmt, io::Write, sync::Arc};

/// The longest id that is taken over from a client.
const LONGEST: usize = 128;

/// The characters of a UUID.
const UUID: usize = 36;

/// The identity of a request: the client's `x-request-id`, or a random one. It is in the response's header of that
/// name, in the span of the request, in the metadata of the run's events, and in the run's context.
///
/// ```
/// use catena::prelude::*;
/// use catena_serve::RequestId;
///
/// #[runnable]
/// fn log(text: String, cx: &Context) -> String {
///     if let Some(id) = cx.get::<RequestId>() {
///         println!("{id}: {text}");
///     }
///     text
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// Returns the id as text: visible ASCII, at most 128 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes over a client's id, if it is short and has no spaces and control characters.
    pub(crate) fn given(text: &[u8]) -> Option<Self> {
        let fits = (1..=LONGEST).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic);
        let text = std::str::from_utf8(text).ok().filter(|_| fits)?;
        Some(RequestId(text.into()))
    }

    pub(crate) fn random() -> Self {
        let mut text = [0; UUID];
        // An array takes what fits into it, which a UUID does.
        let _ = write!(&mut text[..], "{}", RunId::random());
        RequestId(std::str::from_utf8(&text).unwrap_or_default().into())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
