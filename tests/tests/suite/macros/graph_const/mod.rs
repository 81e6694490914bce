//! The structure of a chain as a constant: what it says, what can be asked of it, and the policies that are held to it.

mod at_once;
mod policies;
mod structure;
mod walk;

use catena::{Node, prelude::*};

#[runnable(kind = model)]
async fn gpt(question: String) -> String {
    question
}

#[runnable(kind = model, timeout = "10s", retry = 3)]
async fn claude(question: String) -> String {
    question
}

#[runnable(kind = tool)]
async fn order(item: String) -> String {
    item
}

#[runnable(kind = tool, idempotent, tags("web"))]
async fn search(query: String) -> String {
    query
}

#[runnable]
fn plain(text: String) -> String {
    text
}

/// What the compiler knows of a value.
fn node<S: Step>(_: &S) -> &'static Node {
    &S::NODE
}
