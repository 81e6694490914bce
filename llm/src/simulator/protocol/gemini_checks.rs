//! The conversations and tools that Gemini refuses, in its words.

use serde_json::Value;

use super::{Problem, media, signature::sign};

/// The signatures that Google documents for calls of other models.
const STAND_INS: [&str; 2] = ["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"];

/// Returns whether a model requires the signatures of its calls: Gemini 3 and later.
pub(super) fn wants_signatures(model: &str) -> bool {
    let version = model.split_once("gemini-").map_or("", |(_, version)| version);
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse::<u32>().is_ok_and(|version| version >= 3)
}

/// Checks a request whose fields have been read.
pub(super) fn check(body: &Value, contents: &[Value], model: &str) -> Result<(), Problem> {
    tools(body)?;
    for (at, content) in contents.iter().enumerate() {
        if parts(content).is_empty() {
            let place = format!("GenerateContentRequest.contents[{at}].parts");
            return refuse(format!("* {place}: contents.parts must not be empty."));
        }
        for (index, part) in parts(content).iter().enumerate() {
            let place = format!("GenerateContentRequest.contents[{at}].parts[{index}]");
            media::gemini(part, &place)?;
            for (inner, media_part) in part["functionResponse"]["parts"].as_array().into_iter().flatten().enumerate() {
                // Models before Gemini 3 take no media in a result.
                if !wants_signatures(model) {
                    return refuse(format!("Multimodal function responses are not supported by {model}."));
                }
                media::gemini(media_part, &format!("{place}.function_response.parts[{inner}]"))?;
            }
        }
        pairs(content, at.checked_sub(1).and_then(|before| contents.get(before)), contents.get(at + 1))?;
    }
    if wants_signatures(model) { signatures(contents) } else { Ok(()) }
}

fn refuse(why: String) -> Result<(), Problem> {
    Err(Problem::Refused(why))
}

fn parts(content: &Value) -> &[Value] {
    content["parts"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn count(content: Option<&Value>, kind: &str) -> usize {
    content.map_or(0, |content| parts(content).iter().filter(|part| part[kind].is_object()).count())
}

fn tools(body: &Value) -> Result<(), Problem> {
    let declarations = |tool: &Value| {
        ["functionDeclarations", "function_declarations"].iter().find_map(|key| tool[*key].as_array().cloned())
    };
    for (at, tool) in body["tools"].as_array().into_iter().flatten().enumerate() {
        for (index, function) in declarations(tool).into_iter().flatten().enumerate() {
            let name = function["name"].as_str().unwrap_or_default();
            let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
            if !begins || name.len() > 64 || !name.bytes().all(allowed) {
                return refuse(format!(
                    "* GenerateContentRequest.tools[{at}].function_declarations[{index}].name: Invalid function name. \
                     Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), \
                     dots (.), colons (:), or dashes (-), with a maximum length of 64."
                ));
            }
        }
    }
    Ok(())
}

/// Checks that calls follow the user's turn, and that as many results follow the calls.
fn pairs(content: &Value, before: Option<&Value>, after: Option<&Value>) -> Result<(), Problem> {
    let calls = count(Some(content), "functionCall");
    if calls > 0 && before.is_none_or(|before| before["role"] == "model") {
        let why = "Please ensure that function call turn comes immediately after a user turn or after a function \
                   response turn.";
        return refuse(why.to_owned());
    }
    if calls > 0 && count(after, "functionResponse") != calls {
        let why = "Please ensure that the number of function response parts is equal to the number of function call \
                   parts of the function call turn.";
        return refuse(why.to_owned());
    }
    if count(Some(content), "functionResponse") > 0 && count(before, "functionCall") == 0 {
        return refuse(
            "Please ensure that function response turn comes immediately after a function call turn.".to_owned(),
        );
    }
    Ok(())
}

/// Checks that the first call of each step of the current turn has the signature that it came with.
fn signatures(contents: &[Value]) -> Result<(), Problem> {
    let is_question = |content: &Value| {
        content["role"] != "model" && parts(content).iter().any(|part| !part["functionResponse"].is_object())
    };
    let open = contents.iter().rposition(is_question).map_or(0, |at| at + 1);
    for (at, content) in contents.iter().enumerate().skip(open) {
        let Some(first) = parts(content).iter().find(|part| part["functionCall"].is_object()) else { continue };
        let name = first["functionCall"]["name"].as_str().unwrap_or_default();
        check_signature(first["thoughtSignature"].as_str(), name, at + 1)?;
    }
    Ok(())
}

/// Checks the signature of a call.
pub(super) fn check_signature(signature: Option<&str>, name: &str, position: usize) -> Result<(), Problem> {
    match signature.filter(|signature| !signature.is_empty()) {
        None => refuse(format!(
            "Function call is missing a thought_signature in functionCall parts. This is required for tools to work \
             correctly, and missing thought_signature may lead to degraded model performance. Additional data, \
             function call `default_api:{name}` , position {position}. Please refer to \
             https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
        )),
        Some(signature) if signature == sign(name) || STAND_INS.contains(&signature) => Ok(()),
        Some(_) => refuse("Corrupted thought signature.".to_owned()),
    }
}
