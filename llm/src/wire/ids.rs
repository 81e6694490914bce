use std::collections::HashMap;

/// The ids of the tool calls of an answer or of a request, each of which is used once.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    /// The ids that are used, with the number of calls that came with them.
    used: HashMap<String, usize>,
    calls: usize,
}

impl Ids {
    /// Returns the id of the next call: the given one, a variant of it if it is used, or a generated one.
    pub(crate) fn next(&mut self, given: Option<String>) -> String {
        let number = self.calls;
        self.calls += 1;
        let base = given.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("call_{number}"));
        let mut id = base.clone();
        while let Some(count) = self.used.get(&id).copied() {
            // The count of the base is kept, so that many calls with one id do not search through each other.
            let count = self.used.get(&base).copied().unwrap_or(count) + 1;
            self.used.insert(base.clone(), count);
            id = format!("{base}_{count}");
        }
        self.used.insert(id.clone(), 1);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn ids_are_distinct() {
        let mut ids = Ids::default();
        let given = [Some("a"), None, Some("a"), Some("a_2"), Some("a"), Some(""), Some("call_1")];
        let got = given.map(|id| ids.next(id.map(str::to_owned)));
        assert_eq!(got, ["a", "call_1", "a_2", "a_2_2", "a_3", "call_5", "call_1_2"]);
    }
}
