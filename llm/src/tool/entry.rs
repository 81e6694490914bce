use super::{Tool, ToolStep, Tools};
use catena::{Error, ErrorKind, Result};
use std::sync::Arc;

/// An entry of [`tools!`](crate::tools): a [`Tool`], a server ([`McpServer`](https://docs.rs/catena-llm/latest/catena_llm/mcp)),
/// or a whole set.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tool",
    label = "this is neither a `Tool`, nor a server or a set of them",
    note = "a function becomes a tool with `#[tool]`, a closure with `tool_fn(name, docs, closure)`"
)]
pub trait ToolEntry {
    /// Adds the entry to a set.
    #[doc(hidden)]
    fn add_to(self, tools: Tools) -> Result<Tools>;
}

#[diagnostic::do_not_recommend]
impl<T: Tool + 'static> ToolEntry for T {
    fn add_to(self, mut tools: Tools) -> Result<Tools> {
        let step = ToolStep::new(self);
        let definition = step.definition();
        definition.check()?;
        if tools.find(&definition.name).is_some() {
            return Err(Error::new(ErrorKind::BadInput, format!("there are two tools `{}`", definition.name)));
        }
        tools.definitions = tools.definitions.iter().chain([definition]).cloned().collect();
        Arc::make_mut(&mut tools.steps).push(Arc::new(step));
        Ok(tools)
    }
}

/// The tools and servers of another set. The limits are those of the first one.
#[diagnostic::do_not_recommend]
impl ToolEntry for Tools {
    fn add_to(self, mut tools: Tools) -> Result<Tools> {
        if let Some(twice) = self.definitions.iter().find(|tool| tools.find(&tool.name).is_some()) {
            return Err(Error::new(ErrorKind::BadInput, format!("there are two tools `{}`", twice.name)));
        }
        tools.definitions = tools.definitions.iter().chain(self.definitions.iter()).cloned().collect();
        Arc::make_mut(&mut tools.steps).extend(self.steps.iter().cloned());
        Ok(tools.with_sources(&self.sources))
    }
}
