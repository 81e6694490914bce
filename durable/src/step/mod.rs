//! Durable steps.
//!
//! | file | contents |
//! |---|---|
//! | `ext` | [`DurableExt`], the modifiers |
//! | `durable` | [`Durable`], a step whose outcome is kept |
//! | `scoped` | [`Scoped`], a part of a chain whose keys have a scope |
//! | `bounds` | [`Input`] and [`Output`], what a type needs |
//! | `on_change` | [`OnChange`] |
//! | `replay` | the run of a step that has finished before |
//! | `chunks` | chunks as JSON |

mod bounds;
mod chunks;
mod durable;
mod ext;
mod on_change;
mod replay;
mod scoped;

pub use bounds::{Input, Output};
pub use durable::Durable;
pub use ext::DurableExt;
pub use on_change::OnChange;
pub use scoped::Scoped;
