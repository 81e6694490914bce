//! `#[runnable]` on functions, on `impl` blocks and on functions that build chains.

use catena::{Chunks, Concat, Error, ErrorKind, Kind, Node, prelude::*};
use catena_tests::{Scripted, ms, secs};
use futures_util::StreamExt;
use std::{
    collections::HashMap,
    fmt::{self, Display, Write as _},
    io,
    sync::Arc,
    thread,
};
use tokio::time::Instant;

#[derive(Clone, Debug, PartialEq, Record)]
struct Page {
    title: String,
    words: Vec<String>,
    stars: u32,
}

fn page() -> Page {
    Page { title: "Cats".into(), words: vec!["purr".into(), "meow".into()], stars: 5 }
}

mod attributes;
mod builders;
mod context;
mod direct_calls;
#[allow(unreachable_pub)]
mod elsewhere;
mod generics;
mod impl_blocks;
mod inputs;
mod lifetimes;
mod macros;
mod many;
mod options;
mod outputs;
