//! The names of the durable steps of a chain.

use crate::{error::JournalError, record::key};
use catena::{Component, Result};
use serde_json::{Value, json};
use std::collections::HashSet;

/// The setting that has the names of durable steps and of scopes, the innermost first.
const SETTING: &str = "durable";

/// A name, and its kind.
#[derive(Clone, Copy)]
pub(crate) enum Named<'a> {
    /// A step, or a pause.
    Step(&'a str),
    /// A scope.
    Scope(&'a str),
}

/// Adds a name to those that a component has.
pub(crate) fn add(component: &mut Component, name: Named<'_>) {
    let names = component.settings.entry(SETTING).or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(names) = names {
        names.push(match name {
            Named::Step(name) => json!(name),
            Named::Scope(scope) => json!({ "scope": scope }),
        });
    }
}

/// Returns the names in a chain, with their scopes. What is inside of a durable step has its name as a scope.
///
/// # Errors
/// For a name that a step cannot have, and for one that two steps have.
pub(crate) fn of(chain: &Component) -> Result<HashSet<String>> {
    let mut names = HashSet::new();
    collect(chain, "", &mut names)?;
    Ok(names)
}

fn collect(component: &Component, scope: &str, names: &mut HashSet<String>) -> Result<()> {
    let mut scope = scope.to_owned();
    let own = component.settings.get(SETTING).and_then(Value::as_array).into_iter().flatten();
    for name in own.rev() {
        let name = match name {
            Value::String(name) => {
                if !names.insert(format!("{scope}{name}")) {
                    return Err(JournalError::Duplicate { name: format!("{scope}{name}") }.into());
                }
                name
            }
            scope => scope.get("scope").and_then(Value::as_str).unwrap_or_default(),
        };
        key::check(name)?;
        scope.push_str(name);
        scope.push('.');
    }
    component.members.iter().try_for_each(|member| collect(&member.component, &scope, names))
}

/// Returns `true` if a step of the chain has this key, or is around the one that has it.
pub(crate) fn has(names: &HashSet<String>, key: &str) -> bool {
    let key = key::without_items(key);
    names.contains(&key)
        || names
            .iter()
            .any(|name| key.ends_with(&format!(".{name}")) || format!(".{key}").contains(&format!(".{name}.")))
}
