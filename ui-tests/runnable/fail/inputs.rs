#![allow(unused)]
use catena::prelude::*;
use std::fmt::Display;

#[runnable]
fn inside(text: Option<&str>) -> usize { 0 }

#[runnable]
fn object(text: &dyn Display) -> usize { 0 }

#[runnable]
fn opaque(text: String) -> impl Display { text }

#[runnable]
fn sometimes(text: String, #[cfg(unix)] size: usize) -> usize { 0 }

fn main() {}
