use crate::ToolDefinition;
use std::borrow::Cow;

/// The maximum length of a name.
const LENGTH: usize = 64;

/// The names of tools that providers do not allow, and the names that stand for them in requests and answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToolNames(Vec<(String, String)>);

impl ToolNames {
    /// Finds a name for each tool whose own name is not allowed.
    pub(crate) fn of(tools: &[ToolDefinition]) -> Self {
        let mut names = ToolNames::default();
        for tool in tools.iter().filter(|tool| !is_allowed(&tool.name)) {
            let wanted = allowed(&tool.name);
            let is_taken = |name: &str| {
                tools.iter().any(|tool| tool.name == name) || names.0.iter().any(|(_, stand_in)| stand_in == name)
            };
            let numbered = |number: usize| {
                let end = format!("_{number}");
                wanted.chars().take(LENGTH - end.len()).collect::<String>() + &end
            };
            let free = Some(wanted.clone()).filter(|name| !is_taken(name));
            let stand_in = free.or_else(|| (2..).map(numbered).find(|name| !is_taken(name))).unwrap_or_default();
            names.0.push((tool.name.clone(), stand_in));
        }
        names
    }

    /// Returns the name that is sent for this one. A name that no tool has, such as one that a model made up, becomes
    /// one that is allowed.
    pub(crate) fn sent<'a>(&'a self, name: &'a str) -> Cow<'a, str> {
        match self.0.iter().find(|(own, _)| own == name) {
            Some((_, stand_in)) => Cow::Borrowed(stand_in),
            None if is_allowed(name) => Cow::Borrowed(name),
            None => Cow::Owned(allowed(name)),
        }
    }

    /// Returns the tool's own name for one in an answer.
    pub(crate) fn own(&self, name: String) -> String {
        match self.0.iter().find(|(_, stand_in)| *stand_in == name) {
            Some((own, _)) => own.clone(),
            None => name,
        }
    }
}

fn is_allowed(name: &str) -> bool {
    (1..=LENGTH).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

fn allowed(name: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() || "_-".contains(letter) { letter } else { '_' };
    let name: String = name.chars().map(letter).take(LENGTH).collect();
    if name.is_empty() { "unknown".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_that_are_not_allowed_are_mapped_there_and_back() {
        let long = "x".repeat(70);
        let names = ["search", "files.read", "files/read", "files_read", &long, ""];
        let tools: Vec<_> = names.iter().map(|name| ToolDefinition::new(*name, "", json!({}))).collect();
        let mapped = ToolNames::of(&tools);
        let sent: Vec<_> = names.iter().map(|name| mapped.sent(name).into_owned()).collect();
        assert_eq!(sent, ["search", "files_read_2", "files_read_3", "files_read", &long[..64], "unknown"]);
        for (name, sent) in names.iter().zip(sent) {
            assert_eq!(mapped.own(sent), *name);
        }
        assert_eq!(mapped.sent("made up"), "made_up");
        assert_eq!(mapped.own("other".to_owned()), "other");
    }
}
