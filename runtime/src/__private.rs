//! What the macros' expansions call. Not for anyone else: it changes without notice.

pub use crate::flow;
pub use crate::{
    Assemble, Branch, C, Chunks, Context, Error, Field, Kind, Leaf, Node, Passthrough, Record, Result, Retried, Retry,
    Runnable, Running, Sequence, Settled, Step, Timeout, Titled, Types, Whole,
    as_struct::AsStruct,
    labelled::Labelled,
    names::{Names, Words},
    one_of::*,
    parallel::{ChunkShape, Form, Parallel, Shape, Tuple},
    record::take_part,
    runnable::{stream_whole, transform_whole},
    spawned::blocking,
    typed::Typed,
    types::Probe,
};
pub use serde;
pub use serde_json::Value;
pub use std::{future::Future, marker::PhantomData, time::Duration};

/// The traits whose methods a [`Probe`] is asked by.
pub mod probe {
    #[cfg(feature = "schema")]
    pub use crate::types::Described;
    pub use crate::types::{Undescribed, Unwritten, Written};
}
