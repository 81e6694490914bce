//! Filters as conditions in SQL.

use super::connection::Parameter;
use crate::retrieval::Filter;
use serde_json::{Value, json};
use tokio_postgres::types::Type;

/// A condition on the column `metadata`, which accepts exactly what a filter accepts.
pub(super) struct Condition {
    pub(super) sql: String,
    values: Vec<String>,
}

impl Condition {
    /// Converts a filter to a condition whose parameters have numbers from `first` on. `None` if it accepts nothing.
    ///
    /// `@>` is checked by the index. The text of JSONB tells 1 from 1.0 and a list from a longer one.
    pub(super) fn of(filter: &Filter, first: usize) -> Option<Self> {
        let (mut checks, mut values) = (vec!["true".to_owned()], Vec::new());
        for (key, allowed) in filter.conditions() {
            // Postgres stores no NUL, so nothing has such a key or value.
            let allowed = allowed.iter().filter(|value| !super::has_nul(&value.to_string()));
            let allowed: Vec<&Value> = allowed.filter(|_| !key.contains('\0')).collect();
            if allowed.is_empty() {
                return None;
            }
            let mut place = |value: String| {
                values.push(value);
                format!("${}::text", first + values.len() - 1)
            };
            let key_place = place(key.to_owned());
            let check = |value: &&Value| {
                let (has, value) = (place(json!({ key: value }).to_string()), place(value.to_string()));
                format!("(metadata @> {has}::jsonb AND (metadata -> {key_place})::text = {value}::jsonb::text)")
            };
            checks.push(format!("({})", allowed.iter().map(check).collect::<Vec<_>>().join(" OR ")));
        }
        Some(Condition { sql: checks.join(" AND "), values })
    }

    pub(super) fn parameters(&self) -> impl Iterator<Item = Parameter<'_>> {
        self.values.iter().map(|value| (value as _, Type::TEXT))
    }
}
