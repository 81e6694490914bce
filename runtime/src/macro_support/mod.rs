//! What the macros' expansions call. Not for anyone else: it changes without notice.
//!
//! It is re-exported as `catena::__private`.
//!
//! | file | contents |
//! |---|---|
//! | [`infer`] | functions and traits by which the types of a chain are inferred, step by step |
//! | [`text`] | values that a text in a pattern of a `match` matches |
//! | [`closure`] | the same of closures |
//! | [`typed`] | a chain with a declared input type |
//! | [`inline_record`] | `{ name: Type } =>`: the input as a record without a name |
//! | [`into_struct`] | `<..> as Struct` |
//! | [`checks`] | checks of a chain at compile time |
//! | [`into_error`] | errors that a function may return |
//! | [`assert_send`] | the place where a future that is not `Send` is reported |

pub(crate) mod assert_send;
pub(crate) mod checks;
pub(crate) mod closure;
pub(crate) mod infer;
pub(crate) mod inline_record;
pub(crate) mod into_error;
pub(crate) mod into_struct;
pub(crate) mod text;
pub(crate) mod typed;

pub use crate::error::failure::Failure;
pub use crate::macro_support::{
    assert_send::sent,
    into_error::{IntoStepError, out_of},
};
pub use crate::stream::{chunks::assembled, generate::Sender, typed::Piped};
pub use crate::{
    Assemble, Branch, C, Chunks, Component, Context, Details, Error, Extent, Field, Gather, Gathered, Kind, Leaf, Node,
    Passthrough, Record, Result, Retried, Retry, Runnable, Running, Sequence, Settled, StaticNamed, Step, Timeout,
    Types, Whole,
    combinators::parallel::{ChunkShape, Form, Parallel, Shape, Tuple, named_branch::NamedBranch},
    graph::{
        command::{drawn, graph_command},
        golden::assert_graph,
    },
    leaves::{
        generator::{generate, generate_after, generate_sound, generate_sound_after, items, items_of},
        projection::{All, FieldOf, FieldsOf},
    },
    macro_support::{
        checks::{Structure, problem_of, value_streams},
        text::Text,
        typed::Typed,
    },
    node::policy::diagnostic::Problem,
    record::{At, take_part},
    reflect::registry::{Probe, Registered},
    run::blocking::blocking,
    step::{
        call::{Call, Started, future_of, future_of_ref, ready, waits},
        outcome::mapped_future as mapped,
        runnable::{stream_whole, transform_whole},
    },
    util::{
        labels::{Labels, LabelsOf},
        one_of::{
            CopyPart, OneOf, OneOf1, OneOf2, OneOf3, OneOf4, OneOf5, OneOf6, OneOf7, OneOf8, OneOf9, OneOf10, OneOf11,
            OneOf12, OneOfs,
        },
        redact::{names_secret, without_keys},
        visible::visible,
    },
};
pub use catena_graph::escape;
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
