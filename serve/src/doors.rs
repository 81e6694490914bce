//! The protocols in which chains are served, one page each.

#[doc = include_str!("../docs/langserve.md")]
pub mod langserve {}

#[doc = include_str!("../docs/openai.md")]
pub mod openai {}

#[doc = include_str!("../docs/ui.md")]
pub mod ui {}

#[doc = include_str!("../docs/mcp.md")]
pub mod mcp {}

#[doc = include_str!("../docs/page.md")]
pub mod page {}
