//! Differences between Anthropic's models, as far as a request depends on them. Source: Anthropic's public
//! documentation of models, of extended and of adaptive thinking, in autumn 2026.

/// A model, as far as its name says what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Model {
    family: Family,
    /// The major and the minor version, or zero if the name has none.
    version: (u32, u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Opus,
    Sonnet,
    Haiku,
    /// Mythos and Fable, which always think.
    Thinker,
    /// A model of Anthropic's of which no more is known.
    Claude,
    /// A model of another vendor, behind the same protocol.
    Other,
}

/// The way in which a model is asked to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinking {
    /// By a number of tokens.
    Budget,
    /// By an effort. The model decides how many tokens it spends.
    Adaptive {
        /// `true` if the text of the thoughts has to be asked for.
        hides_text: bool,
    },
}

impl Model {
    /// Reads the name of a model, such as `claude-sonnet-4-5`, `claude-3-5-haiku-20241022` or
    /// `anthropic.claude-opus-4-6-v1`.
    pub(super) fn of(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let Some((_, name)) = name.rsplit_once("claude") else {
            return Model { family: Family::Other, version: (0, 0) };
        };
        let words = name.split(['-', '.', '_', '@', ':', '/']);
        let family = words.clone().find_map(|word| {
            Some(match word {
                "opus" => Family::Opus,
                "sonnet" => Family::Sonnet,
                "haiku" => Family::Haiku,
                "mythos" | "fable" => Family::Thinker,
                _ => return None,
            })
        });
        // A longer number is a date.
        let mut numbers = words.filter(|word| word.len() <= 2).filter_map(|word| word.parse().ok());
        let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        Model { family: family.unwrap_or(Family::Claude), version }
    }

    /// Returns whether the model is one of Anthropic's.
    pub(super) fn is_claude(self) -> bool {
        self.family != Family::Other
    }

    /// Returns whether the version is at least this one. A model without a version is taken for a new one.
    fn is_from(self, major: u32, minor: u32) -> bool {
        self.is_claude() && (self.version == (0, 0) || self.version >= (major, minor))
    }

    /// Returns the largest answer of the model, which is the default of the required `max_tokens`. For models of other
    /// vendors it is a number that all of them accept.
    pub(super) fn max_tokens(self) -> u32 {
        match self {
            _ if !self.is_claude() => 8192,
            Model { version: (1..=2, _) | (3, 0..=4), .. } => 4096,
            Model { version: (3, 5..=6), .. } => 8192,
            Model { family: Family::Opus, version: (4, 0..=4) } => 32_000,
            _ => 64_000,
        }
    }

    /// Returns the way in which the model is asked to think.
    pub(super) fn thinking(self) -> Thinking {
        match self.family {
            Family::Thinker => Thinking::Adaptive { hides_text: true },
            _ if self.is_from(4, 6) => Thinking::Adaptive { hides_text: self.is_from(4, 7) },
            _ => Thinking::Budget,
        }
    }

    /// Returns whether the model takes a budget of tokens for its thoughts.
    pub(super) fn takes_budget(self) -> bool {
        matches!(self.thinking(), Thinking::Budget | Thinking::Adaptive { hides_text: false })
    }

    /// Returns whether the model thinks even if it is asked not to.
    pub(super) fn always_thinks(self) -> bool {
        self.family == Family::Thinker || (self.family == Family::Opus && self.version >= (5, 5))
    }

    /// Returns whether the model can be asked not to think. Older models do not know the field.
    pub(super) fn can_stop_thinking(self) -> bool {
        self.is_from(3, 7) && !self.always_thinks()
    }

    /// Returns whether the model has structured output.
    pub(super) fn has_schemas(self) -> bool {
        self.is_from(4, 5) || self.family == Family::Thinker
    }
}

#[cfg(test)]
mod tests {
    use super::{Model, Thinking};

    #[test]
    fn names_tell_versions() {
        for (name, version, max_tokens) in [
            ("claude-3-opus-20240229", (3, 0), 4096),
            ("claude-3-5-sonnet-latest", (3, 5), 8192),
            ("claude-3-7-sonnet-20250219", (3, 7), 64_000),
            ("claude-opus-4-20250514", (4, 0), 32_000),
            ("claude-opus-4-1-20250805", (4, 1), 32_000),
            ("claude-opus-4-5@20251101", (4, 5), 64_000),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", (4, 5), 64_000),
            ("anthropic/claude-opus-4.7", (4, 7), 64_000),
            ("claude-sonnet-5", (5, 0), 64_000),
            ("deepseek-chat", (0, 0), 8192),
        ] {
            let model = Model::of(name);
            assert_eq!((model.version, model.max_tokens()), (version, max_tokens), "{name}");
        }
    }

    #[test]
    fn models_think_in_their_own_way() {
        for (name, thinking) in [
            ("claude-sonnet-4-5", Thinking::Budget),
            ("claude-3-7-sonnet-latest", Thinking::Budget),
            ("claude-sonnet-4-6", Thinking::Adaptive { hides_text: false }),
            ("claude-opus-4-7", Thinking::Adaptive { hides_text: true }),
            ("claude-mythos-preview", Thinking::Adaptive { hides_text: true }),
            ("kimi-k2-thinking", Thinking::Budget),
        ] {
            assert_eq!(Model::of(name).thinking(), thinking, "{name}");
        }
        assert!(Model::of("claude-opus-4-6").takes_budget() && !Model::of("claude-opus-4-7").takes_budget());
        assert!(!Model::of("claude-opus-5-5").can_stop_thinking() && Model::of("claude-opus-5").can_stop_thinking());
        assert!(!Model::of("claude-fable-5").can_stop_thinking());
        assert!(!Model::of("claude-3-opus-20240229").can_stop_thinking());
        assert!(Model::of("claude-opus-4-7").can_stop_thinking());
    }
}
