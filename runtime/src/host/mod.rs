//! The host of a program: tokio, or the JavaScript around a WebAssembly module (a browser, Node).
//!
//! | file | contents |
//! |---|---|
//! | [`native`] | time, tasks and threads of tokio |
//! | [`wasm`] | the same names, by the timers and the microtasks of a JavaScript host, which has one thread |

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(target_family = "wasm")]
mod wasm;

#[cfg(not(target_family = "wasm"))]
pub(crate) use native::*;
#[cfg(target_family = "wasm")]
pub(crate) use wasm::*;
