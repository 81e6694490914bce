/// Returns text that is almost JSON as JSON. `None` if nothing has to be changed, or if the text may mean several things.
///
/// Models write what they have seen. Three deviations have one meaning only, and are read:
/// - control characters in strings, such as line breaks, which JSON has as escapes
/// - a comma before a closing bracket
/// - Python's `None`, `True` and `False`
///
/// Comments, single quotes, names without quotes and missing brackets are errors. The arguments may have been cut short,
/// or mean another thing than they seem to, and a tool may do harm. The model gets the error, and can call again.
pub(super) fn mended(text: &str) -> Option<String> {
    let mut json = String::with_capacity(text.len() + 16);
    let (mut in_string, mut is_escaped, mut is_changed) = (false, false, false);
    // The position of a comma that only blanks follow so far.
    let mut comma: Option<usize> = None;
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if in_string {
            match letter {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '"' => in_string = false,
                _ => {}
            }
            if letter < ' ' && !is_escaped {
                is_changed = true;
                json.push_str(match letter {
                    '\n' => "\\n",
                    '\r' => "\\r",
                    '\t' => "\\t",
                    _ => return None,
                });
            } else {
                json.push(letter);
            }
            rest = rest.get(letter.len_utf8()..)?;
            continue;
        }
        let word = [("None", "null"), ("True", "true"), ("False", "false")];
        if let Some((python, word)) = word.iter().find(|(python, _)| rest.starts_with(python)) {
            json.push_str(word);
            (comma, is_changed) = (None, true);
            rest = rest.get(python.len()..)?;
            continue;
        }
        match letter {
            '"' => in_string = true,
            '}' | ']' => {
                if let Some(comma) = comma {
                    if json.get(..comma)?.trim_end().ends_with(['{', '[', ',', ':']) {
                        return None;
                    }
                    json.remove(comma);
                    is_changed = true;
                }
            }
            _ => {}
        }
        if letter == ',' {
            comma = Some(json.len());
        } else if !letter.is_whitespace() {
            comma = None;
        }
        json.push(letter);
        rest = rest.get(letter.len_utf8()..)?;
    }
    is_changed.then_some(json)
}

#[cfg(test)]
mod tests {
    use super::mended;

    #[test]
    fn what_has_one_meaning_is_read() {
        for (text, json) in [
            ("{\"a\": \"x\ny\tz\"}", r#"{"a": "x\ny\tz"}"#),
            (r#"{"a": [1, 2, ], "b": {"c": 1,},}"#, r#"{"a": [1, 2 ], "b": {"c": 1}}"#),
            (r#"{"a": None, "b": [True, False]}"#, r#"{"a": null, "b": [true, false]}"#),
            (r#"{"a": "None, }"#, ""),
            (r#"{"a": "None, True,}\"", "b": 1,}"#, r#"{"a": "None, True,}\"", "b": 1}"#),
        ] {
            assert_eq!(mended(text).unwrap_or_default(), json, "{text}");
        }
    }

    #[test]
    fn what_may_mean_several_things_is_not() {
        for text in [
            r"{'a': 1}",
            r#"{"a": 1} // "b": 2"#,
            r#"{"a": /* 1 */ 2}"#,
            r"{a: 1}",
            r#"{"a": [1, 2"#,
            r#"{"a": "x"#,
            r#"{"a": NoneType}"#,
            r#"{"a": 1,, "b": 2}"#,
            "{,}",
        ] {
            let read = mended(text).map(|json| serde_json::from_str::<serde_json::Value>(&json));
            assert!(!matches!(read, Some(Ok(_))), "{text}: {read:?}");
        }
    }
}
