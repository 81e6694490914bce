//! Names that providers accept, for tools that were named elsewhere.

use std::collections::HashSet;

/// The longest name that all providers accept.
const LONGEST: usize = 64;

/// The names in a set of tools.
#[derive(Debug, Default)]
pub(crate) struct Taken(HashSet<String>);

impl Taken {
    pub(crate) fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Taken(names.into_iter().map(str::to_owned).collect())
    }

    /// Takes a name that is as similar as providers allow, and that no other tool of the set has.
    #[cfg_attr(not(feature = "mcp"), allow(dead_code, reason = "servers are the only sources so far"))]
    pub(crate) fn name(&mut self, wanted: &str) -> String {
        let mut name = similar(wanted, "");
        let mut number = 2;
        while !self.0.insert(name.clone()) {
            name = similar(wanted, &format!("_{number}"));
            number += 1;
        }
        name
    }
}

/// Returns a name of letters, digits, `_` and `-`, with this end.
fn similar(wanted: &str, end: &str) -> String {
    let allowed = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
    let mut name: String = wanted.chars().map(allowed).take(LONGEST.saturating_sub(end.len())).collect();
    if name.is_empty() {
        name.push('_');
    }
    name + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_allowed_distinct_and_similar() {
        let mut taken = Taken::new(["read"]);
        let long = "x".repeat(70);
        let names: Vec<String> = ["read", "fs/read", "fs.read", "città", "", long.as_str(), long.as_str()]
            .map(|name| taken.name(name))
            .into();
        assert_eq!(names[..5], ["read_2", "fs_read", "fs_read_2", "citt_", "_"]);
        assert_eq!((names[5].len(), names[6].len()), (64, 64));
        assert!(names[6].ends_with("x_2"));
    }
}
