//! Responses that stream.
//!
//! | file | contents |
//! |---|---|
//! | `frame` | [`Frame`], one server-sent event |
//! | `sse` | a stream of frames as a response |
//! | `resumable` | streams that go on for a while when their client is gone |
//! | `guarded` | a stream that ends at its deadline, also if no client reads it |

mod frame;
mod guarded;
mod resumable;
mod sse;

pub(crate) use frame::Frame;
pub(crate) use resumable::{NotResumed, Streams};
pub(crate) use sse::{event_stream, respond};
