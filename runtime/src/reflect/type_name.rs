//! The names of types as people write them.

use crate::reflect::registry;
use std::any::type_name;

/// The name of a type, as a chain knows it: of an anonymous record its fields.
pub(crate) fn of<T: 'static>() -> String {
    registry::name_of::<T>().unwrap_or_else(short::<T>)
}

/// The name of a type without the paths in it: `Vec<String>`.
pub(crate) fn short<T: ?Sized>() -> String {
    shorten(type_name::<T>())
}

/// An anonymous record: `{ gpt: String, claude: String }`; of so many fields that they come in groups, the names alone.
pub(crate) fn record(fields: &[&str], types: &[String]) -> String {
    if fields.len() != types.len() {
        return format!("{{ {} }}", fields.join(", "));
    }
    let fields: Vec<String> = fields.iter().zip(types).map(|(name, ty)| format!("{name}: {ty}")).collect();
    format!("{{ {} }}", fields.join(", "))
}

fn shorten(full: &str) -> String {
    let mut out = String::new();
    let mut rest = full;
    while let Some(c) = rest.chars().next() {
        if c.is_alphanumeric() || c == '_' || rest.starts_with("{{") {
            let path = path_len(rest);
            let (path, after) = rest.split_at(path);
            let name = path.rsplit("::").find(|segment| !segment.starts_with("{{")).unwrap_or("closure");
            out.push_str(if path.ends_with("{{closure}}") { "closure" } else { name });
            rest = after;
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    // The error of nearly all results is `catena`'s own.
    if full.contains("catena::error::Error>") { out.replace(", Error>", ">") } else { out }
}

/// Returns the length of the path at the beginning of a text.
fn path_len(text: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        if rest.starts_with("::") {
            at += 2;
        } else if let Some(end) = rest.strip_prefix("{{").and_then(|rest| rest.find("}}")) {
            at += end + 4;
        } else {
            match rest.chars().next() {
                Some(c) if c.is_alphanumeric() || c == '_' || c == '#' => at += c.len_utf8(),
                _ => return at,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{short, shorten};
    use crate::Result;
    use std::collections::HashMap;

    #[test]
    fn paths_are_left_out() {
        assert_eq!(short::<String>(), "String");
        assert_eq!(short::<Option<Vec<HashMap<String, u8>>>>(), "Option<Vec<HashMap<String, u8>>>");
        assert_eq!(short::<(&str, [u8; 3], ())>(), "(&str, [u8; 3], ())");
        assert_eq!(short::<Box<dyn Fn(String) -> u8 + Send>>(), "Box<dyn Fn(String) -> u8 + Send>");
        assert_eq!(short::<Result<String>>(), "Result<String>");
        assert_eq!(short::<std::result::Result<u8, std::fmt::Error>>(), "Result<u8, Error>");
    }

    #[test]
    fn closures_have_no_path_either() {
        assert_eq!(shorten("app::main::{{closure}}::Answer<app::Part>"), "Answer<Part>");
        assert_eq!(shorten("app::main::{{closure}}"), "closure");
        assert_eq!(shorten("übung::größe::Länge"), "Länge");
    }
}
