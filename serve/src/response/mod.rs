//! Responses that stream.
//!
//! | file | contents |
//! |---|---|
//! | `frame` | [`Frame`], one server-sent event |
//! | `encode` | [`Encoder`], and a run as frames |
//! | `sse` | a stream of frames as a response |
//! | `resumable` | streams that go on for a while when their client is gone |
//! | `guarded` | a stream that ends at its deadline, also if no client reads it |

mod encode;
mod frame;
mod guarded;
mod resumable;
mod sse;

pub(crate) use encode::{Encoder, Frames, encoded};
pub(crate) use frame::Frame;
pub(crate) use resumable::{NotResumed, StreamKey, Streams};
use sse::IN_ONE_WRITE;
pub(crate) use sse::{event_stream, respond};
