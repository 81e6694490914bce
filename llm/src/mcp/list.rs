//! The list of a server's tools.

use super::{connection::Connection, shared::next_version};
use crate::ToolDefinition;
use catena::{Error, ErrorKind, Result};
use rmcp::model::PaginatedRequestParams;
use serde_json::Value;
use std::collections::HashSet;

/// The most tools that a server may list.
const TOOLS: usize = 1000;

/// The most pages of a list that are read.
const PAGES: usize = 1000;

/// The tools of a server, by its own names.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// A number that no other list has; 0 for that of a server that cannot be reached.
    pub(super) version: u64,
    pub(super) tools: Vec<ToolDefinition>,
}

/// Reads the list. `strict` makes a wanted tool that is not listed an error.
pub(super) async fn read(connection: &Connection, only: Option<&[String]>, strict: bool) -> Result<Listed> {
    let (mut tools, mut names, mut seen, mut cursor) = (Vec::new(), HashSet::new(), HashSet::new(), None);
    for _ in 0..PAGES {
        let page = PaginatedRequestParams::default().with_cursor(cursor.take());
        let page = connection.peer().list_tools(Some(page)).await;
        let page = page.map_err(|error| unavailable(connection.explain(&error, "it listed its tools")))?;
        for tool in page.tools {
            let wanted = only.is_none_or(|only| only.iter().any(|name| *name == tool.name));
            if !names.insert(tool.name.to_string()) {
                tracing::warn!(target: "catena_llm::mcp", "a server lists two tools `{}`: the first is taken", tool.name);
            } else if wanted && let Some(definition) = definition(tool) {
                tools.push(definition);
            }
            if tools.len() > TOOLS || names.len() > TOOLS * 10 {
                return Err(refused(format!("it lists more than {TOOLS} tools: choose some by `only`")));
            }
        }
        let Some(next) = page.next_cursor.filter(|next| !next.is_empty()) else {
            check(only.filter(|_| strict), &names)?;
            return Ok(Listed { version: next_version(), tools });
        };
        if !seen.insert(next.clone()) {
            return Err(refused("the pages of its list of tools have no end".to_owned()));
        }
        cursor = Some(next);
    }
    Err(refused(format!("its list of tools has more than {PAGES} pages")))
}

fn check(only: Option<&[String]>, listed: &HashSet<String>) -> Result<()> {
    match only.unwrap_or_default().iter().find(|name| !listed.contains(*name)) {
        None => Ok(()),
        Some(missing) => {
            let mut names: Vec<String> = listed.iter().map(|name| format!("`{name}`")).collect();
            names.sort();
            let rest = names.len().saturating_sub(30);
            names.truncate(30);
            let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
            let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") + &more };
            Err(refused(format!("it has no tool `{missing}`; its tools are: {there}")))
        }
    }
}

/// Returns the definition of a tool; `None` if its arguments are not an object.
fn definition(tool: rmcp::model::Tool) -> Option<ToolDefinition> {
    let mut schema = Value::Object((*tool.input_schema).clone());
    if schema["type"].is_null() {
        schema["type"] = "object".into();
    }
    if schema["type"] != "object" {
        let name = &tool.name;
        tracing::warn!(target: "catena_llm::mcp", "the tool `{name}` is left out: its schema is not that of an object");
        return None;
    }
    if let Some(fields) = schema.as_object_mut() {
        // Providers refuse the dialect.
        fields.shift_remove("$schema");
    }
    let description = tool.description.or(tool.title.map(Into::into)).unwrap_or_default();
    Some(ToolDefinition::new(tool.name, description, schema))
}

fn unavailable(why: String) -> Error {
    Error::new(ErrorKind::Unavailable { retry_after: None }, why)
}

fn refused(why: String) -> Error {
    Error::new(ErrorKind::BadInput, why)
}
