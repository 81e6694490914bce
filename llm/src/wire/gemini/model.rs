//! Differences between Gemini's models, as far as a request depends on them. Source: Google's public documentation of
//! thinking and of thought signatures, in autumn 2026.

/// Returns whether a model is asked to think by a level, and wants its signatures back. Models before Gemini 3 are
/// asked by a budget.
pub(super) fn has_levels(model: &str) -> bool {
    let model = model.to_ascii_lowercase();
    let version = |family: &str| {
        let (_, rest) = model.split_once(family)?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().ok()
    };
    match (version("gemini-"), version("gemma-")) {
        (Some(version), _) => version >= 3,
        (None, Some(version)) => version >= 4,
        // `gemini-flash-latest` is one of the newest.
        (None, None) => model.contains("gemini") && model.ends_with("latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::has_levels;

    #[test]
    fn newer_models_have_levels() {
        for model in
            ["gemini-3-pro-preview", "gemini-3.1-flash", "models/gemini-10", "gemma-4-27b", "gemini-pro-latest"]
        {
            assert!(has_levels(model), "{model}");
        }
        for model in ["gemini-2.5-flash", "gemini-1.5-pro-latest", "gemma-3-27b-it", "learnlm"] {
            assert!(!has_levels(model), "{model}");
        }
    }
}
