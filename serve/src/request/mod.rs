//! A request on its way to a run.
//!
//! | file | contents |
//! |---|---|
//! | `gate` | [`Gate`]: the limits that a request passes, and the configuration that the server gives to its run |
//! | `door` | [`Door`]: a chain behind the gate |
//! | `body` | the body, within limits of size and time, and as JSON |
//! | `id` | [`RequestId`] |
//! | `owner` | [`Owner`], the user that a stream belongs to |
//! | `trace_parent` | [`TraceParent`], the trace that the request is part of |
//! | `settings` | the configuration that the client asks for |
//! | `identified` | the handler around all handlers |

mod body;
mod door;
mod gate;
mod id;
mod identified;
mod owner;
mod settings;
mod trace_parent;

pub(crate) use body::read_json;
pub(crate) use door::Door;
#[cfg(feature = "mcp")]
pub(crate) use gate::Admitted;
pub(crate) use gate::{Configure, Entered, Gate, Ticket};
pub use id::RequestId;
pub(crate) use identified::{Identified, get, post};
pub(crate) use owner::Holder;
pub use owner::Owner;
pub(crate) use settings::Settings;
pub use trace_parent::TraceParent;
