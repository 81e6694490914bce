//! What the macros' expansions call. Not for anyone else: it changes without notice.

pub use crate::flow;
pub use crate::stream::{
    chunks::{Sender, assembled},
    typed::Piped,
};
pub use crate::{
    Assemble, Branch, C, Chunks, Component, Context, Details, Error, Extent, Field, Gather, Gathered, Kind, Leaf, Node,
    Passthrough, Record, Result, Retried, Retry, Runnable, Running, Sequence, Settled, Step, Timeout, Titled, Types,
    Whole,
    combinators::{
        parallel::{ChunkShape, Form, Parallel, Shape, Tuple, named_branch::Labelled},
        spawn::blocking,
    },
    graph::{
        command::{drawn, graph_command},
        golden::assert_graph,
    },
    leaves::{
        generator::{generate, generate_after, generate_sound, generate_sound_after, items, items_of},
        projection::{All, FieldOf, FieldsOf},
    },
    node::{
        policy::diagnostic::{Problem, Structure},
        streaming::{problem_of, value_streams},
    },
    record::{At, take_part},
    reflect::registry::{Probe, Registered},
    step::{
        call_map::{immediate, immediate_ref, mapped},
        retain_input::{Keep, Kept},
        runnable::{stream_whole, transform_whole},
    },
    typed::Typed,
    util::{
        labels::{Names, Words},
        one_of::{
            CopyPart, OneOf, OneOf1, OneOf2, OneOf3, OneOf4, OneOf5, OneOf6, OneOf7, OneOf8, OneOf9, OneOf10, OneOf11,
            OneOf12, OneOfs,
        },
    },
};
pub use crate::{
    sent::sent,
    step_error::{StepError, out_of},
};
pub use serde;
pub use serde_json::Value;
pub use std::{future::Future, marker::PhantomData, time::Duration};

/// What stands in place of steps under the names that a function binds: a binding may hide a function.
pub fn hidden() {}

/// The traits whose methods a [`Probe`] is asked by.
pub mod probe {
    #[cfg(feature = "schema")]
    pub use crate::reflect::registry::Described;
    pub use crate::reflect::registry::{
        Cloned, OnlyWritten, Uncloned, Undescribed, Unregistered, Unwritten, Written, WrittenAndCloned,
    };
}
