//! Responses that stream.
//!
//! | file | contents |
//! |---|---|
//! | `frame` | [`Frame`], one server-sent event |
//! | `sse` | a stream of frames as a response |
//! | `guarded` | a stream that ends at its deadline, also if no client reads it |

mod frame;
mod guarded;
mod sse;

pub(crate) use frame::Frame;
pub(crate) use sse::respond;
