//! The mark of names of the user's that begin as those of an expansion do, while they are expanded.

/// What stands before a name of the user's that begins as those of an expansion do.
pub(crate) const USERS: &str = "__users";

/// Returns a name that stands in a text of the user's, as it stands between the two passes.
pub(crate) fn in_text(name: &str) -> String {
    if is_ours(name) { format!("{USERS}{name}") } else { name.to_owned() }
}

/// Returns a name as the user wrote it.
pub(crate) fn written(name: &str) -> &str {
    name.strip_prefix(USERS).filter(|name| is_ours(name)).unwrap_or(name)
}

/// Returns whether an expansion may use a name.
pub(crate) fn is_ours(name: &str) -> bool {
    name.starts_with("__")
}
