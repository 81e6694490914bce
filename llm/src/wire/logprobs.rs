//! Log probabilities of tokens, in the forms of OpenAI and of Gemini.

use crate::{MessageChunk, TokenLogprob};
use serde_json::Value;

/// Reads a list of tokens in OpenAI's form. Elements that have no token are left out.
pub(crate) fn openai(list: &Value) -> Vec<TokenLogprob> {
    let tokens = list.as_array().into_iter().flatten();
    tokens.filter_map(|token| with_alternatives(token, &token["top_logprobs"])).collect()
}

/// Reads the tokens of a candidate of Gemini.
pub(crate) fn gemini(result: &Value) -> Vec<TokenLogprob> {
    let chosen = result["chosenCandidates"].as_array().into_iter().flatten().enumerate();
    let tops = &result["topCandidates"];
    chosen.filter_map(|(at, token)| with_alternatives(token, &tops[at]["candidates"])).collect()
}

/// Adds tokens to the metadata of a chunk, unless there are none.
pub(crate) fn add(tokens: Vec<TokenLogprob>, out: &mut Vec<MessageChunk>) {
    if !tokens.is_empty() {
        let mut chunk = MessageChunk::default();
        chunk.metadata_mut().logprobs = tokens;
        out.push(chunk);
    }
}

fn with_alternatives(token: &Value, alternatives: &Value) -> Option<TokenLogprob> {
    let mut token = one(token)?;
    token.alternatives = alternatives.as_array().into_iter().flatten().filter_map(one).collect();
    Some(token)
}

fn one(value: &Value) -> Option<TokenLogprob> {
    let token = value.get("token")?.as_str()?;
    let logprob = ["logprob", "logProbability"].iter().find_map(|key| value.get(key));
    // A missing number is the least likely one; servers leave out what JSON cannot write.
    let mut read = TokenLogprob::new(token, logprob.and_then(number).unwrap_or(f64::MIN));
    let bytes = value.get("bytes").and_then(Value::as_array);
    read.bytes = bytes.and_then(|bytes| bytes.iter().map(|byte| u8::try_from(byte.as_u64()?).ok()).collect());
    Some(read)
}

/// Reads a number, which may be a text.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tokens_are_read_with_their_alternatives() {
        let read = openai(&json!([
            {"token": "Yes", "logprob": -0.1, "bytes": [89, 101, 115],
             "top_logprobs": [{"token": "Yes", "logprob": -0.1}, {"token": "No", "logprob": "-2.4", "bytes": null}]},
            {"token": ".", "logprob": null},
            {"logprob": 1.0},
            null
        ]));
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].bytes.as_deref(), Some(&b"Yes"[..]));
        assert_eq!(read[0].alternatives[1], TokenLogprob::new("No", -2.4));
        assert!(read[1].probability() < f64::MIN_POSITIVE);
        for odd in [json!(null), json!(3), json!({}), json!("a")] {
            assert!(openai(&odd).is_empty() && gemini(&odd).is_empty());
        }
        let read = gemini(&json!({
            "chosenCandidates": [{"token": "Yes", "tokenId": 5, "logProbability": -0.1}, {"token": "."}],
            "topCandidates": [{"candidates": [{"token": "Yes", "logProbability": -0.1}, {"token": "No", "logProbability": -3}]}]
        }));
        assert_eq!(read[0].alternatives, [TokenLogprob::new("Yes", -0.1), TokenLogprob::new("No", -3.0)]);
        assert!(read[1].alternatives.is_empty());
    }
}
